/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_main.h"

struct support_arguments support_arguments;
