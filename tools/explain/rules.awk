# SPDX-License-Identifier: BSD-2-Clause
#
# The rules of the rule books, for rules.c: a row of table and text for each.
# A rule is a paragraph that begins with its id, and all up to the next rule
# or heading; or a row of a table, whose cells are shown under their headings.
# usage: LC_ALL=C awk -f rules.awk -v out=FILE BOOK...; offsets are in bytes.

# What gsub() makes of backslashes differs from awk to awk.
function quoted(line,    c, i, out) {
	if (!index(line, "\\") && !index(line, "\""))
		return line
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		out = out (c == "\\" || c == "\"" ? "\\" : "") c
	}
	return out
}

# Empty lines wait for one that is none: none come last.
function add(line) {
	if (line == "") {
		empty++
		return
	}
	while (started && empty > 0) {
		text[++lines] = ""
		at++
		empty--
	}
	empty = 0
	text[++lines] = line
	at += length(line) + 1
	started = 1
}

function finish() {
	if (id != "")
		row[++rows] = sprintf("{ \"%s\", %d, %d },", id, from,
		    at - from)
	id = ""
}

function begin(name) {
	finish()
	id = name
	from = at
	started = 0
	empty = 0
}

function trim(cell) {
	sub(/^ */, "", cell)
	sub(/ *$/, "", cell)
	return cell
}

function table_row(    cells, cell, i, n) {
	n = split($0, cells, "|")
	begin(trim(cells[2]))
	for (i = 3; i < n; i++) {
		cell = trim(cells[i])
		if (cell != "")
			add(heading[i] == "" ? cell : heading[i] ": " cell)
	}
	finish()
}

FNR == 1 || /^#/ { finish() }
/^#/ { next }

/^\*\*[A-Z]-[0-9][0-9]+\*\*/ {
	match($0, /[A-Z]-[0-9]+/)
	begin(substr($0, RSTART, RLENGTH))
	sub(/^\*\*[A-Z]-[0-9]+\*\* */, "")
	add($0)
	next
}

/^\| *[A-Z]-[0-9][0-9]+ *\|/ { table_row(); next }

# The line before |---| has the headings.
/^\|[-:| ]+\|$/ {
	n = split(before, heading, "|")
	for (i = 1; i <= n; i++)
		heading[i] = trim(heading[i])
}

{ before = $0 }
id != "" { add($0) }

END {
	finish()
	print "/* Made by rules.awk. */" >out
	print "static const struct rule rules[] = {" >out
	for (i = 1; i <= rows; i++)
		print "\t" row[i] >out
	print "};" >out
	print "static const char text[] =" >out
	for (i = 1; i <= lines; i++)
		print "\t\"" quoted(text[i]) "\\n\"" >out
	print "\t;" >out
}
