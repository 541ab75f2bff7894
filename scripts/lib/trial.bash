# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# trial.bash: one trial is one load against one fresh server. Afterwards both are gone, and its
# file in trials/ is whole or absent.
# shellcheck source=lib/capacity.bash
source "${BASH_SOURCE[0]%/*}/capacity.bash"
# shellcheck source=lib/machine.bash
source "${BASH_SOURCE[0]%/*}/machine.bash"
# shellcheck source=lib/plan.bash
source "${BASH_SOURCE[0]%/*}/plan.bash"
# shellcheck source=lib/run.bash
source "${BASH_SOURCE[0]%/*}/run.bash"
# shellcheck source=lib/server.bash
source "${BASH_SOURCE[0]%/*}/server.bash"

# What a generator may take beside warm-up and duration: connecting, draining, writing.
GENERATOR_SPARE_S=60
# What it may take to end once it is told to.
GENERATOR_KILL_S=5
# What is kept of the words of a program that failed.
LINES_KEPT=200

# Slow clients say a byte at a time, or ask and never read.
SLOW_MANNERS=(dribbling deaf)
# What they may take to end.
SLOW_END_S=10

# Running now; empty when not.
generator_pid=
slow_pid=
guard_pid=
# Of the present trial: its level, and what became of its slow clients.
trial_level=
slow_said=
# In how many the kernel did what changes what is measured.
trials_noted=0

# trials_prepare: to be called once, before the first trial.
trials_prepare()
{
    scratch=$(mktemp -d)
    mkfifo "$scratch/server.out" "$scratch/slow.in"
    # What is started here is known by its environment (see guard.bash); the guard itself is not.
    env --unset MUELLE_CAMPAIGN setpriv --pdeathsig URG setsid \
        bash "${BASH_SOURCE[0]%/*}/guard.bash" $$ "$MUELLE_CAMPAIGN" "$scratch" \
        </dev/null >/dev/null 2>&1 &
    guard_pid=$!
    # Its end is nobody's business.
    disown "$guard_pid"
}

# trials_release: nothing is left running or lying about. May be called at any time.
trials_release()
{
    trial_abandon
    if [[ -n $guard_pid ]]; then
        kill -KILL "$guard_pid" 2>/dev/null || true
        guard_pid=
    fi
    if [[ -n $scratch ]]; then
        rm -rf "$scratch"
    fi
}

# trial_run INDEX BLOCK MODEL LEVEL: 0 when its file is in trials/; else as server_start.
trial_run()
{
    local block=$2 model=$3 level=$4 name

    trial_begin
    trial_level=$level
    level_apply "$level"
    rate_resolve "${model%\'}" || return 1
    pinning_apply "$block"
    trial_name name "$@"
    trial_measure "$model" "$run/trials/$name.json" --label "block=$block" \
        --label "varies=${setting[varies]}" --label "level=$level"
}

# capacity_run MODEL ROUND: the same for a closed loop that measures a capacity; in capacity/.
capacity_run()
{
    trial_begin
    trial_level=${setting[levels]%% *}
    capacity_apply
    pinning_apply 1
    mkdir -p "$run/capacity"
    trial_measure "$1" "$run/capacity/$1-$2.json" --label "capacity=$2"
}

