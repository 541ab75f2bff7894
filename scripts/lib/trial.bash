# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# trial.bash: one trial is one load against one fresh server. Afterwards both are gone, and its
# file in trials/ is whole or absent.
#
# Processes are ended by their id and waited for. Should this script be killed outright, the kernel
# tells them (setpriv --pdeathsig). The server runs in a session of its own, so Ctrl-C on the
# terminal reaches only this script, which then stops everything in order.
# shellcheck source=lib/build.bash
source "${BASH_SOURCE[0]%/*}/build.bash"
# shellcheck source=lib/experiment.bash
source "${BASH_SOURCE[0]%/*}/experiment.bash"
# shellcheck source=lib/pinning.bash
source "${BASH_SOURCE[0]%/*}/pinning.bash"
# shellcheck source=lib/run.bash
source "${BASH_SOURCE[0]%/*}/run.bash"

# Time a server has to say it is ready, and to drain and go once it is told to.
SERVER_READY_S=20
SERVER_STOP_S=20
# What a generator may take beside warm-up and duration: connecting, draining, writing.
GENERATOR_SPARE_S=60
# What it may take to end once it is told to.
GENERATOR_KILL_S=5

# Statuses of the programs, and of trial_run.
STATUS_MISUSED=2
STATUS_NOT_TRUSTED=3
STATUS_NOT_AVAILABLE=77

# Running now; empty when not.
server_pid=
generator_pid=
# Where programs write until a trial is whole.
scratch=
# Why the last trial was not measured.
trial_reason=
# Models, and "N connections", that this machine cannot run, and why.
declare -gA unavailable=()

# trials_prepare: to be called once, before the first trial.
trials_prepare()
{
    scratch=$(mktemp -d)
    mkfifo "$scratch/server.out"
}

# trials_release: nothing is left running or lying about. May be called at any time.
trials_release()
{
    trial_abandon
    if [[ -n $scratch ]]; then
        rm -rf "$scratch"
    fi
}

