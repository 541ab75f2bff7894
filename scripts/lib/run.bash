# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# run.bash: the folder of one run: which trials are there, and which failed.
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

# The folder, absolute; empty when there is none (yet).
run=

# run_create DIR SUFFIXED: makes the folder; SUFFIXED=yes: under another name if this one is taken,
# as when two runs begin within a second.
run_create()
{
    local suffix=''

    if [[ $1 == */* ]]; then
        mkdir -p "${1%/*}"
    fi
    if [[ -d $1 ]]; then
        rmdir "$1" 2>/dev/null || true
    fi
    while ! mkdir "$1$suffix" 2>/dev/null; do
        [[ $2 == yes && -d $1$suffix ]] || fail "cannot make the folder $1$suffix"
        suffix=$((${suffix:--1} - 1))
    done
    run_open "$1$suffix"
    mkdir "$run/trials"
}

# run_open DIR: an existing folder. Held by one process at a time.
run_open()
{
    run=$(cd "$1" && pwd)
    exec {run_lock}<"$run"
    flock --nonblock "$run_lock" || fail "$(path_shown "$run") is being measured by another bench"
}

# trial_name INDEX BLOCK MODEL LEVEL: the name of its file. Of a level only what a name can hold is
# in it; the index tells those apart that then look alike.
trial_name()
{
    local level=${4//[^[:alnum:].+-]/_}
    printf '%04d-%s-%s-b%d' "$1" "$3" "${level:0:40}" "$2"
}

# run_has INDEX BLOCK MODEL LEVEL: this trial was measured.
run_has()
{
    [[ -n $run && -f $run/trials/$(trial_name "$@").json ]]
}

# run_count: how many were measured.
run_count()
{
    find "$run/trials" -name '*.json' ! -name '.*' 2>/dev/null | wc -l
}

# run_tidy: takes away what was being written when somebody was killed.
run_tidy()
{
    rm -f "$run"/.manifest.partial "$run"/trials/.*.partial "$run"/failed/*.partial
}

# failures_list: why trials failed, one line each; returns 1 when none did.
failures_list()
{
    local file

    # An empty folder is left where a second attempt succeeded.
    if [[ ! -d $run/failed ]] || rmdir "$run/failed" 2>/dev/null; then
        return 1
    fi
    for file in "$run"/failed/*.txt; do
        printf '  %s: %s\n' "$(path_shown "$file")" "$(head -n 1 "$file")"
    done
}
