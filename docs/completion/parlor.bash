# Completion of parlor(1) for bash.  Commands and options are read from
# `parlor help` of the program that is completed, so they are those it has.

# The lines of help that begin with a command: its name, operands and options.
_parlor_usage() {
	"$@" help 2>/dev/null | sed -n 's/^  \([a-z].*\)$/\1/p'
}

# Sets name, that in a line of usage: its words up to the first that is none.
_parlor_name() {
	local word
	name=
	for word in $1; do
		[[ $word =~ ^[a-z]+$ ]] || break
		name+=${name:+ }$word
	done
}

# Sets program (with the settings given), words (of the command) and options.
_parlor_read() {
	local i word
	program=("${COMP_WORDS[0]/#\~/$HOME}") words=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word != -* ]]; then
			words+=("$word")
		elif ((${#words[@]} == 0)) && [[ $word == --* ]]; then
			# A setting and its value; bash takes "=" for a word.
			[[ ${COMP_WORDS[i + 1]} == "=" ]] && ((i++))
			((++i < COMP_CWORD)) && program+=("$word" "${COMP_WORDS[i]}")
		elif [[ ${COMP_WORDS[i + 1]} == "=" ]]; then
			((i += 2))
		fi
	done
}

# The words that may come next in a command of which TYPED is there.
_parlor_next() {
	local typed=$1 line name rest
	while IFS= read -r line; do
		_parlor_name "$line"
		if [[ -z $typed ]]; then
			printf '%s\n' "${name%% *}"
		elif [[ $name == "$typed "* ]]; then
			rest=${name#"$typed "}
			printf '%s\n' "${rest%% *}"
		elif [[ "$typed " == "$name "* ]]; then
			grep -o -- '--[a-z-]*' <<<"$line"
			printf '%s\n' --help
		fi
	done
}

_parlor_rooms() {
	"${program[@]}" room list --all 2>/dev/null | cut -f 1
}

# What stands for a value after the word $1, or after the command $2.
_parlor_values() {
	case $1 in
	--notices) echo all quiet off ;;
	--data | --apache | --password-file) echo FILES ;;
	--*) ;;
	*)
		case $2 in
		backup | restore) echo FILES ;;
		'key add '?*) echo rooms alerts notifications ;;
		'room show' | 'room delete' | 'room owner' | 'room members') _parlor_rooms ;;
		'ban add' | 'ban list' | 'ban lift' | export | tail) _parlor_rooms ;;
		esac
		;;
	esac
}

_parlor() {
	local program words found typed
	local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	if [[ $cur == "=" ]]; then
		before=${COMP_WORDS[COMP_CWORD - 1]} cur=
	elif [[ $before == "=" ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	_parlor_read
	typed=${words[*]}
	[[ $typed == help* ]] && typed=${typed#help} typed=${typed# } before=
	found=$(_parlor_values "$before" "$typed")
	if [[ $found == FILES && $cur != -* ]]; then
		compopt -o default 2>/dev/null
		COMPREPLY=()
		return
	fi
	if [[ $before != --* || -z $found || $found == FILES ]]; then
		found=${found#FILES}
		found+=" $(_parlor_usage "${program[@]}" | _parlor_next "$typed")"
		[[ -z $typed ]] && found+=" --data --help --version"
	fi
	[[ $cur == -* ]] || found=$(tr ' ' '\n' <<<"$found" | grep -v '^-')
	mapfile -t COMPREPLY < <(compgen -W "$found" -- "$cur" | sort -u)
}

complete -F _parlor parlor
