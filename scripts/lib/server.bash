# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# server.bash: the server of a trial, a model of muelle-server or an external one, from its start to
# its end.
#
# It is ended by its id and waited for. Should this script be killed outright, the kernel tells it
# (setpriv --pdeathsig), and guard.bash ends what descends from it. It runs in a session of its own,
# so Ctrl-C on the terminal reaches only this script, which then stops everything in order.
# shellcheck disable=SC2034 # much of what is set here is for those who source it
# shellcheck source=lib/build.bash
source "${BASH_SOURCE[0]%/*}/build.bash"
# shellcheck source=lib/catalogue.bash
source "${BASH_SOURCE[0]%/*}/catalogue.bash"
# shellcheck source=lib/external.bash
source "${BASH_SOURCE[0]%/*}/external.bash"
# shellcheck source=lib/pinning.bash
source "${BASH_SOURCE[0]%/*}/pinning.bash"
# shellcheck source=lib/settings.bash
source "${BASH_SOURCE[0]%/*}/settings.bash"

# Statuses of the programs, and of a trial.
STATUS_MISUSED=2
STATUS_NOT_TRUSTED=3
STATUS_NOT_AVAILABLE=77

# Running now; empty when not.
server_pid=
# Where programs write until a trial is whole.
scratch=
# Why the last trial was not measured, and what is to be said of one that was.
trial_reason=
trial_notice=
# What this machine cannot run, "model NAME" and "level LEVEL", and why.
declare -gA unavailable=()
# External servers that were ready once: what they fail at later may pass.
declare -gA external_was_ready=()

# server_start MODEL: sets server_pid, server_address and server_command. 0 when it is ready; 77
# when this machine cannot run it (then `unavailable` knows), 2 when it refuses its command line, 1
# when it failed otherwise.
server_start()
{
    if is_external "$1"; then
        external_start "$1"
    else
        model_start "$1"
    fi
}

# server_stop MODEL: has it drain and end. 0 when it ended as it should.
server_stop()
{
    if is_external "$1"; then
        external_stop "$1"
    else
        model_stop
    fi
}

# model_start MODEL: of muelle-server, which says on its stdout when it is ready.
model_start()
{
    local model=$1 line='' status=0 server_fd option
    local program=muelle-server

    server_command=("$(program_path "$program")" --model "$model" --port 0
        --counters "$scratch/counters.json")
    for option in "${SERVER_OPTIONS[@]}"; do
        if [[ -n ${at[$option]} ]] && model_obeys "$model" "$option"; then
            server_command+=("--$option" "${at[$option]}")
        fi
    done
    if [[ -n ${at[protocol]} ]]; then
        server_command+=(--protocol "${at[protocol]}")
    fi
    server_spawn "$scratch/server.out"
    exec {server_fd}<"$scratch/server.out"
    IFS= read -r -t "$(duration_s "${setting[ready-timeout]}")" -u "$server_fd" line || status=$?
    exec {server_fd}<&-
    if [[ $line =~ ^listening\ ([^\ ]+:[0-9]+)\  ]]; then
        server_address=${BASH_REMATCH[1]}
        return 0
    fi

    if ((status != 1)); then
        model_stop || true
        trial_reason="$program said '$line' within ${setting[ready-timeout]}, not 'listening …'"
        return 1
    fi
    # It closed its stdout without a word: it has ended, or is about to.
    server_reap || status=$?
    if ((status == STATUS_NOT_AVAILABLE)); then
        trial_reason="$model: $(last_line "$scratch/server.txt")"
        unavailable["model $model"]=$trial_reason
    else
        trial_reason="$program ended with status $status before it was ready$(
            last_words "$scratch/server.txt"
        )"
    fi
    status_reduce "$status"
}

model_stop()
{
    local status=0

    kill -TERM "$server_pid" 2>/dev/null || true
    server_reap || status=$?
    case $status in
    0) ;;
    124)
        trial_reason="muelle-server had not stopped after ${setting[stop-timeout]} and was killed"
        ;;
    *) trial_reason="muelle-server ended with status $status$(last_words "$scratch/server.txt")" ;;
    esac
    return "$status"
}

