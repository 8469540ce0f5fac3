/* SPDX-License-Identifier: BSD-2-Clause */

/* The page's style and script; see assets.h. */

#include "html/assets.h"

#include "assets.inc"