# trial_run INDEX BLOCK MODEL CONNECTIONS: 0 when its file is in trials/; 77 when this machine
# cannot run it (then `unavailable` knows), 2 when a program refuses its command line, 1 when it
# failed otherwise.
trial_run()
{
    local status=0 block=$2 model=$3 connections=$4

    rm -f "$scratch"/{counters,trial}.json "$scratch"/*.txt
    trial_reason=''
    generator_command=()
    server_start "$model" || return
    generator_run "$block" "$model" "$connections" || status=$?
    # A server that fell explains whatever the generator complains about.
    server_stop || return 1
    if ((status != 0)); then
        return "$status"
    fi
    trial_keep "$(trial_name "$@")"
}

# server_start MODEL: sets server_pid and server_address. Status as trial_run.
server_start()
{
    local model=$1 line='' status=0 server_fd

    server_command=("$(program_path muelle-server)" --model "$model" --port 0
        --counters "$scratch/counters.json")
    if [[ -n ${setting[workers]} ]]; then
        server_command+=(--workers "${setting[workers]}")
    fi
    setpriv --pdeathsig TERM setsid taskset --cpu-list "$server_cores" "${server_command[@]}" \
        >"$scratch/server.out" 2>"$scratch/server.txt" &
    server_pid=$!
    exec {server_fd}<"$scratch/server.out"
    IFS= read -r -t "$SERVER_READY_S" -u "$server_fd" line || status=$?
    exec {server_fd}<&-
    if [[ $line =~ ^listening\ ([^\ ]+:[0-9]+)\  ]]; then
        server_address=${BASH_REMATCH[1]}
        return 0
    fi

    if ((status != 1)); then
        server_stop || true
        trial_reason="muelle-server said '$line' within $SERVER_READY_S s, not 'listening …'"
        return 1
    fi
    # It closed its stdout without a word: it has ended, or is about to.
    server_reap || status=$?
    case $status in
    "$STATUS_NOT_AVAILABLE")
        trial_reason="$model: $(last_line "$scratch/server.txt")"
        unavailable[$model]=$trial_reason
        ;;
    *)
        trial_reason="muelle-server ended with status $status before it was ready$(
            last_words "$scratch/server.txt"
        )"
        ;;
    esac
    status_reduce "$status"
}

# server_stop: has the server drain and end. 0 when it ended well.
server_stop()
{
    local status=0

    kill -TERM "$server_pid" 2>/dev/null || true
    server_reap || status=$?
    case $status in
    0) ;;
    124) trial_reason="muelle-server had not stopped after $SERVER_STOP_S s and was killed" ;;
    *) trial_reason="muelle-server ended with status $status$(last_words "$scratch/server.txt")" ;;
    esac
    return "$status"
}

# server_reap: waits until the server has ended, at most SERVER_STOP_S; then it is killed with all
# of its session. Returns its status, 124 if it was killed.
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
    if ! process_await "$server_pid" "$SERVER_STOP_S"; then
        kill -KILL -- "-$server_pid" 2>/dev/null || true
        return 1
    fi
}

# process_await PID SECONDS: until it has ended; 1 if it has not by then. It leaves the status to
# be asked for by `wait`, which knows no limit.
process_await()
{
    timeout "$2" tail --sleep-interval=0.02 --pid="$1" -f /dev/null
}

# generator_run BLOCK MODEL CONNECTIONS: loads the server. Status as trial_run.
generator_run()
{
    local block=$1 model=$2 connections=$3 status=0
    local limit_s=$(((${setting[duration_ms]} + ${setting[warmup_ms]}) / 1000 + GENERATOR_SPARE_S))

    generator_command=("$(program_path muelle-loadgen)"
        --connections "$connections" --threads "${setting[threads]}"
        --duration "${setting[duration]}" --warmup "${setting[warmup]}"
        --request "${setting[request]}" --observe "$server_pid"
        --label "experiment=${setting[experiment]}" --label "model=$model" --label "block=$block"
        --output "$scratch/trial.json" --quiet "$server_address")
    setpriv --pdeathsig TERM timeout --kill-after="$GENERATOR_KILL_S" "$limit_s" \
        taskset --cpu-list "$client_cores" "${generator_command[@]}" \
        >"$scratch/generator.txt" 2>&1 &
    generator_pid=$!
    wait "$generator_pid" || status=$?
    generator_pid=

    case $status in
    0 | "$STATUS_NOT_TRUSTED") return 0 ;;
    124 | 137) trial_reason="muelle-loadgen took longer than $limit_s s and was stopped" ;;
    "$STATUS_NOT_AVAILABLE")
        trial_reason="$connections connections: $(last_line "$scratch/generator.txt")"
        unavailable["$connections connections"]=$trial_reason
        ;;
    *)
        trial_reason="muelle-loadgen ended with status $status$(
            last_words "$scratch/generator.txt"
        )"
        ;;
    esac
    status_reduce "$status"
}

# status_reduce STATUS: what a program's failure means for the trial: 77, 2 or 1.
status_reduce()
{
    case $1 in
    "$STATUS_NOT_AVAILABLE" | "$STATUS_MISUSED") return "$1" ;;
    *) return 1 ;;
    esac
}

# is_unavailable MODEL CONNECTIONS
is_unavailable()
{
    [[ -n ${unavailable[$1]-} || -n ${unavailable["$2 connections"]-} ]]
}

# trial_keep NAME: joins what both ends wrote; the file appears under its name complete.
trial_keep()
{
    local partial=$run/trials/.$1.partial

    if jq -c -e --slurpfile counters "$scratch/counters.json" '
        if .format != "muelle-trial/2" then error("not a trial")
        elif .server == null then .
        else .server.counters = $counters[0]
        end' "$scratch/trial.json" >"$partial" 2>"$scratch/join.txt"; then
        mv "$partial" "$run/trials/$1.json"
    else
        rm -f "$partial"
        trial_reason="the programs left no valid result$(last_words "$scratch/join.txt")"
        return 1
    fi
}

# trial_abandon: ends whatever a trial has started, and returns when it is gone. Made for a trap,
# so without `wait`: where a signal interrupts one, bash can miss that the child has ended.
trial_abandon()
{
    if [[ -n $generator_pid ]]; then
        # timeout passes it on, and kills after a while what is left.
        kill -TERM "$generator_pid" 2>/dev/null || true
        process_await "$generator_pid" $((GENERATOR_KILL_S + 1)) || true
        generator_pid=
    fi
    if [[ -n $server_pid ]]; then
        kill -TERM "$server_pid" 2>/dev/null || true
        server_await || true
        server_pid=
    fi
}

# failure_record NAME: keeps in failed/ why, and what the programs wrote.
failure_record()
{
    local file=$run/failed/$1.txt

    mkdir -p "$run/failed"
    {
        printf '%s\n\n' "$trial_reason"
        printf 'server:    %s\n' "$(words_quoted "${server_command[@]}")"
        printf 'generator: %s\n\n' "$(words_quoted "${generator_command[@]}")"
        tail -n +1 "$scratch"/*.txt
    } >"$file.partial"
    mv "$file.partial" "$file"
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