# external_start NAME: one that was never ready is not tried again: it will not be better.
external_start()
{
    local port status=0 until_ms

    port=$(port_free)
    server_address=127.0.0.1:$port
    server_command=(bash -c "exec ${external_command[$1]//'{port}'/$port}")
    : >"$scratch/output.txt"
    server_spawn "$scratch/output.txt"
    until_ms=$(($(now_ms) + $(duration_ms "${setting[ready-timeout]}")))
    while ! external_is_ready "$1" "$port" "$scratch/output.txt"; do
        if ! kill -0 "$server_pid" 2>/dev/null; then
            server_reap || status=$?
            trial_reason="$1 ended with status $status before it was ready$(
                last_words "$scratch/server.txt"
            )"
        elif (($(now_ms) > until_ms)); then
            session_end
            trial_reason="$1 was not ready within ${setting[ready-timeout]}$(
                last_words "$scratch/server.txt"
            )"
        else
            sleep 0.02
            continue
        fi
        if [[ -z ${external_was_ready[$1]-} ]]; then
            unavailable["model $1"]=$trial_reason
            trial_notice="$trial_reason; it is not tried again"
        fi
        return 1
    done
    external_was_ready[$1]=yes
}

# external_stop NAME: with which status others end when they are told to is theirs to choose.
external_stop()
{
    local status=0

    if ! kill -0 "$server_pid" 2>/dev/null; then
        server_reap || status=$?
        trial_reason="$1 ended by itself with status $status$(last_words "$scratch/server.txt")"
        return 1
    fi
    if ! session_end; then
        trial_notice="$1 does not end within ${setting[stop-timeout]} of SIGTERM and is killed"
    fi
}

# server_spawn OUTPUT: starts `server_command` on the server's cores, in a session of its own.
server_spawn()
{
    setpriv --pdeathsig TERM setsid taskset --cpu-list "$server_cores" "${pinning_policy[@]}" \
        "${server_command[@]}" >"$1" 2>"$scratch/server.txt" &
    server_pid=$!
}

# session_end: ends all that runs in the server's session, politely; 1 if something was killed.
session_end()
{
    local session=$server_pid status=0

    kill -TERM -- "-$session" 2>/dev/null || true
    server_reap || status=$?
    # A wrapper may have ended before the server it has started.
    if ! session_await "$session"; then
        kill -KILL -- "-$session" 2>/dev/null || true
        status=124
    fi
    ((status != 124))
}

# session_await PID: until nothing is left of that session, at most as long as a server may take.
session_await()
{
    local until_ms

    until_ms=$(($(now_ms) + $(duration_ms "${setting[stop-timeout]}")))
    while kill -0 -- "-$1" 2>/dev/null; do
        (($(now_ms) < until_ms)) || return 1
        sleep 0.02
    done
}

# server_reap: waits until the server has ended, at most its time to stop; then it is killed with
# all of its session. Returns its status, 124 if it was killed.
server_reap()
{
    local status=0 killed=''

    server_await || killed=yes
    wait "$server_pid" || status=$?
    server_pid=
    if [[ -n $killed ]]; then
        status=124
    fi
    return "$status"
}

server_await()
{
    if ! process_await "$server_pid" "$(duration_s "${setting[stop-timeout]}")"; then
        kill -KILL -- "-$server_pid" 2>/dev/null || true
        return 1
    fi
}

# server_abandon: ends it, whatever it is at; made for a trap (see trial_abandon).
server_abandon()
{
    if [[ -n $server_pid ]]; then
        kill -TERM -- "-$server_pid" 2>/dev/null || kill -TERM "$server_pid" 2>/dev/null || true
        server_await || true
        server_pid=
    fi
}

# process_await PID SECONDS: until it has ended; 1 if it has not by then. It leaves the status to
# be asked for by `wait`, which knows no limit.
process_await()
{
    timeout "$2" tail --sleep-interval=0.02 --pid="$1" -f /dev/null
}

# status_reduce STATUS: what a program's failure means for the trial: 77, 2 or 1.
status_reduce()
{
    case $1 in
    "$STATUS_NOT_AVAILABLE" | "$STATUS_MISUSED") return "$1" ;;
    *) return 1 ;;
    esac
}

now_ms()
{
    printf '%d' $((${EPOCHREALTIME/[.,]/} / 1000))
}

# last_words FILE: ": " and its last line, or nothing.
last_words()
{
    local line
    line=$(last_line "$1")
    printf '%s' "${line:+: $line}"
}

last_line()
{
    tail -n 1 "$1" 2>/dev/null || true
}
