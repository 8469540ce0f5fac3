#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs a program with libraries of a folder, behind those of LD_LIBRARY_PATH.
#
# usage: run.sh FOLDER PROGRAM ARGUMENT...
LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$1
export LD_LIBRARY_PATH
shift
exec "$@"
