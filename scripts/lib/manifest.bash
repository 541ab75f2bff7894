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
# same plan again. Options that are left to the programs are not in it.
manifest_write()
{
    local key
    # shellcheck disable=SC2034 # json_object reads it by its name
    local -A stated=()

    for key in "${OPTIONS[@]}" ready-timeout stop-timeout; do
        if [[ -n ${setting[$key]} ]]; then
            # shellcheck disable=SC2034 # json_object reads it by its name
            stated[$key]=${setting[$key]}
        fi
    done
    jq -n --argjson machine "$1" --arg command "$2" --arg started_utc "$(utc_now)" \
        --argjson planned_trials "${#plan[@]}" \
        --arg server "$server_cores" --arg client "$client_cores" \
        --argjson setting "$(json_object setting)" --argjson options "$(json_object stated)" \
        --argjson commands "$(json_object external_command)" \
        --argjson ready "$(json_object external_ready)" '
        def number: tonumber? // .;
        def numbers: split(" ") | map(number);
        {
            format: "muelle-run/1",
            experiment: $setting.experiment, preset: $setting.preset, title: $setting.title,
            $started_utc, finished_utc: null,
            seed: ($setting.seed | number), revision: $machine.revision,
            models: ($setting.models | split(" ")),
            varies: $setting.varies, levels: ($setting.levels | split(" ")),
            connections: ($setting | if .varies == "connections" then .levels else .connections end
                | numbers),
            request: ($setting.request | if . == "" then null else . end),
            threads: ($options.threads | number), workers: ($options.workers | number),
            blocks: ($setting.blocks | number),
            duration_s: ($setting.duration_ms | number / 1000),
            warmup_s: ($setting.warmup_ms | number / 1000),
            $options,
            externals: ($commands
                | with_entries(.value = { command: .value, ready: $ready[.key] })),
            $planned_trials,
            pinning: { $server, $client },
            $machine, $command
        }' >"$run/.manifest.partial"
    mv "$run/.manifest.partial" "$run/manifest.json"
}

# json_object NAME: the associative array of that name as JSON.
json_object()
{
    local -n array_of=$1
    local key

    for key in "${!array_of[@]}"; do
        printf '%s\0%s\0' "$key" "${array_of[$key]}"
    done | jq -Rs 'split("\u0000")
 as $all
        | reduce range(0; ($all | length) - 1; 2) as $i ({}; .[$all[$i]] = $all[$i + 1])'
}

# manifest_finish: every trial had its turn.
manifest_finish()
{
    jq --arg now "$(utc_now)" '.finished_utc = $now' "$run/manifest.json" \
        >"$run/.manifest.partial"
    mv "$run/.manifest.partial" "$run/manifest.json"
}

# manifest_load: the settings, the external servers and the cores as they were. A run of before
# only connections could vary says nothing of it.
manifest_load()
{
    local list key value

    list=$(jq -j '
        def words: map(tostring) | join(" ");
        def time: if . == 0 then "0" elif . == floor then "\(.)s" else "\(. * 1000 | round)ms" end;
        if .format != "muelle-run/1" then error("not a run") else . end
        | { experiment, preset, title, seed, models: (.models | words),
            varies: (.varies // "connections"), levels: (.levels // .connections | words),
            request, threads, workers, blocks, duration: (.duration_s | time),
            warmup: (.warmup_s | time), "server cores": .pinning.server,
            "client cores": .pinning.client } + .options
        + (.externals // {} | with_entries({ key: "external \(.key)", value: .value.command }))
        + (.externals // {} | with_entries({ key: "ready \(.key)", value: .value.ready }))
        | to_entries[] | select(.value != null) | .key, "\t", .value, "\n"' \
        "$run/manifest.json" 2>/dev/null) ||
        fail "$(path_shown "$run/manifest.json") is not a run's manifest"
    settings_clear
    externals_clear
    while IFS=$'\t' read -r key value; do
        case $key in
        'server cores') server_cores=$value ;;
        'client cores') client_cores=$value ;;
        'external '*) external_command[${key#* }]=$value ;;
        'ready '*) external_ready[${key#* }]=$value ;;
        *) setting[$key]=$value ;;
        esac
    done <<<"$list"
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
