# SPDX-License-Identifier: BSD-2-Clause
#
# bash: completion of kldsim, by kldsim itself.

_kldsim()
{
	local line word=${COMP_WORDS[COMP_CWORD]}
	local IFS=$'\n'

	[ "$word" = = ] && word=
	COMPREPLY=()
	while read -r line; do
		case $line in
		:files)
			compopt -o filenames
			COMPREPLY+=($(compgen -f -- "$word")) ;;
		:folders)
			compopt -o filenames
			COMPREPLY+=($(compgen -d -- "$word")) ;;
		*)
			line=${line%%$'\t'*}
			case $line in
			*=) compopt -o nospace ;;
			esac
			COMPREPLY+=("$line") ;;
		esac
	done < <(command kldsim --complete "${COMP_WORDS[@]:1:COMP_CWORD}" \
	    2>/dev/null)
}

complete -F _kldsim kldsim
