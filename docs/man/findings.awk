# SPDX-License-Identifier: BSD-2-Clause
#
# kldsim-findings(7), from the table of findings.
#
# usage: LC_ALL=C awk -f findings.awk -v out=PAGE lib/report/findings.def

BEGIN {
	line(".\\\" Made by findings.awk from the table of findings.")
	line(".Dd November 28, 2026")
	line(".Dt KLDSIM-FINDINGS 7")
	line(".Os")
	line(".Sh NAME")
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

function line(text) { print text >out }

# What mdoc has a macro for; else nothing.
function macro(word,    mark) {
	mark = ""
	if (word ~ /[.,;:?]$/) {
		mark = " " substr(word, length(word))
		word = substr(word, 1, length(word) - 1)
	}
	if (word ~ /^FreeBSD('s)?$/)
		return ".Fx" (word ~ /s$/ ? " Ns 's" : "") mark
	if (word ~ /^[a-z_]+\(\)$/)
		return ".Fn " substr(word, 1, length(word) - 2) mark
	return ""
}

function end_line() {
	if (column > 0)
		printf "\n" >out
	column = 0
}

# A text in lines, a sentence on its own.
function words(text,    at, i, lead, n, special, w) {
	n = split(text, w, " ")
	for (i = 1; i <= n; i++) {
		special = macro(w[i])
		if (special != "" || column + length(w[i]) > 76)
			end_line()
		if (special != "") {
			line(special)
			continue
		}
		at = index(w[i], "FreeBSD") # in the name of a notice
		if (at > 0)
			w[i] = substr(w[i], 1, at + 3) "\\&" \
			    substr(w[i], at + 4)
		lead = (column > 0) ? " " : (w[i] ~ /^[.']/) ? "\\&" : ""
		printf "%s%s", lead, w[i] >out
		column += length(w[i]) + 1
		if (w[i] ~ /[.?!]$/)
			end_line()
	}
	end_line()
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