trial_begin()
{
    rm -f "$scratch"/{counters,trial}.json "$scratch"/*.txt
    trial_reason=''
    # shellcheck disable=SC2034 # read where the trial settles
    trial_notice=''
    server_command=()
    generator_command=()
    slow_said=
}

# trial_measure MODEL FILE LABELS…: a load as `at` says, into FILE. MODEL may be a MODEL'.
trial_measure()
{
    local status=0 label=$1 file=$2 model spinner before
    shift 2

    model=${label%\'}
    spinner=$(spinner_run)
    before=$(counters_read)
    server_start "$model" || return
    slow_begin
    generator_run --label "experiment=${setting[experiment]}" --label "model=$label" \
        "$@" || status=$?
    slow_end || status=$?
    # A server that fell explains whatever the generator complains about.
    server_stop "$model" || return 1
    if ((status != 0)); then
        return "$status"
    fi
    trial_keep "$model" "$file" "$spinner" "$before"
}

# slow_begin: the slow clients, if there are any, connect in the middle of the warm-up: clients that
# were there first are served, whatever the model, and what is measured is how they fare.
slow_begin()
{
    ((at[slow] > 0)) || return 0
    # They end with their input, which nobody writes to.
    exec {slow_input}<>"$scratch/slow.in"
    (
        sleep "$((setting[warmup_ms] / 2000)).$(printf '%03d' $((setting[warmup_ms] / 2 % 1000)))"
        exec setpriv --pdeathsig TERM taskset --cpu-list "$client_cores" \
            "$(program_path slow-clients)" "$server_address" "${at[slow]}" "${SLOW_MANNERS[@]}"
    ) <&"$slow_input" >"$scratch/slow.txt" 2>&1 &
    slow_pid=$!
}

# slow_end: sets slow_said to what has become of them; 1 when they could not do their worst.
slow_end()
{
    [[ -n $slow_pid ]] || return 0
    kill -TERM "$slow_pid" 2>/dev/null || true
    process_await "$slow_pid" "$SLOW_END_S" || kill -KILL "$slow_pid" 2>/dev/null || true
    wait "$slow_pid" || true
    slow_pid=
    exec {slow_input}>&-
    slow_said=$(grep '^[a-z]*=' "$scratch/slow.txt" | tail -n 1) || true
    if [[ -z $slow_said ]]; then
        trial_reason="the slow clients could not connect$(last_words "$scratch/slow.txt")"
        return 1
    fi
}

# generator_run LABELS…: loads the server. Status as server_start.
generator_run()
{
    local status=0
    local limit_s=$(((${setting[duration_ms]} + ${setting[warmup_ms]}) / 1000 + GENERATOR_SPARE_S))

    generator_words
    generator_command+=(--observe "$server_pid" "$@"
        --output "$scratch/trial.json" --quiet "$server_address")
    setpriv --pdeathsig TERM timeout --kill-after="$GENERATOR_KILL_S" "$limit_s" \
        taskset --cpu-list "$client_cores" "${pinning_policy[@]}" "${generator_command[@]}" \
        >"$scratch/generator.txt" 2>&1 &
    generator_pid=$!
    wait "$generator_pid" || status=$?
    generator_pid=

    case $status in
    0 | "$STATUS_NOT_TRUSTED") return 0 ;;
    124 | 137) trial_reason="muelle-loadgen took longer than $limit_s s and was stopped" ;;
    "$STATUS_NOT_AVAILABLE")
        trial_reason="$trial_level ${setting[varies]}: $(last_line "$scratch/generator.txt")"
        unavailable["level $trial_level"]=$trial_reason
        ;;
    *)
        trial_reason="muelle-loadgen ended with status $status$(
            last_words "$scratch/generator.txt"
        )"
        ;;
    esac
    status_reduce "$status"
}

# generator_words: begins `generator_command` with what `at` asks for.
generator_words()
{
    local option

    generator_command=("$(program_path muelle-loadgen)"
        --duration "${setting[duration]}" --warmup "${setting[warmup]}")
    for option in "${GENERATOR_OPTIONS[@]}" protocol; do
        case $option=${at[$option]} in
        *= | idle=0 | slow=*) ;;
        idle=*) generator_command+=(--idle-connections "${at[idle]}") ;;
        *) generator_command+=("--$option" "${at[$option]}") ;;
        esac
    done
}

# is_unavailable MODEL LEVEL
is_unavailable()
{
    [[ -n ${unavailable["model ${1%\'}"]-} || -n ${unavailable["level $2"]-} ]]
}

# trial_keep MODEL FILE SPINNER BEFORE: joins what both ends wrote and what the machine did, as JSON
# the work before the trial and the counters before it; FILE appears complete. Other people's servers
# leave no counters.
trial_keep()
{
    local counters=$scratch/counters.json partial=${2%/*}/.${2##*/}.partial

    if is_external "$1"; then
        counters=/dev/null
    fi
    if jq -c -e --slurpfile counters "$counters" --arg slow "$slow_said" \
        --argjson spinner "$3" --argjson before "$4" --argjson after "$(counters_read)" \
        --arg server "$server_cores" --arg client "$client_cores" \
        -f "${BASH_SOURCE[0]%/*}/trial.jq" "$scratch/trial.json" >"$partial" 2>"$scratch/join.txt"; then
        file_keep "$partial" "$2"
        if [[ -s $scratch/join.txt ]]; then
            trials_noted=$((trials_noted + 1))
        fi
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
    if [[ -n $slow_pid ]]; then
        kill -TERM "$slow_pid" 2>/dev/null || true
        process_await "$slow_pid" "$SLOW_END_S" || kill -KILL "$slow_pid" 2>/dev/null || true
        slow_pid=
    fi
    server_abandon
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
        # None, if nothing was started.
        find "$scratch" -name '*.txt' -exec tail -v -n "$LINES_KEPT" {} +
    } >"$file.partial"
    mv "$file.partial" "$file"
}
