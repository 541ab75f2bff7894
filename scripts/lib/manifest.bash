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

# Fewer do not tell how something scales over cores.
CORES_FOR_SCALING=4
# For the jq of arguments_add.
# shellcheck disable=SC2016 # $ARGS is jq's
GROUPED='def group(name): $ARGS.named
    | with_entries(select(.key | startswith(name + " ")) | .key |= ltrimstr(name + " "));'

# manifest_write MACHINE COMMAND: MACHINE is muelle-loadgen's --environment, COMMAND makes the
# same plan again. Options that are left to the programs are not in it.
manifest_write()
{
    local key
    local -a arguments=()
    # shellcheck disable=SC2034 # arguments_add reads it by its name
    local -A stated=()

    for key in "${OPTIONS[@]}" ready-timeout stop-timeout; do
        if [[ -n ${setting[$key]} ]]; then
            # shellcheck disable=SC2034 # arguments_add reads it by its name
            stated[$key]=${setting[$key]}
        fi
    done
    arguments_add setting setting
    arguments_add option stated
    arguments_add external external_command
    arguments_add ready external_ready
    jq -n --argjson machine "$1" --arg command "$2" --arg started_utc "$(utc_now)" \
        --argjson planned_trials "${#plan[@]}" \
        --arg server "$pinning_server" --arg client "$pinning_client" \
        --arg swapped "$pinning_swapped" --arg note "$pinning_note" --argjson usable "$cores_usable" \
        --arg again "$([[ ${setting[again]} != yes ]] || model_again)" \
        --arg baseline "${setting[baseline]}" --arg caution "$(scaling_caution)" \
        --argjson rounds "$spinner_rounds" "${arguments[@]}" "$GROUPED"'
        def number: tonumber? // .;
        def numbers: split(" ") | map(number);
        group("setting") as $setting | group("option") as $options | group("ready") as $ready
        | {
            format: "muelle-run/1",
            experiment: $setting.experiment, preset: $setting.preset, title: $setting.title,
            $started_utc, finished_utc: null,
            seed: ($setting.seed | number), revision: $machine.revision,
            models: ($setting.models | split(" ")),
            baseline: (if $baseline == "" then null else $baseline end),
            again: (if $again == "" then null
                else { model: $again, of: ($again | rtrimstr("\u0027")),
                    level: ($setting.levels | split(" ")[0]) } end),
            varies: $setting.varies, levels: ($setting.levels | split(" ")),
            connections: ($setting | if .varies == "connections" then .levels else .connections end
                | numbers),
            request: ($setting.request | if . == "" then null else . end),
            threads: ($options.threads | number), workers: ($options.workers | number),
            blocks: ($setting.blocks | number),
            duration_s: ($setting.duration_ms | number / 1000),
            warmup_s: ($setting.warmup_ms | number / 1000),
            $options,
            externals: (group("external")
                | with_entries(.value = { command: .value, ready: $ready[.key] })),
            $planned_trials,
            pinning: { layout: $setting.layout, $server, $client, swapped: ($swapped == "yes"),
                cores: $usable, note: (if $note == "" then null else $note end) },
            spinner_rounds: $rounds,
            cautions: [$caution | select(. != "")],
            $machine, $command
        }' >"$run/.manifest.partial"
    file_keep "$run/.manifest.partial" "$run/manifest.json"
}

# scaling_caution: why a run in which the workers vary says nothing of how models scale over cores.
scaling_caution()
{
    if [[ ${setting[varies]} == workers ]] && ((cores_usable < CORES_FOR_SCALING)); then
        printf 'says nothing about scaling over cores: it takes %d, there are %d' \
            "$CORES_FOR_SCALING" "$cores_usable"
    fi
}

# arguments_add GROUP NAME: the associative array of that name becomes arguments of jq, in the caller's
# `arguments`. There it is GROUPED's group("GROUP"), an object.
arguments_add()
{
    local -n array_of=$2
    local key

    for key in "${!array_of[@]}"; do
        arguments+=(--arg "$1 $key" "${array_of[$key]}")
    done
}

# manifest_capacity: notes what shares of a capacity are of.
manifest_capacity()
{
    local -a arguments=()

    arguments_add capacity capacity_per_s
    jq "${arguments[@]}" "$GROUPED"'.capacity_per_s = (group("capacity") | map_values(tonumber))' \
        "$run/manifest.json" >"$run/.manifest.partial"
    file_keep "$run/.manifest.partial" "$run/manifest.json"
}

# manifest_finish: every trial had its turn.
manifest_finish()
{
    jq --arg now "$(utc_now)" '.finished_utc = $now' "$run/manifest.json" \
        >"$run/.manifest.partial"
    file_keep "$run/.manifest.partial" "$run/manifest.json"
}

# manifest_load: the settings, the external servers, the cores and the spinner's work as they were. A
# run of before only connections could vary says nothing of it, nor one of before a
# configuration ran twice of that.
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
            warmup: (.warmup_s | time), again: (if .again then "yes" else "no" end), baseline,
            layout: (.pinning.layout // "split"),
            "pinning server": .pinning.server, "pinning client": .pinning.client,
            "pinning swapped": (if .pinning.swapped then "yes" else "no" end),
            "pinning note": .pinning.note, "pinning cores": (.pinning.cores // .machine.cores), "spinner rounds": .spinner_rounds } + .options
        + (.externals // {} | with_entries({ key: "external \(.key)", value: .value.command }))
        + (.externals // {} | with_entries({ key: "ready \(.key)", value: .value.ready }))
        | to_entries[] | select(.value != null) | .key, "\t", .value, "\n"' \
        "$run/manifest.json" 2>/dev/null) ||
        fail "$(path_shown "$run/manifest.json") is not a run's manifest"
    settings_clear
    externals_clear
    while IFS=$'\t' read -r key value; do
        case $key in
        'pinning server') pinning_server=$value ;;
        'pinning client') pinning_client=$value ;;
        'pinning swapped') pinning_swapped=$value ;;
        'pinning note') pinning_note=$value ;;
        'pinning cores') cores_usable=$value ;;
        'spinner rounds') spinner_rounds=$value ;;
        'external '*) external_command[${key#* }]=$value ;;
        'ready '*) external_ready[${key#* }]=$value ;;
        *) setting[$key]=$value ;;
        esac
    done <<<"$list"
    pinning_apply 1
    if [[ ${setting[layout]} == one-core ]]; then
        pinning_one_core
    fi
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
    taskset --cpu-list "$pinning_server,$pinning_client" true 2>/dev/null ||
        fail "cannot go on: the cores $pinning_server and $pinning_client are not ours to use now"
}

utc_now()
{
    date -u +%Y-%m-%dT%H:%M:%SZ
}
