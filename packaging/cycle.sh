# SPDX-License-Identifier: BSD-2-Clause
#
# The life of the packages, in a root by itself (bare.sh): they are installed,
# tried, installed anew and removed.
cd /tmp/kldsim

fail() {
	echo "packages: $*" >&2
	exit 1
}

ours() {
	dpkg -l | awk '/kldsim/ { print $2 }'
	find / -xdev \( -path /tmp -o -path /proc -o -path /var/cache/man \) \
	    -prune -o -name '*kldsim*' -print
}

apt() {
	apt-get -qq -y --no-install-recommends "$@" >apt.log 2>&1 || {
		cat apt.log
		fail "apt-get $1"
	}
}

remove() {
	# shellcheck disable=SC2046 # a list of words
	apt purge $(dpkg -l | awk '/kldsim/ { print $2 }')
}

apt update
[ -z "$(ours)" ] || remove	# a run that failed has left them
apt install gcc libc6-dev pkg-config man-db
[ -z "$(ours)" ] || fail "there before: $(ours)"
apt install ./*.deb

# The command, a page, completion.
kldsim --version
kldsim synth kernel.yaml -o kernel
kldsim synth foo.yaml -o foo.ko
kldsim load -q kernel ./foo.ko
kldsim explain A-10 | grep -q roundup2 || fail "no rule book"
PAGER=cat MANPAGER=cat kldsim help kldsim_kldload | grep -q kldunload ||
    fail "kldsim help shows no page"
bash -c '. /usr/share/bash-completion/completions/kldsim
    COMP_WORDS=(kldsim expl) COMP_CWORD=1; _kldsim
    [ "${COMPREPLY[*]}" = explain ]' || fail "no completion"

# An archive, which libarchive(3) reads.
tar -cf modules.tar foo.ko
kldsim load -q kernel modules.tar || fail "no archives"

# The library: the example of its page, both ways.
gzip -dc /usr/share/man/man3/kldsim.3.gz |
    sed -n '/^#include/,/^\.Ed/{/^\.Ed/!p;}' | sed 's/\\e/\\/g' >page.c
# shellcheck disable=SC2046 # a list of words
{
	gcc -Wall -Werror -o page page.c $(pkg-config --cflags --libs kldsim)
	gcc -o static page.c -Wl,-Bstatic $(pkg-config --cflags --libs kldsim) \
	    -Wl,-Bdynamic $(pkg-config --static --libs-only-l kldsim |
		sed 's/-lkldsim//')
}
for program in ./page ./static; do
	[ "$($program kernel foo.ko | tail -n 1)" = 'foo.ko: loaded' ] ||
	    fail "$program does not load"
done
readelf -d page | grep -q 'NEEDED.*libkldsim\.so' || fail "not linked with it"

# Hardening.
for file in /usr/bin/kldsim /usr/lib/*/libkldsim.so.?; do
	readelf -W -d "$file" | grep -q BIND_NOW || fail "$file: no BIND_NOW"
	readelf -W -l "$file" | grep -q GNU_RELRO || fail "$file: no RELRO"
	readelf -W -h "$file" | grep -q 'Type: *DYN' || fail "$file: no PIE"
	readelf -W -l "$file" | grep 'GNU_STACK' | grep -q 'RW ' ||
	    fail "$file: its stack is executable"
	symbols=$(readelf -W --dyn-syms "$file")
	case $symbols in
	*__stack_chk_fail*) ;;
	*) fail "$file: no stack protector" ;;
	esac
	case $symbols in
	*_chk@*) ;;
	*) fail "$file: not fortified" ;;
	esac
done

apt install --reinstall ./*.deb
kldsim load -q kernel ./foo.ko
remove
[ -z "$(ours)" ] || fail "left behind: $(ours)"
echo "packages: installed, tried, installed again, removed"
