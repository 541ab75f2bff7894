# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# plan.bash: which trials a campaign has, in which order, and how long they will take.
#
# A block runs every configuration once, in random order; blocks follow one another, so that
# whatever changes on the machine meanwhile meets all configurations alike. One configuration (the
# baseline, or else the first model, at the first level) runs twice, the second time as MODEL':
# whatever differs between the two is noise. The order depends on nothing but the settings and the seed: a resumed
# campaign makes the same plan again.
# shellcheck source=lib/experiment.bash
source "${BASH_SOURCE[0]%/*}/experiment.bash"

# One entry a trial: "INDEX BLOCK MODEL LEVEL", INDEX and BLOCK from 1; MODEL may be a MODEL'.
declare -ga plan=()
# By level: the time one trial is expected to take.
declare -gA plan_trial_ms=()

# What the spinner, starting, connecting, draining and stopping cost beside warm-up and duration:
# only the estimate depends on it, and the time left is corrected by what trials really take.
TRIAL_OVERHEAD_MS=500
CONNECTIONS_PER_OVERHEAD_MS=10

plan_make()
{
    local block model level configuration
    local -a configurations=() order

    plan_trial_ms=()
    for level in ${setting[levels]}; do
        level_apply "$level"
        # shellcheck disable=SC2034 # for those who source this
        plan_trial_ms[$level]=$((${setting[duration_ms]} + ${setting[warmup_ms]} +
            TRIAL_OVERHEAD_MS + (at[connections] + at[idle] + at[slow]) / CONNECTIONS_PER_OVERHEAD_MS))
    done
    for model in ${setting[models]}; do
        for level in ${setting[levels]}; do
            configurations+=("$model $level")
        done
    done
    if [[ ${setting[again]} == yes ]]; then
        configurations+=("$(model_again) ${setting[levels]%% *}")
    fi

    plan=()
    random_seed "${setting[seed]}"
    for ((block = 1; block <= ${setting[blocks]}; block++)); do
        order=("${configurations[@]}")
        order_shuffle
        for configuration in "${order[@]}"; do
            plan+=("$((${#plan[@]} + 1)) $block $configuration")
        done
    done
}

# model_again: the name under which the one configuration runs a second time.
model_again()
{
    printf "%s'" "${setting[baseline]:-${setting[models]%% *}}"
}

# order_shuffle: shuffles the caller's array `order` (Fisher and Yates).
order_shuffle()
{
    local i j swap

    for ((i = ${#order[@]} - 1; i > 0; i--)); do
        random_next
        j=$((random_state % (i + 1)))
        swap=${order[i]}
        order[i]=${order[j]}
        order[j]=$swap
    done
}

# The "minimal standard" generator of Park and Miller: bash's own RANDOM gives other numbers for
# the same seed in other versions. The first numbers of near seeds are alike, so some are skipped.
random_seed()
{
    local skipped

    random_state=$(($1 % 2147483646 + 1))
    for ((skipped = 0; skipped < 8; skipped++)); do
        random_next
    done
}

random_next()
{
    random_state=$((random_state * 48271 % 2147483647))
}
