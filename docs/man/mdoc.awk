# SPDX-License-Identifier: BSD-2-Clause
#
# What the pages that are made have in common: text as mdoc.  "out" is the page.

function line(text) { print text >out }

function head(title, section, made) {
	line(".\\\" Made by " made ".")
	line(".Dd November 29, 2026")
	line(".Dt " title " " section)
	line(".Os")
	line(".Sh NAME")
}

# As an argument of a macro.
function quoted(text) {
	gsub(/\\/, "\\e", text)
	gsub(/"/, "\"\"", text)
	gsub(/\001/, " ", text) # as markdown.awk keeps them together
	gsub(/\002/, "*", text)
	return "\"\\&" text "\""
}

# What mdoc has a macro for; else nothing.
function macro(word,    before, call, mark, name) {
	mark = before = ""
	while (word ~ /[.,;:?)]$/ && word !~ /[(][0-9]?[)]$/) {
		mark = " " substr(word, length(word)) mark
		word = substr(word, 1, length(word) - 1)
	}
	if (word ~ /'s$/) {
		mark = " Ns 's" mark
		word = substr(word, 1, length(word) - 2)
	}
	if (word ~ /^[(]/) {
		before = "No \\&( Ns "
		word = substr(word, 2)
	}
	if (word ~ /^`[a-z_0-9]+[(][)]`$/)
		word = substr(word, 2, length(word) - 2)
	if (word == "FreeBSD")
		call = "Fx"
	else if (word ~ /^`[^`]+`$/)
		call = "Ql " quoted(substr(word, 2, length(word) - 2))
	else if (word ~ /^\*\*[^*]+\*\*$/)
		call = "Em " quoted(substr(word, 3, length(word) - 4))
	else if (word == "docs/spec.md")
		call = "Xr kldsim-spec 5"
	else if (of_header && word ~ /^[a-z_]+[.]h$/)
		call = "Xr kldsim_" substr(word, 1, length(word) - 2) " 3"
	else if (word ~ /^[a-z_0-9]+[(][)]$/)
		call = "Fn " substr(word, 1, length(word) - 2)
	else if (word ~ /^[a-z_.0-9]+[(][0-9][)]$/) {
		name = word
		sub(/[(].*/, "", name)
		call = "Xr " name " " substr(word, length(word) - 1, 1)
	} else
		return ""
	return "." before call mark
}

function end_line() {
	if (column > 0)
		printf "\n" >out
	column = 0
}

# What mdoc would take for its own.
function escaped(word,    at) {
	gsub(/\\/, "\\e", word)
	at = index(word, "FreeBSD") # in the name of a notice
	if (at > 0)
		word = substr(word, 1, at + 3) "\\&" substr(word, at + 4)
	sub(/^--/, "\\-\\-", word)
	return word
}

# A text in lines, a sentence on its own.
function words(text,    i, lead, n, special, w) {
	n = split(text, w, " ")
	for (i = 1; i <= n; i++) {
		special = macro(w[i])
		if (special != "" || column + length(w[i]) > 76)
			end_line()
		if (special != "") {
			line(special)
			continue
		}
		lead = (column > 0) ? " " : (w[i] ~ /^[.']/) ? "\\&" : ""
		printf "%s%s", lead, escaped(w[i]) >out
		column += length(w[i]) + 1
		if (w[i] ~ /[.?!][)]?$/)
			end_line()
	}
	end_line()
}

# A line as it stands.
function literal(text) {
	gsub(/\\/, "\\e", text)
	line((text ~ /^[.']/ ? "\\&" : "") text)
}
