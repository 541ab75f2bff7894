# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# experiment.bash: what is to be measured, as data.
#
# `setting` holds it all: experiment, title, preset, models and connections (lists separated by
# blanks), request, threads, workers (empty: the model's own default), blocks, duration, warmup,
# seed, and once checked duration_ms and warmup_ms. Values come from the preset, then from the
# experiment's file, then from the options.
#
# A file in scripts/experiments/ only states its trials, in these words:
#
#   title 'What the page is called'
#   models epoll thread-pool            # in the order of tables and legends
#   request echo:64                     # as muelle-loadgen --request takes it
#   connections quick 1 10 100          # the levels of one preset; one line each
#   threads 2                           # of the generator; left out: one for each of its cores
#   workers 4                           # of the server; left out: the model's default
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

declare -gA setting=()
experiments=$(cd "${BASH_SOURCE[0]%/*}/../experiments" && pwd)

# The words of an experiment's file.

title() { setting[title]=$1; }
models() { setting[models]=$*; }
request() { setting[request]=$1; }
threads() { setting[threads]=$1; }
workers() { setting[workers]=$1; }
connections()
{
    if [[ $1 == "${setting[preset]}" ]]; then
        setting[connections]=${*:2}
    fi
}

# experiment_load EXPERIMENT PRESET: fills `setting`. EXPERIMENT is a name, or a path with a slash.
experiment_load()
{
    local file=$1

    if [[ $file != */* ]]; then
        file=$experiments/$1
        [[ -f $file ]] || misused "no experiment '$1'; there are: $(experiment_names)"
    fi
    [[ -r $file ]] || misused "cannot read the experiment '$1'"

    setting=([experiment]=${file##*/} [preset]=$2 [threads]='' [workers]='' [seed]='')
    preset_load "$2"
    # shellcheck source=/dev/null
    source "$file"
    local needed
    for needed in title models request connections; do
        [[ -n ${setting[$needed]-} ]] ||
            misused "$1 states no '$needed' for the preset '$2'"
    done
}

experiment_names()
{
    local names

    names=("$experiments"/*)
    printf '%s' "${names[*]##*/}"
}

# preset_load PRESET: how often and how long.
preset_load()
{
    local blocks duration warmup

    case $1 in
    quick) read -r blocks duration warmup <<<'3 3s 500ms' ;;
    default) read -r blocks duration warmup <<<'10 10s 3s' ;;
    paper) read -r blocks duration warmup <<<'20 30s 3s' ;;
    *) misused "no preset '$1'; there are: quick default paper" ;;
    esac
    setting+=([blocks]=$blocks [duration]=$duration [warmup]=$warmup)
}

SETTABLE=(blocks connections duration request seed threads warmup workers)

# experiment_set KEY VALUE: one --set of the command line.
experiment_set()
{
    local key=$1 value=$2

    case $key in
    connections) value=${value//,/ } ;;
    blocks | duration | request | seed | threads | warmup | workers) ;;
    *) misused "--set has no '$key'; it has: ${SETTABLE[*]}" ;;
    esac
    setting[$key]=$value
}

# experiment_check: refuses what cannot be meant. Draws a seed when none was asked for.
experiment_check()
{
    local key value

    setting[seed]=${setting[seed]:-$((SRANDOM % 1000000))}
    for key in blocks connections threads workers; do
        for value in ${setting[$key]}; do
            [[ $value =~ ^[1-9][0-9]{0,8}$ ]] ||
                misused "$key is a whole number from 1, got '$value'"
        done
    done
    [[ ${setting[seed]} =~ ^(0|[1-9][0-9]{0,8})$ ]] ||
        misused "seed is a whole number of up to 9 digits, got '${setting[seed]}'"
    for key in duration warmup; do
        duration_ms "${setting[$key]}" >/dev/null ||
            misused "$key is a time as 3s, 1.5s or 500ms, got '${setting[$key]}'"
    done
    setting[duration_ms]=$(duration_ms "${setting[duration]}")
    setting[warmup_ms]=$(duration_ms "${setting[warmup]}")
    ((${setting[duration_ms]} > 0)) || misused "duration must be at least 1ms"
    for key in blocks models connections; do
        [[ -n ${setting[$key]} ]] || misused "$key must not be empty"
    done
    list_is_distinct "${setting[models]}" || misused "a model is named twice: ${setting[models]}"
    list_is_distinct "${setting[connections]}" ||
        misused "a number of connections is given twice: ${setting[connections]}"
}

# list_is_distinct 'A B C': no word occurs twice.
list_is_distinct()
{
    # shellcheck disable=SC2086 # the list is taken apart at its blanks
    [[ -z $(printf '%s\n' $1 | sort | uniq -d) ]]
}

# duration_ms TEXT: "1.5s" is 1500; returns 1 for what is no time.
duration_ms()
{
    local -A unit_us=([us]=1 [ms]=1000 [s]=1000000 [m]=60000000 [h]=3600000000)

    if [[ $1 == 0 ]]; then
        printf 0
    elif [[ $1 =~ ^([0-9]{1,6})(\.([0-9]{1,3}))?(us|ms|s|m|h)$ ]]; then
        local fraction=${BASH_REMATCH[3]}000
        local thousandths=$((10#${BASH_REMATCH[1]} * 1000 + 10#${fraction:0:3}))
        printf '%d' $((thousandths * ${unit_us[${BASH_REMATCH[4]}]} / 1000000))
    else
        return 1
    fi
}
