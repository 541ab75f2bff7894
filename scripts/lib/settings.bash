# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# settings.bash: what is to be measured, as data: which settings there are, what one of them may be,
# and what they come to at a level.
#
# `setting` holds them all by name: experiment, title, preset, models and levels (lists separated by
# blanks), varies (what the levels are of), blocks, duration, warmup, seed, the options below, and
# once checked duration_ms and warmup_ms. An option that is empty is left to the programs.
#
# A trial is made with the settings of its level: the option that varies takes the level, and where
# an option's text holds {level} the level takes its place ({100-level}: what it lacks to 100;
# {level/1}: its first part, where it has slashes).
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

declare -gA setting=()
# The settings of one trial; see level_apply.
declare -gA at=()

# Options of muelle-loadgen and of muelle-server, by their names there; `idle` is its
# --idle-connections, `slow` clients that no server likes (loadgen/crowd), and `protocol` goes to
# both ends.
GENERATOR_OPTIONS=(connections request rate arrival pipeline think requests-per-connection timeout
    idle slow threads)
SERVER_OPTIONS=(workers queue stack-size requests-per-turn ring-entries)
OPTIONS=("${GENERATOR_OPTIONS[@]}" protocol "${SERVER_OPTIONS[@]}")
# How often, how long, whether one configuration runs twice a block, whether both ends have cores of
# their own or one in turns, and how long a server may take to be ready and to end.
CONDUCT=(blocks duration warmup again layout seed ready-timeout stop-timeout)
SETTABLE=(levels "${OPTIONS[@]}" "${CONDUCT[@]}")

# Counts, which are from 1.
COUNTS=(blocks connections pipeline requests-per-connection threads workers queue
    requests-per-turn ring-entries)

# setting_change KEY VALUE: one --set of the command line. A list of what varies is of levels.
setting_change()
{
    local key=$1 value=$2

    list_has "${SETTABLE[*]}" "$key" || misused "--set has no '$key'; it has: ${SETTABLE[*]}"
    if [[ $key == "${setting[varies]}" ]] && ! has_level "${setting[$key]}"; then
        key=levels
    fi
    # Commas part levels, unless blanks do: a request may have commas of its own.
    if [[ $key == levels && $value != *' '* ]]; then
        value=${value//,/ }
    fi
    setting[$key]=$value
}

# settings_check: refuses what cannot be meant. Draws a seed when none was asked for. What only the
# programs can tell, such as a request, they refuse at the first trial.
settings_check()
{
    local key level

    setting[seed]=${setting[seed]:-$((SRANDOM % 1000000))}
    [[ ${setting[seed]} =~ ^(0|[1-9][0-9]{0,8})$ ]] ||
        misused "seed is a whole number of up to 9 digits, got '${setting[seed]}'"
    for key in duration warmup ready-timeout stop-timeout; do
        duration_ms "${setting[$key]}" >/dev/null ||
            misused "$key is a time as 3s, 1.5s or 500ms, got '${setting[$key]}'"
    done
    setting[duration_ms]=$(duration_ms "${setting[duration]}")
    setting[warmup_ms]=$(duration_ms "${setting[warmup]}")
    ((${setting[duration_ms]} > 0)) || misused "duration must be at least 1ms"
    [[ ${setting[again]} == yes || ${setting[again]} == no ]] ||
        misused "again is yes or no, got '${setting[again]}'"
    [[ ${setting[layout]} == split || ${setting[layout]} == one-core ]] ||
        misused "layout is split or one-core, got '${setting[layout]}'"
    for key in blocks models levels; do
        [[ -n ${setting[$key]} ]] || misused "$key must not be empty"
    done
    list_is_distinct "${setting[models]}" || misused "a model is named twice: ${setting[models]}"
    list_is_distinct "${setting[levels]}" ||
        misused "a level of ${setting[varies]} is given twice: ${setting[levels]}"
    for level in ${setting[levels]}; do
        level_apply "$level"
        level_check
    done
}

# level_check: the settings `at` a level.
level_check()
{
    local key

    for key in "${COUNTS[@]}"; do
        [[ -z ${at[$key]} || ${at[$key]} =~ ^[1-9][0-9]{0,8}$ ]] ||
            misused "$key is a whole number from 1, got '${at[$key]}'"
    done
    for key in idle slow; do
        [[ ${at[$key]} =~ ^(0|[1-9][0-9]{0,8})?$ ]] ||
            misused "$key is a whole number, got '${at[$key]}'"
    done
    for key in connections request; do
        [[ -n ${at[$key]} ]] || misused "$key must not be empty"
    done
}

# level_apply LEVEL: makes `at` the settings of a trial at that level.
level_apply()
{
    local key varies=${setting[varies]}

    at=([blocks]=${setting[blocks]})
    for key in "${OPTIONS[@]}"; do
        at[$key]=${setting[$key]}
        if has_level "${at[$key]}"; then
            at[$key]=$(level_insert "${at[$key]}" "$1")
        elif [[ $key == "$varies" ]]; then
            at[$key]=$1
        fi
    done
    if has_level "${setting[request]}"; then
        at[request]=$(mix_without_zeros "${at[request]}")
    fi
}

# has_level TEXT: the level has a place in it.
has_level()
{
    [[ $1 == *'{'* ]] && [[ $1 == *'{level}'* || $1 =~ \{[0-9]{1,9}-level\} || $1 =~ \{level/[1-9]\} ]]
}

# level_insert TEXT LEVEL: TEXT with the level in its places.
level_insert()
{
    local text=${1//'{level}'/$2}
    local -a parts

    IFS=/ read -r -a parts <<<"$2"
    while [[ $text =~ \{level/([1-9])\} ]]; do
        ((${#parts[@]} >= BASH_REMATCH[1])) ||
            misused "'$1' needs levels of ${BASH_REMATCH[1]} parts, got '$2'"
        text=${text//"${BASH_REMATCH[0]}"/${parts[BASH_REMATCH[1] - 1]}}
    done
    while [[ $text =~ \{([0-9]{1,9})-level\} ]]; do
        local place=${BASH_REMATCH[0]} whole=${BASH_REMATCH[1]}
        if [[ ! $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] || (($2 > whole)); then
            misused "'$1' needs whole levels up to $whole, got '$2'"
        fi
        text=${text//"$place"/$((whole - $2))}
    done
    printf '%s' "$text"
}

# mix_without_zeros REQUEST: without the classes of weight 0, which a generator refuses. Every class
# has a weight, for commas stand within a class, too.
mix_without_zeros()
{
    sed -E 's/,([0-9]+\*)/\n\1/g' <<<"$1" | sed '/^0\*/d' | paste -sd,
}

# level_is_used: whether what varies makes any difference to a trial.
level_is_used()
{
    local key

    for key in "${OPTIONS[@]}"; do
        if [[ $key == "${setting[varies]}" ]] || has_level "${setting[$key]}"; then
            return 0
        fi
    done
    return 1
}

# list_has 'A B C' WORD
list_has()
{
    [[ " $1 " == *" $2 "* ]]
}

# list_is_distinct 'A B C': no word occurs twice.
list_is_distinct()
{
    local word
    local -A seen=()

    for word in $1; do
        [[ -z ${seen[$word]-} ]] || return 1
        seen[$word]=yes
    done
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

# duration_s TEXT: the same in seconds, as timeout(1) and `read -t` take it.
duration_s()
{
    local ms
    ms=$(duration_ms "$1")
    printf '%d.%03d' $((ms / 1000)) $((ms % 1000))
}
