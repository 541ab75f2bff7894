# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# trial.bash: one trial is one load against one fresh server. Afterwards both are gone, and its
# file in trials/ is whole or absent.
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

# Running now; empty when not.
generator_pid=

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

# trial_run INDEX BLOCK MODEL LEVEL: 0 when its file is in trials/; else as server_start.
trial_run()
{
    local status=0 block=$2 model=$3 level=$4

    rm -f "$scratch"/{counters,trial}.json "$scratch"/*.txt
    trial_reason=''
    # shellcheck disable=SC2034 # read where the trial settles
    trial_notice=''
    generator_command=()
    level_apply "$level"
    server_start "$model" || return
    generator_run "$block" "$model" "$level" || status=$?
    # A server that fell explains whatever the generator complains about.
    server_stop "$model" || return 1
    if ((status != 0)); then
        return "$status"
    fi
    trial_keep "$model" "$(trial_name "$@")"
}

# generator_run BLOCK MODEL LEVEL: loads the server. Status as server_start.
generator_run()
{
    local block=$1 model=$2 level=$3 status=0
    local limit_s=$(((${setting[duration_ms]} + ${setting[warmup_ms]}) / 1000 + GENERATOR_SPARE_S))

    generator_words
    generator_command+=(--observe "$server_pid"
        --label "experiment=${setting[experiment]}" --label "model=$model" --label "block=$block"
        --label "varies=${setting[varies]}" --label "level=$level"
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
        trial_reason="$level ${setting[varies]}: $(last_line "$scratch/generator.txt")"
        unavailable["level $level"]=$trial_reason
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
        *= | idle=0) ;;
        idle=*) generator_command+=(--idle-connections "${at[idle]}") ;;
        *) generator_command+=("--$option" "${at[$option]}") ;;
        esac
    done
}

# is_unavailable MODEL LEVEL
is_unavailable()
{
    [[ -n ${unavailable["model $1"]-} || -n ${unavailable["level $2"]-} ]]
}

# trial_keep MODEL NAME: joins what both ends wrote; the file appears under its name complete. Other
# people's servers leave no counters.
trial_keep()
{
    local counters=$scratch/counters.json partial=$run/trials/.$2.partial

    if is_external "$1"; then
        counters=/dev/null
    fi
    if jq -c -e --slurpfile counters "$counters" '
        if .format != "muelle-trial/2" then error("not a trial")
        elif .server == null or ($counters | length) == 0 then .
        else .server.counters = $counters[0]
        end' "$scratch/trial.json" >"$partial" 2>"$scratch/join.txt"; then
        mv "$partial" "$run/trials/$2.json"
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
        tail -v -n "$LINES_KEPT" "$scratch"/*.txt
    } >"$file.partial"
    mv "$file.partial" "$file"
}
