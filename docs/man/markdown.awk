# SPDX-License-Identifier: BSD-2-Clause
#
# A page from one of docs/*.md, of the Markdown that is written there: headings,
# paragraphs, tables, code.
#
# usage: LC_ALL=C awk -f mdoc.awk -f markdown.awk -v out=PAGE -v name=kldsim-spec
#     -v section=5 -v also="NAME SECTION ..." docs/spec.md

# Of several words that belong together: `a b`, **a b**.
function joined(text,    i, inside, n, part) {
	n = split(text, part, "`")
	text = part[1]
	for (i = 2; i <= n; i++) {
		if (i % 2 == 0) {
			gsub(/ /, "\001", part[i])
			gsub(/[*]/, "\002", part[i])
		}
		text = text "`" part[i]
	}
	n = split(text, part, /[*][*]/)
	text = part[1]
	for (i = 2; i <= n; i++) {
		if (i % 2 == 0)
			gsub(/ /, "\001", part[i])
		text = text "**" part[i]
	}
	return text
}

function end_paragraph() {
	if (paragraph != "") {
		if (started)
			line(".Pp")
		words(joined(paragraph))
		started = 1
	}
	paragraph = ""
}

function heading(how, text) {
	end_block("")
	gsub(/`/, "", text)
	line("." how " " escaped(text))
	started = 0
}

# --- Code -----------------------------------------------------------------

# What an empty line leaves open, the next one may belong to.
function end_block(next_one) {
	end_paragraph()
	if (block == next_one)
		return
	if (block == "code")
		line(".Ed")
	if (block == "table")
		line(".El")
	block = next_one
	if (block == "code")
		line(".Bd -literal -offset indent")
	started = 1
}

# --- Tables ---------------------------------------------------------------

# The cells of a row, in cell[1] and so on; how many.
function cells(row,    i, n) {
	gsub(/^[|] *| *[|]$/, "", row)
	n = split(row, cell, / *[|] */)
	for (i = 1; i <= n; i++)
		cell[i] = joined(cell[i])
	return n
}

# A cell within a line of a macro.
function in_line(text,    i, n, w, special) {
	n = split(text, w, " ")
	text = ""
	for (i = 1; i <= n; i++) {
		special = macro(w[i])
		sub(/^[.]Ql/, ".Cm", special) # which the rest of the line is not in
		text = text (i > 1 ? " " : "") \
		    (special != "" ? substr(special, 2) : escaped(w[i]))
	}
	return text
}

# A table whose last column is text is a list; another stays a table.
function table_head(row,    i) {
	ncolumns = cells(row)
	for (i = 1; i <= ncolumns; i++)
		title[i] = cell[i]
	as_list = title[ncolumns] ~ /^what/
	end_block("table")
	if (as_list)
		line(".Bl -tag -width Ds")
	else {
		line(".Bl -column \"versions\" \"entry-size\" \"number\" \"minimum\"")
		table_line()
	}
}

function table_line(    i, text) {
	for (i = 1; i <= ncolumns; i++)
		text = text (i > 1 ? " Ta " : "") in_line(cell[i])
	line(".It " text)
}

function table_row(row,    i, text) {
	if (cells(row) < ncolumns)
		cell[ncolumns] = ""
	if (!as_list) {
		table_line()
		return
	}
	line(".It " in_line(cell[1]))
	for (i = 2; i < ncolumns; i++)
		if (cell[i] != "")
			text = text (text == "" ? "" : ", ") \
			    (title[i] == "default" && cell[i] != "required" ? \
			    "default " : "") cell[i]
	words((text == "" ? "" : "(" text ") ") cell[ncolumns])
}

# --- Lines ----------------------------------------------------------------

/^```/ {
	end_block(block == "code" ? "" : "code")
	next
}
block == "code" { literal($0); next }

/^# / {
	head(toupper(name), section, "markdown.awk from " FILENAME)
	line(".Nm " name)
	sub(/^# [^:]*: /, "")
	line(".Nd " escaped($0))
	line(".Sh DESCRIPTION")
	next
}
/^## / { heading("Sh", toupper(substr($0, 4))); next }
/^### / { heading("Ss", substr($0, 5)); next }

/^[|][-|]+[|]$/ { next }
/^[|]/ {
	if (block != "table")
		table_head($0)
	else
		table_row($0)
	next
}

/^    / { # code without marks
	if (block != "indented") {
		end_block("indented")
		line(".Bd -literal -offset indent")
	}
	literal(substr($0, 5))
	next
}
block == "indented" { line(".Ed"); block = "" }

/^$/ { end_block(""); next }
{ paragraph = paragraph (paragraph == "" ? "" : " ") $0 }

END {
	end_block("")
	line(".Sh SEE ALSO")
	n = split(also, part, " ")
	for (i = 1; i <= n; i += 2)
		line(".Xr " part[i] " " part[i + 1] (i + 1 < n ? " ," : ""))
}
