# SPDX-License-Identifier: BSD-2-Clause
#
# What README.md begins with, in a root that has nothing (bare.sh).
cd /tmp/kldsim/clone
# A host without anything has no certificates, and apt needs to be told of no one.
apt-get -qq update
for command in $(sed -n 's|^    \./dev \([a-z]*\) .*|\1|p' README.md | head -n 2)
do
	echo "\$ ./dev $command"
	begun=$(date +%s)
	./dev "$command" || exit 1
	echo "./dev $command: $(($(date +%s) - begun)) s"
done
