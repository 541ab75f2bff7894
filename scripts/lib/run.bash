# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# run.bash: the folder of one run: which trials are there, and which failed.
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

# The folder, absolute; empty when there is none (yet).
run=
# What servers and the guard take at most to be gone after a bench was killed.
RUN_LOCK_S=45

# run_create DIR SUFFIXED: makes the folder; SUFFIXED=yes: under another name if this one is taken,
# as when two runs begin within a second.
run_create()
{
    local suffix=''

    if [[ $1 == */* ]]; then
        mkdir -p "${1%/*}"
    fi
    if [[ -d $1 ]] && run_is_blank "$1"; then
        rm -rf "$1"
    fi
    while ! mkdir "$1$suffix" 2>/dev/null; do
        [[ $2 == yes && -d $1$suffix ]] || fail "cannot make the folder $1$suffix"
        suffix=$((${suffix:--1} - 1))
    done
    run_open "$1$suffix"
    mkdir "$run/trials"
}

# run_open DIR: an existing folder. Held by one process at a time. What a bench has started holds it
# as well: a bench that was killed is waited for until all of that is gone.
run_open()
{
    run=$(cd "$1" && pwd)
    exec {run_lock}<"$run"
    if ! flock --nonblock "$run_lock"; then
        if run_is_measured; then
            fail "$(path_shown "$run") is being measured by another bench"
        fi
        printf 'waiting until what the last bench left has ended\n' >&2
        flock --timeout "$RUN_LOCK_S" "$run_lock" ||
            fail "$(path_shown "$run") is held by what another bench has left running"
    fi
    printf '%d\n' $$ >"$run/.bench"
}

# run_is_measured: by a bench that is alive.
run_is_measured()
{
    local pid

    pid=$(cat "$run/.bench" 2>/dev/null) && [[ -n $pid ]] &&
        grep -qszx "MUELLE_CAMPAIGN=$pid\..*" "/proc/$pid/environ"
}

# run_close: nobody measures it any more.
run_close()
{
    if [[ -n $run ]]; then
        rm -f "$run/.bench"
        exec {run_lock}<&-
    fi
}

# run_is_blank DIR: nothing is in it but what a bench makes before it measures.
run_is_blank()
{
    [[ -z $(find "$1" -mindepth 1 ! -path "$1/trials" ! -name .bench ! -name .manifest.partial \
        -print -quit) ]]
}

# file_keep PARTIAL FILE: gives what was written its name. On the disk before it has it, so a power
# cut leaves all of the file or none.
file_keep()
{
    sync "$1"
    mv "$1" "$2"
    sync "${2%/*}"
}

# trial_name VARIABLE INDEX BLOCK MODEL LEVEL: sets the caller's variable to the name of its file; a
# MODEL' is a MODEL-again there. Of a level only what a name can hold is in it; the index tells those
# apart that then look alike.
trial_name()
{
    local level_named=${5//[^[:alnum:].+-]/_}
    printf -v "$1" '%04d-%s-%s-b%d' "$2" "${4/%\'/-again}" "${level_named:0:40}" "$3"
}

# run_has INDEX BLOCK MODEL LEVEL: this trial was measured. Somebody may have compressed it since.
run_has()
{
    local name

    [[ -n $run ]] || return 1
    trial_name name "$@"
    [[ -s $run/trials/$name.json || -s $run/trials/$name.json.gz ]]
}

# run_count: how many were measured.
run_count()
{
    local file count=0

    for file in "$run"/trials/*.json "$run"/trials/*.json.gz; do
        if [[ -e $file ]]; then
            ((++count))
        fi
    done
    printf '%d' "$count"
}

# run_tidy: takes away what was being written when somebody was killed.
run_tidy()
{
    rm -f "$run"/.manifest.partial "$run"/{trials,capacity}/.*.partial "$run"/failed/*.partial
}

# run_mend: takes away files of trials that are no JSON: a disk may lose what it had promised to keep.
run_mend()
{
    local file

    for file in "$run"/{trials,capacity}/*.json; do
        if [[ -e $file ]] && { [[ ! -s $file ]] || ! jq -e .format "$file" >/dev/null 2>&1; }; then
            printf '%s is broken and measured again\n' "$(path_shown "$file")" >&2
            rm "$file"
        fi
    done
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
