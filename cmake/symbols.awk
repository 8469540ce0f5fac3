# SPDX-License-Identifier: BSD-2-Clause
#
# The version script of the shared library: what the public headers declare is
# exported, each function with the version that its comment says (Since: 0.2.),
# and those that say none with the first.
#
# usage: LC_ALL=C awk -f symbols.awk -v out=FILE include/kldsim/*.h

/^\/\*\*/ { since = "0.1" }

/^ \* Since: / {
	since = $3
	sub(/[.]$/, "", since)
}

/^KLDSIM_API / { inside = 1 }

inside { statement = statement " " $0 }

inside && /;$/ {
	match(statement, /[a-z_0-9]+[(]/)
	names[since] = names[since] "\t" substr(statement, RSTART,
	    RLENGTH - 1) ";\n"
	statement = ""
	inside = 0
}

function number(version,    part) {
	split(version, part, ".")
	return 1000 * part[1] + part[2]
}

END {
	for (version in names)
		left++
	for (; left > 0; left--) {
		first = ""
		for (version in names)
			if (!(version in written) && (first == "" ||
			    number(version) < number(first)))
				first = version
		printf "KLDSIM_%s {\nglobal:\n%s", first, names[first] >out
		if (before == "")
			print "local:\n\t*;" >out
		print "}" before ";" >out
		before = " KLDSIM_" first
		written[first] = 1
	}
}
