# SPDX-License-Identifier: BSD-2-Clause
#
# kldsim-findings(7), from the table of findings.
#
# usage: LC_ALL=C awk -f mdoc.awk -f findings.awk -v out=PAGE lib/report/findings.def

BEGIN {
	head("KLDSIM-FINDINGS", 7, "findings.awk from the table of findings")
	line(".Nm kldsim-findings")
	line(".Nd what kldsim finds, and what to do about it")
	line(".Sh DESCRIPTION")
	line("A finding is what is worth knowing and the kernel would not say.")
	line("Its code is for good; its severity is that of a kernel that goes on,")
	line("and")
	line(".Sq panic")
	line("where the real one would not have survived.")
	line("The text of a report says what is special to one; what holds for")
	line("all of a code is here, and")
	line(".Xr kldsim-explain 1")
	line("shows it, and the rules.")
}

# The strings of an entry, put together; quotes inside them become 'q'.
function strings(entry,    i, n, part, joined) {
	gsub(/\\"/, "\001", entry)
	n = split(entry, part, "\"")
	count = 0
	for (i = 2; i <= n; i += 2) {
		joined = part[i]
		# "a" "b" is one string.
		while (part[i + 1] ~ /^ *$/ && i + 2 <= n) {
			i += 2
			joined = joined part[i]
		}
		gsub(/\001/, "\"", joined)
		string[++count] = joined
	}
}

function finding(entry,    severity) {
	strings(entry)
	match(entry, /, (NOTE|WARNING|PANIC),/)
	severity = tolower(substr(entry, RSTART + 2, RLENGTH - 3))
	if (!listed)
		line(".Bl -tag -width Ds")
	listed = 1
	line(".It Sy " string[1] " Pq " severity)
	words(string[3])
	line(".Pp")
	line("The kernel:")
	words(string[4])
	line(".Pp")
	line("What to do:")
	words(string[5])
	if (string[2] != "") {
		gsub(/,/, ", ", string[2])
		line(".Pp")
		line("Rules: " string[2])
	}
}

function end_list() {
	if (listed)
		line(".El")
	listed = 0
}

/^\/\* [A-Z].*\*\/$/ && !/SPDX/ {
	end_list()
	heading = $0
	sub(/^\/\* */, "", heading)
	sub(/ *\*\/$/, "", heading)
	sub(/[.?]? *$/, "", heading)
	sub(/ \(section [0-9]+\)/, "", heading)
	line(".Ss " heading)
}

/^FINDING\(/ { entry = "" ; inside = 1 }
inside { entry = entry $0 " " } # some awks split at newlines, too
inside && /\)$/ && $0 !~ /^FINDING\(/ { finding(entry); inside = 0 }

END {
	end_list()
	line(".Sh SEE ALSO")
	line(".Xr kldsim 1 ,")
	line(".Xr kldsim-explain 1")
}
