#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: tests/cli/run.sh [KLDSIM [FIXTURES]]
#
# All tests of the command: with a library that only pretends, and with the
# real one.  Both places may also be given by the environment.
set -u
here=$(dirname "$0")
KLDSIM=${1:-${KLDSIM:-$here/../../build/gcc/bin/kldsim}}
KLDSIM_FIXTURES=${2:-${KLDSIM_FIXTURES:-${FIXTURES:-$here/../../build/fixtures}}}
PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$here/..
export KLDSIM KLDSIM_FIXTURES PYTHONDONTWRITEBYTECODE PYTHONPATH
failed=0
for test in "$here"/test_*.py; do
	"${PYTHON:-python3}" "$test" || failed=$?
done
exit "$failed"
