# SPDX-License-Identifier: BSD-2-Clause
#
# A page of section 3, from a public header and its comments.
#
# usage: LC_ALL=C awk -f mdoc.awk -f header.awk -v out=PAGE include/kldsim/NAME.h
#
# A header is its guard; a comment that tells of all of it; then types and
# constants, some with a comment, and functions, each after a comment that
# begins with two asterisks.

BEGIN { state = "guard"; of_header = 1 }

# --- The text of comments -------------------------------------------------

# Paragraph by paragraph; of code and lists each line.
function comment_line(text) {
	sub(/^ ?\/?\*+\/?/, "", text)
	sub(/ *\*\/$/, "", text)
	if (text ~ /^\t/ || (kind == "code" && text == "")) {
		begin("code")
		code[++ncode] = substr(text, 2)
		return
	}
	if (text ~ /^ *$/) {
		begin("")
		return
	}
	if (text ~ /^  +- /) {
		begin("")
		begin("item")
		sub(/^ +- /, "", text)
	} else if (text ~ /^ [A-Z][a-z]+: /) {
		begin("")
		begin("tag")
	} else if (kind == "code" || kind == "")
		begin("text")
	paragraph = paragraph " " text
}

# What the lines that follow are; what was before is written.
function begin(what) {
	if (what == kind)
		return
	if (kind == "code")
		write_code()
	else if (kind != "")
		write_paragraph()
	paragraph = ""
	kind = what
}

function apart() {
	if (written)
		line(".Pp")
	written = 1
}

function write_paragraph(    at) {
	sub(/^ +/, "", paragraph)
	if (in_list && kind != "item")
		end_list()
	if (kind == "item") {
		if (!in_list)
			line(".Bl -bullet")
		in_list = 1
		line(".It")
	} else
		apart()
	if (kind == "tag") {
		at = index(paragraph, ":")
		line(".Sy " substr(paragraph, 1, at - 1) " :")
		paragraph = substr(paragraph, at + 1)
	}
	words(paragraph)
}

function end_list() {
	if (in_list)
		line(".El")
	in_list = 0
}

function write_code(    i) {
	while (ncode > 0 && code[ncode] ~ /^ *$/)
		ncode--
	end_list()
	line(".Bd -literal -offset indent")
	for (i = 1; i <= ncode; i++)
		literal(code[i])
	line(".Ed")
	ncode = 0
}

function end_comment() {
	begin("")
	end_list()
}

# --- What a header is made of ---------------------------------------------

# Comments and declarations are kept until all is read: NAME comes first.
function keep(what, text) { piece[++npieces] = what; body[npieces] = text }

function first_sentence(text,    short) {
	gsub(/\n \*\n.*/, "", text)
	gsub(/\n \*?/, " ", text)
	gsub(/  +/, " ", text)
	sub(/^\/\* */, "", text)
	match(text, /[.;?]( |$)/)
	short = substr(text, 1, RSTART - 1)
	if (short ~ /^[A-Z][a-z ]/)
		short = tolower(substr(short, 1, 1)) substr(short, 2)
	return short
}

