#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# ./dev fuzz says what is wrong with its words, before it builds anything.
set -eu

# refused MESSAGE WORD...
refused() {
	want="dev: $1"
	shift
	status=0
	said=$(sh "$KLDSIM_SRC/dev" fuzz "$@" 2>&1) || status=$?
	if [ "$status" -ne 1 ] || [ "$said" != "$want" ]; then
		echo "fuzz $*: status $status, said '$said', not '$want'"
		exit 1
	fi
}

refused "there is no target nothing; see tests/fuzz/README.md" nothing 5
refused "for how many seconds? 'x5' is no number" hints x5
refused "for how many seconds? '5x' is no number" 5x
refused "for how many seconds? '' is no number" hints ''
refused "for how many seconds? '0' is less than 1" hints 0
refused "for how many seconds? '000' is less than 1" 000
refused "for how many seconds? '060' begins with 0" hints 060
