#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# An upgrade rehearsal.  NEW is the system of the next boot, a boot environment
# that is mounted or an image; OLD the kernel that its packages were built for.
# Will NEW come up with all that it loads, and do its modules mean the same as
# its kernel does?  The status is 0 if nothing is in the way.
#
# Here is a system of one module, whose structure has another layout since:
#
#	$ mkdir -p new/boot/kernel new/boot/modules new/boot/defaults new/etc
#	$ kldsim synth ../../examples/upgrade/old.yaml -o kernel.old
#	$ kldsim synth ../../examples/upgrade/new.yaml -o new/boot/kernel/kernel
#	$ kldsim synth ../../examples/upgrade/user.yaml -o new/boot/modules/user.ko
#	$ echo 'module_path="/boot/modules"' >new/boot/defaults/loader.conf
#	$ echo 'kld_list="user"' >new/etc/rc.conf
#	$ ../../examples/upgrade.sh kernel.old new
#	/boot/kernel/kernel, FreeBSD 14.3, module_path /boot/kernel;/boot/modules
#	user                      ok               kld_list  /etc/rc.conf:1
#	comes up: 1 ok
#	  user.ko              rebuild              f: struct foo
#	$ echo $?
#	1

if [ $# -ne 2 ]; then
	echo "usage: upgrade.sh OLD NEW" >&2
	exit 2
fi
status=0
kldsim check --root "$2" || status=$?
kldsim kbi -q --against "$1" "$2/boot/kernel" "$2/boot/modules" || status=$?
exit "$status"
