/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_KLDSIM_H
#define KLDSIM_KLDSIM_H

/*
 * libkldsim: FreeBSD's kernel linker as a userland library.
 *
 * This header includes all the others.  Names that begin with kldsim__ are
 * the library's own.  No state is global: one thread at a time may use a
 * simulated kernel, any number of kernels can run in parallel.
 */

#include <kldsim/check.h>
#include <kldsim/core.h>
#include <kldsim/ddb.h>
#include <kldsim/events.h>
#include <kldsim/gdb.h>
#include <kldsim/hints.h>
#include <kldsim/image.h>
#include <kldsim/kbi.h>
#include <kldsim/kld.h>
#include <kldsim/kvm.h>
#include <kldsim/memory.h>
#include <kldsim/names.h>
#include <kldsim/next_boot.h>
#include <kldsim/options.h>
#include <kldsim/reduce.h>
#include <kldsim/refs.h>
#include <kldsim/report.h>
#include <kldsim/snapshot.h>
#include <kldsim/source.h>
#include <kldsim/spec.h>
#include <kldsim/stale.h>
#include <kldsim/status.h>
#include <kldsim/synth.h>
#include <kldsim/synth_ctf.h>
#include <kldsim/sysctl.h>
#include <kldsim/trace.h>
#include <kldsim/types.h>
#include <kldsim/types_build.h>
#include <kldsim/value.h>
#include <kldsim/vimage.h>

#endif
