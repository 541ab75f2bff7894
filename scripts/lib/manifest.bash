# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# manifest.bash: a run's manifest.json: what was planned, where and from which revision. Its
# fields are in results/README.md. A resumed run takes everything from it.
# shellcheck source=lib/pinning.bash
source "${BASH_SOURCE[0]%/*}/pinning.bash"
# shellcheck source=lib/plan.bash
source "${BASH_SOURCE[0]%/*}/plan.bash"
# shellcheck source=lib/run.bash
source "${BASH_SOURCE[0]%/*}/run.bash"

# manifest_write MACHINE COMMAND: MACHINE is muelle-loadgen's --environment, COMMAND makes the
# same plan again.
manifest_write()
{
    jq -n --argjson machine "$1" --arg command "$2" --arg started_utc "$(utc_now)" \
        --argjson planned_trials "${#plan[@]}" \
        --arg server "$server_cores" --arg client "$client_cores" \
        --arg experiment "${setting[experiment]}" --arg preset "${setting[preset]}" \
        --arg title "${setting[title]}" --arg request "${setting[request]}" \
        --arg models "${setting[models]}" --arg connections "${setting[connections]}" \
        --argjson threads "${setting[threads]}" --argjson workers "${setting[workers]:-null}" \
        --argjson seed "${setting[seed]}" --argjson blocks "${setting[blocks]}" \
        --argjson duration_ms "${setting[duration_ms]}" \
        --argjson warmup_ms "${setting[warmup_ms]}" '{
            format: "muelle-run/1",
            $experiment, $preset, $title,
            $started_utc, finished_utc: null,
            $seed, revision: $machine.revision,
            models: ($models | split(" ")),
            connections: ($connections | split(" ") | map(tonumber)),
            $request, $threads, $workers, $blocks,
            duration_s: ($duration_ms / 1000), warmup_s: ($warmup_ms / 1000),
            $planned_trials,
            pinning: { $server, $client },
            $machine, $command
        }' >"$run/.manifest.partial"
    mv "$run/.manifest.partial" "$run/manifest.json"
}

# manifest_finish: every trial had its turn.
manifest_finish()
{
    jq --arg now "$(utc_now)" '.finished_utc = $now' "$run/manifest.json" \
        >"$run/.manifest.partial"
    mv "$run/.manifest.partial" "$run/manifest.json"
}

# manifest_load: `setting`, `server_cores` and `client_cores` as they were.
manifest_load()
{
    local -a values

    mapfile -t values < <(jq -r '
        def words: map(tostring) | join(" ");
        if .format != "muelle-run/1" then error("not a run") else . end |
        .experiment, .preset, .title, .seed, (.models | words), (.connections | words), .request,
        .threads, (.workers // ""), .blocks,
        (.duration_s, .warmup_s | if . == floor then "\(.)s" else "\(. * 1000 | round)ms" end),
        .pinning.server, .pinning.client' "$run/manifest.json" 2>/dev/null)
    ((${#values[@]} == 14)) || fail "$(path_shown "$run/manifest.json") is not a run's manifest"
    setting=([experiment]=${values[0]} [preset]=${values[1]} [title]=${values[2]}
        [seed]=${values[3]} [models]=${values[4]} [connections]=${values[5]}
        [request]=${values[6]} [threads]=${values[7]} [workers]=${values[8]}
        [blocks]=${values[9]} [duration]=${values[10]} [warmup]=${values[11]})
    server_cores=${values[12]}
    client_cores=${values[13]}
}

# manifest_check MACHINE: a run is of one machine and one revision, or its trials say nothing about
# each other.
manifest_check()
{
    local differs

    differs=$(jq -r --argjson now "$1" '
        .machine as $was
        | [("revision", "build", "kernel", "machine", "cpu", "cores")
           | select($was[.] != $now[.])
           | "\(.) was \($was[.]), is \($now[.])"]
        | join("; ")' "$run/manifest.json") || fail "cannot read $(path_shown "$run/manifest.json")"
    if [[ -n $differs ]]; then
        fail "cannot go on with what was measured elsewhere ($differs): start a new run"
    fi
    taskset --cpu-list "$server_cores,$client_cores" true 2>/dev/null ||
        fail "cannot go on: the cores $server_cores and $client_cores are not ours to use now"
}

utc_now()
{
    date -u +%Y-%m-%dT%H:%M:%SZ
}
