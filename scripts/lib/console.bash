# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# console.bash: how the scripts speak. Errors are one line on stderr that says what to do;
# exit 1 means failed, 2 wrong usage.

# fail TEXT: the work could not be done.
fail()
{
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}

# misused TEXT: the command line cannot be meant.
misused()
{
    printf '%s: %s (see %s --help)\n' "${0##*/}" "$1" "${0##*/}" >&2
    exit 2
}

# help_print: the comment at the top of the running script, from its third line on, is its help.
help_print()
{
    sed -n '3,/^[^#]/ { /^#/ s/^# \{0,1\}//p }' "$0"
}

# duration_text SECONDS: "3 min 08 s".
duration_text()
{
    if (($1 >= 3600)); then
        printf '%d h %02d min' $(($1 / 3600)) $(($1 % 3600 / 60))
    elif (($1 >= 60)); then
        printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
    else
        printf '%d s' "$1"
    fi
}

# path_shown PATH: relative to the current directory where that is shorter to read.
path_shown()
{
    printf '%s' "${1#"$PWD"/}"
}

# words_quoted WORD…: a command line, quoted only where a shell would need it.
words_quoted()
{
    local word separator=''

    for word in "$@"; do
        if [[ ! $word =~ ^[[:alnum:]_.,:=/+@%-]+$ ]]; then
            word=${word@Q}
        fi
        printf '%s%s' "$separator" "$word"
        separator=' '
    done
}
