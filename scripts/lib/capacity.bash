# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# capacity.bash: rates that are stated as shares of what a model can do ("80%").
#
# Before the first block every model runs a few closed loops with the experiment's own connections
# and requests, each against a fresh server: their median throughput is its capacity. That is what it
# answers when everybody always has a request under way, whatever the latency; an open loop at 100 %
# therefore is at the edge, and above it queues must grow. Whole or absent as trials are, they lie in
# capacity/ of the run, so a campaign that goes on offers the same rates as before.
# shellcheck source=lib/plan.bash
source "${BASH_SOURCE[0]%/*}/plan.bash"
# shellcheck source=lib/run.bash
source "${BASH_SOURCE[0]%/*}/run.bash"

CAPACITY_ROUNDS=3

# By model, replies a second, once known.
declare -gA capacity_per_s=()

# capacity_is_needed: some rate is a share.
capacity_is_needed()
{
    local level

    [[ ${setting[rate]}${setting[arrival]}${setting[levels]} == *%* ]] || return 1
    for level in ${setting[levels]}; do
        level_apply "$level"
        if [[ ${at[rate]}${at[arrival]} == *%* ]]; then
            return 0
        fi
    done
    return 1
}

# capacity_missing: "MODEL ROUND" of what is not measured yet, one a line, in rounds over the models.
capacity_missing()
{
    local model round

    capacity_is_needed || return 0
    for ((round = 1; round <= CAPACITY_ROUNDS; round++)); do
        for model in ${setting[models]}; do
            if ! capacity_has "$model" "$round" && [[ -z ${unavailable["model $model"]-} ]]; then
                printf '%s %d\n' "$model" "$round"
            fi
        done
    done
}

# capacity_has MODEL ROUND
capacity_has()
{
    [[ -n $run && -s $run/capacity/$1-$2.json ]]
}

# capacity_load: capacity_per_s from what was measured.
capacity_load()
{
    local model value
    local -a files

    capacity_per_s=()
    for model in ${setting[models]}; do
        files=("$run/capacity/$model"-[0-9].json)
        [[ -f ${files[0]} ]] || continue
        value=$(jq -s '[.[].throughput_per_s] | sort | .[length / 2 | floor]' "${files[@]}") ||
            fail "cannot read the capacity of $model in $(path_shown "$run/capacity")"
        if [[ $value != 0 ]]; then
            capacity_per_s[$model]=$value
        fi
    done
}

# rate_resolve MODEL: shares in the rate and the arrival of `at` become requests a second. 1, with
# trial_reason, when the model's capacity is not known.
rate_resolve()
{
    local key

    for key in rate arrival; do
        [[ ${at[$key]} == *%* ]] || continue
        if [[ -z ${capacity_per_s[$1]-} ]]; then
            # shellcheck disable=SC2034 # of trial.bash
            trial_reason="$1: its capacity could not be measured, so there is no ${at[$key]} of it"
            return 1
        fi
        at[$key]=$(awk -v text="${at[$key]}" -v capacity="${capacity_per_s[$1]}" 'BEGIN {
            while (match(text, /[0-9.]+%/)) {
                rate = substr(text, RSTART, RLENGTH - 1) * capacity / 100
                text = substr(text, 1, RSTART - 1) sprintf("%.3f/s", rate) \
                    substr(text, RSTART + RLENGTH)
            }
            print text
        }')
    done
}

# capacity_apply: `at` is the closed loop that measures it.
capacity_apply()
{
    level_apply "${setting[levels]%% *}"
    at[rate]='' at[arrival]='' at[think]=''
}