# The name of a function, of a declaration in one line.
function function_name(text) {
	match(text, /[a-z_0-9]+[(]/)
	return substr(text, RSTART, RLENGTH - 1)
}

function synopsis(text,    c, depth, i, name, start, type) {
	name = function_name(text)
	type = substr(text, 1, RSTART - 1)
	sub(/ +$/, "", type)
	line(".Ft " type)
	line(".Fo " name)
	start = RSTART + RLENGTH
	for (i = start; i <= length(text); i++) {
		c = substr(text, i, 1)
		depth += (c == "(") - (c == ")")
		if ((c == "," && depth == 0) || depth < 0) {
			line(".Fa \"" substr(text, start, i - start) "\"")
			start = i + 2
		}
		if (depth < 0)
			break
	}
	line(".Fc")
}

function declaration(text) {
	gsub(/[ \n]+/, " ", text)
	gsub(/[(] /, "(", text)
	gsub(/KLDSIM_(API|CHECK) /, "", text)
	sub(/^ /, "", text)
	return text
}

function spoken(text,    i, n, part) {
	n = split(text, part, "\n")
	for (i = 1; i <= n; i++)
		comment_line(part[i])
	end_comment()
}

function shown(text,    i, n, part) {
	n = split(text, part, "\n")
	line(".Bd -literal")
	for (i = 1; i <= n; i++)
		literal(part[i])
	line(".Ed")
}

# --- Reading --------------------------------------------------------------

function end_piece(what) {
	keep(what, text)
	text = ""
	state = "between"
}

function add() { text = (text == "" ? "" : text "\n") $0 }

FNR == 1 {
	header = FILENAME
	sub(/.*\//, "", header)
	name = header
	sub(/[.]h$/, "", name)
}

state == "guard" && /^\/\*$/ { state = "comment"; comment = "head" }
state == "guard" { next }

state == "between" && /^(#(include|if|ifdef|ifndef|else|endif|undef)|extern "C"|}$)/ {
	if ($1 == "#include" && $2 ~ /^<kldsim\//)
		also[++nalso] = substr($2, 9, length($2) - 11)
	if ($1 == "#else")
		otherwise = 1 # what other compilers get
	if ($1 == "#endif")
		otherwise = 0
	next
}
state == "between" && (/^struct [a-z_0-9]+;$/ || /^$/ || otherwise) { next }
state == "between" && /^\/\*/ {
	state = "comment"
	comment = (/^\/\*\*/) ? "function" : "aside"
}
state == "between" { state = "code"; depth = 0 }

{ add() }

state == "comment" && /\*\/$/ { end_piece(comment); next }
state == "comment" { next }

# Code ends with its semicolon or macro, outside braces.
{
	bare = $0
	gsub(/\/\*[^*]*\*\//, "", bare)
	sub(/\/\*.*/, "", bare)
	depth += gsub(/{/, "", bare) - gsub(/}/, "", bare)
}
text ~ /^#/ {
	if (!/\\$/)
		end_piece("type")
	next
}
depth == 0 && bare ~ /; *$/ {
	end_piece(text ~ /KLDSIM_API/ ? "declaration" : "type")
}

# --- Writing --------------------------------------------------------------

# Its own, unless a function has it, and the functions'.
function write_name(    call, i, list) {
	list = "kldsim_" name
	for (i = 1; i <= npieces; i++)
		if (piece[i] == "declaration") {
			call = function_name(declaration(body[i]))
			if (call != "kldsim_" name)
				list = list " ,\n.Nm " call
		}
	head("KLDSIM_" toupper(name), 3, "header.awk from include/kldsim/" header)
	line(".Nm " list)
	line(".Nd " escaped(first_sentence(body[1])))
}

function write_synopsis(    i) {
	line(".Sh LIBRARY")
	line(name == "test" ? "kldsim-test (-lkldsim_test -lkldsim)" : \
	    "libkldsim (-lkldsim)")
	line(".Sh SYNOPSIS")
	line(".In kldsim/" header)
	for (i = 1; i <= npieces; i++)
		if (piece[i] == "declaration")
			synopsis(declaration(body[i]))
}

# An aside may be of several types and constants that follow it at once.
function write_types(    i, any) {
	for (i = 2; i <= npieces; i++) {
		if (piece[i] != "aside" && piece[i] != "type")
			continue
		if (!any)
			line(".Ss Types and constants")
		written = any
		any = 1
		if (piece[i] == "aside")
			spoken(body[i])
		else
			shown(body[i])
	}
}

function write_functions(    i, any) {
	for (i = 2; i <= npieces; i++) {
		if (piece[i] != "function")
			continue
		if (!any)
			line(".Ss Functions\n.Bl -tag -width Ds")
		any = 1
		line(".It Fn " function_name(declaration(body[i + 1])))
		written = 0
		spoken(body[i])
	}
	if (any)
		line(".El")
}

function write_also(    i) {
	line(".Sh SEE ALSO")
	line(".Xr kldsim 3" (nalso ? " ," : ""))
	for (i = 1; i <= nalso; i++)
		line(".Xr kldsim_" also[i] " 3" (i < nalso ? " ," : ""))
}

END {
	write_name()
	write_synopsis()
	line(".Sh DESCRIPTION")
	spoken(body[1])
	write_types()
	write_functions()
	write_also()
}
