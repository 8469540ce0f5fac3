# SPDX-License-Identifier: BSD-2-Clause
#
# Which page of section 3 tells of a function: TOPIC("FUNCTION", "PAGE").
#
# usage: LC_ALL=C awk -f topics.awk -v out=FILE include/kldsim/*.h

FNR == 1 {
	page = FILENAME
	sub(/.*\//, "", page)
	sub(/[.]h$/, "", page)
	statement = ""
	inside = 0
}

/^KLDSIM_API / { inside = 1 }

inside { statement = statement " " $0 }

inside && /;$/ {
	match(statement, /[a-z_0-9]+[(]/)
	print "TOPIC(\"" substr(statement, RSTART, RLENGTH - 1) "\", \"kldsim_" \
	    page "\")" >out
	statement = ""
	inside = 0
}
