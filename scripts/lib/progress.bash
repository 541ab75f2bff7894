# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# progress.bash: one line that says where a campaign is and how long it still takes: redrawn on a
# terminal, appended elsewhere. Nothing is printed while a trial runs.
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

# progress_start MS: the estimate of everything this session will run.
progress_start()
{
    progress_planned_ms=$1
    progress_past_ms=0
    progress_started_ms=$((${EPOCHREALTIME/[.,]/} / 1000))
}

# progress_show TEXT: a trial begins.
progress_show()
{
    local elapsed_ms=$((${EPOCHREALTIME/[.,]/} / 1000 - progress_started_ms))
    local left_ms=$((progress_planned_ms - progress_past_ms))

    # What trials really took corrects what was estimated for the rest.
    if ((progress_past_ms > 0)); then
        left_ms=$((left_ms * elapsed_ms / progress_past_ms))
    fi
    local line
    line="$1; about $(duration_text $(((left_ms + 999) / 1000))) left"
    if [[ -t 2 ]]; then
        printf '\r%s\e[K' "$line" >&2
    else
        printf '%s\n' "$line" >&2
    fi
}

# progress_advance MS: a trial that was estimated at so much is over.
progress_advance()
{
    progress_past_ms=$((progress_past_ms + $1))
}

# progress_replan MS: the estimate of what is left, where some will not be run after all.
progress_replan()
{
    progress_planned_ms=$((progress_past_ms + $1))
}

# progress_clear: makes room for another line.
progress_clear()
{
    if [[ -t 2 ]]; then
        printf '\r\e[K' >&2
    fi
}
