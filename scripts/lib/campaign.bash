# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# campaign.bash: runs the trials of `plan`, one after another, into the folder `run`. A trial that
# fails is recorded and the campaign goes on; what this machine cannot run is skipped with its
# reason; a signal keeps what was measured and says how to go on.
# shellcheck source=lib/manifest.bash
source "${BASH_SOURCE[0]%/*}/manifest.bash"
# shellcheck source=lib/progress.bash
source "${BASH_SOURCE[0]%/*}/progress.bash"
# shellcheck source=lib/trial.bash
source "${BASH_SOURCE[0]%/*}/trial.bash"

# Between the first trial and the last.
campaign_is_running=
# What was said already.
declare -gA notices_printed=()

# campaign_run: every trial that is not measured has its turn. Ends the script with 2 when a
# program refuses its command line: all others would end the same.
campaign_run()
{
    local entry index block model level name status

    run_tidy
    run_mend
    campaign_is_running=yes
    progress_start "$(campaign_left_ms)"
    capacities_measure
    for entry in "${plan[@]}"; do
        read -r index block model level <<<"$entry"
        if run_has "$index" "$block" "$model" "$level" || is_unavailable "$model" "$level"; then
            continue
        fi
        progress_show "$(printf '[%d/%d] block %d of %d: %s %s=%s' "$index" "${#plan[@]}" \
            "$block" "${setting[blocks]}" "$model" "${setting[varies]}" "$level")"
        status=0
        trial_run "$index" "$block" "$model" "$level" || status=$?
        trial_name name "$index" "$block" "$model" "$level"
        trial_settle "$name" "$status"
        progress_advance "${plan_trial_ms[$level]}"
        if is_unavailable "$model" "$level"; then
            progress_replan "$(campaign_left_ms "$index")"
        fi
    done
    progress_clear
    if ((trials_noted > 0)); then
        printf 'the kernel sent again, overflowed or throttled in %d of the trials: machine.notes in their files\n' \
            "$trials_noted"
    fi
    manifest_finish
    run_close
    campaign_is_running=
}

# capacities_measure: what shares of a capacity are of, where there are any.
capacities_measure()
{
    local entry model round status
    local -a missing

    mapfile -t missing < <(capacity_missing)
    for entry in "${missing[@]}"; do
        read -r model round <<<"$entry"
        if [[ -n ${unavailable["model $model"]-} ]]; then
            continue
        fi
        progress_show "capacity of $model, $round of $CAPACITY_ROUNDS"
        status=0
        capacity_run "$model" "$round" || status=$?
        trial_settle "capacity-$model-$round" "$status"
        progress_advance "${plan_trial_ms["${setting[levels]%% *}"]}"
        if is_unavailable "$model" ''; then
            progress_replan "$(campaign_left_ms)"
        fi
    done
    if capacity_is_needed; then
        capacity_load
        manifest_capacity
    fi
}

# trial_settle NAME STATUS: what becomes of a trial that had its turn.
trial_settle()
{
    notice_print "$trial_notice"
    case $2 in
    0) rm -f "$run/failed/$1.txt" ;;
    "$STATUS_NOT_AVAILABLE")
        progress_clear
        printf 'not available here: %s\n' "$trial_reason" >&2
        ;;
    "$STATUS_MISUSED")
        progress_clear
        if (($(run_count) == 0)) && [[ ! -d $run/failed && ! -d $run/capacity ]]; then
            rm -r "$run"
        fi
        campaign_is_running=
        misused "$trial_reason"
        ;;
    *) failure_record "$1" ;;
    esac
}

# notice_print TEXT: once, however often it is true.
notice_print()
{
    if [[ -n $1 && -z ${notices_printed[$1]-} ]]; then
        notices_printed[$1]=yes
        progress_clear
        printf '%s: %s\n' "${0##*/}" "$1" >&2
    fi
}

# campaign_left_ms [INDEX]: how long what is not yet measured (behind trial INDEX) will take.
campaign_left_ms()
{
    local entry index block model level left_ms=0
    local -a missing

    if [[ -z ${1-} ]]; then
        mapfile -t missing < <(capacity_missing)
        left_ms=$((${#missing[@]} * plan_trial_ms["${setting[levels]%% *}"]))
    fi
    for entry in "${plan[@]:${1:-0}}"; do
        read -r index block model level <<<"$entry"
        if ! is_unavailable "$model" "$level" &&
            ! run_has "$index" "$block" "$model" "$level"; then
            left_ms=$((left_ms + plan_trial_ms[$level]))
        fi
    done
    printf '%d' "$left_ms"
}

# campaign_report: lists what failed and renders what was measured. 1 when there is nothing to
# show.
campaign_report()
{
    local failures status=0

    if failures=$(failures_list); then
        printf 'trials that failed (of %d):\n%s\n' "${#plan[@]}" "$failures" >&2
    fi
    if (($(run_count) == 0)); then
        printf '%s: no trial could be measured; see %s\n' "${0##*/}" "$(path_shown "$run")" >&2
        return 1
    fi
    "$(program_path muelle-report)" render "$(path_shown "$run")" || status=$?
    if ((status != 0 && status != STATUS_NOT_TRUSTED)); then
        printf '%s: muelle-report could not render %s (status %d); the trials are kept\n' \
            "${0##*/}" "$(path_shown "$run")" "$status" >&2
        return 1
    fi
}

# campaign_has_block: every configuration of some block had its turn.
campaign_has_block()
{
    local entry index block model level name
    local -A missing=()

    for entry in "${plan[@]}"; do
        read -r index block model level <<<"$entry"
        trial_name name "$index" "$block" "$model" "$level"
        if run_has "$index" "$block" "$model" "$level" || [[ -f $run/failed/$name.txt ]] ||
            is_unavailable "$model" "$level"; then
            missing[$block]=${missing[$block]:-no}
        else
            missing[$block]=yes
        fi
    done
    [[ " ${missing[*]} " == *' no '* ]]
}

# campaign_interrupted: what a signal does. Ends the script.
campaign_interrupted()
{
    # It may have interrupted a command that has an IFS of its own.
    local IFS=$' \t\n'

    trap '' INT TERM HUP
    progress_clear
    trial_abandon
    if [[ -n $run && -f $run/manifest.json ]]; then
        run_tidy
        run_close
        printf 'stopped with %d of %d trials measured; to go on: %s\n' "$(run_count)" \
            "${#plan[@]}" "$(words_quoted scripts/bench --resume "$(path_shown "$run")")" >&2
        # All that matters is done and said: from here on another signal just ends it.
        campaign_is_running=
        trap - INT TERM HUP
        if campaign_has_block; then
            campaign_report || true
        fi
    elif [[ -n $run ]]; then
        rm -rf "$run" # not even its manifest is there
    fi
    trials_release
    exit 130
}

# campaign_exit: the last thing the script does, however it ends.
campaign_exit()
{
    local status=$?

    # Nobody meant to end here. It is nearly always a signal: where one arrives while bash 5.2
    # parses a $(…), bash takes its trap for a syntax error and leaves.
    if [[ -n $campaign_is_running ]]; then
        campaign_interrupted
    fi
    trials_release
    exit "$status"
}
