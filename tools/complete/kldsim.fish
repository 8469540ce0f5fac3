# SPDX-License-Identifier: BSD-2-Clause
#
# fish: completion of kldsim, by kldsim itself.

function __kldsim_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l kept (string match -r -- '^--[^=]*=' $words[-1])
	set -l begun (string replace -r -- '^--[^=]*=' '' $words[-1])

	for line in (command kldsim --complete $words[2..-1] 2>/dev/null)
		switch $line
			case :files
				printf '%s\n' "$kept"(__fish_complete_path "$begun")
			case :folders
				printf '%s\n' "$kept"(__fish_complete_directories "$begun" '')
			case '*'
				printf '%s\n' $line
		end
	end
end

complete -c kldsim -f -a '(__kldsim_complete)'
