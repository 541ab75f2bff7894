#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# guard.bash: ends what a campaign has started when the campaign itself is killed outright and can
# end nothing any more: servers that fork, servers of others and what those start, the generator.
#
# Usage: guard.bash BENCH_PID CAMPAIGN FOLDER   (as `setpriv --pdeathsig URG setsid bash guard.bash …`)
#
# The kernel tells it when its parent has died, by a signal that does no harm before there is a trap
# for it; until then it sleeps. Whatever the campaign started carries MUELLE_CAMPAIGN=CAMPAIGN in its
# environment, from the moment it was forked, and is found by that. FOLDER, where programs wrote until
# a trial was whole, goes as well.
set -euo pipefail
# shellcheck source=signal.bash
source "${BASH_SOURCE%/*}/signal.bash"

bench_pid=$1 campaign=$2 folder=$3
# What a server may take to end politely, and all of them to be gone.
POLITE_S=5
GIVE_UP_S=30

# remains: the ids of what carries the campaign's mark.
remains()
{
    # Zombies have no environment; what ends meanwhile cannot be read.
    grep -lszx "MUELLE_CAMPAIGN=$campaign" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|' || true
}

# signal_all SIGNAL: to what remains; 1 when nothing does.
signal_all()
{
    local -a pids

    mapfile -t pids < <(remains)
    ((${#pids[@]} > 0)) || return 1
    if [[ -n $1 ]]; then
        kill -s "$1" "${pids[@]}" 2>/dev/null || true
    fi
}

clean_up()
{
    local begun=$SECONDS

    trap '' TERM URG
    if signal_all TERM; then
        while signal_all '' && ((SECONDS - begun < POLITE_S)); do
            sleep 0.1
        done
        # Again and again: one may have forked meanwhile.
        while signal_all KILL && ((SECONDS - begun < GIVE_UP_S)); do
            sleep 0.1
        done
    fi
    rm -rf "$folder"
    exit 0
}

trap clean_up TERM URG
# It died before the kernel was asked to tell, or before we listened; PPID is what it was at first.
read -r _ _ _ parent_pid _ </proc/$$/stat
if [[ $parent_pid != "$bench_pid" ]]; then
    clean_up
fi
signal_wait 10
