#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How a campaign measures: the configuration that runs twice, cores, the machine's own counters, rates
# as shares of a capacity, slow clients, the baseline.
# shellcheck disable=SC2016,SC2154 # what is in quotes is for another shell; bats sets stderr, the helpers bench and dir
bats_require_minimum_version 1.5.0
load common

setup()
{
    fakes_prepare
    mine=$BATS_TEST_TMPDIR/mine
    fast=("${patient[@]}" --set blocks=2 --set duration=1ms --set warmup=0 --set seed=7
        --output "$dir")
    few=(--set again=no "${fast[@]}")
}

# experiment LINE…: $mine states these lines beside what every experiment does.
experiment()
{
    printf '%s\n' "title 'Mine'" 'models alpha beta' 'request echo:64' 'connections 64' "$@" >"$mine"
}

# of_machine COMMAND…: scripts/lib/pinning.bash on a machine of four cores with two threads each,
# 0 and 4 being the first, unless COMMAND says otherwise.
of_machine()
{
    run -0 bash -c '
        source "$1/lib/pinning.bash"
        cpus_allowed() { printf 0-7; }
        cpu_core() { printf "%d,%d\n" $(($1 % 4)) $(($1 % 4 + 4)); }
        cpu_kind() { printf same; }
        cpu_quota() { :; }
        eval "$2"
        pinning_choose
        printf "%s | %s | %s | %d | %s\n" "$pinning_server" "$pinning_client" "$pinning_swapped" \
            "$cores_usable" "$pinning_note"
        pinning_apply 2
        printf "%s | %s\n" "$server_cores" "$client_cores"' \
        test "${bench%/*}" "${1-}"
}

@test "one configuration runs twice a block, under a name of its own" {
    run -0 "$bench" --models alpha,beta --set connections=1,10 "${fast[@]}"
    [[ $output == *"10 trials (2 models × 2 levels × 2 blocks + alpha' at 1 in each)"* ]]
    [ "$(grep -c "^trial alpha' 1 1$" "$FAKE_LOG")" -eq 1 ]
    [ "$(grep -c "^trial alpha' 1 2$" "$FAKE_LOG")" -eq 1 ]
    # It is the same model; the name of its file is plain.
    [ "$(grep -c '^serves alpha:' "$FAKE_LOG")" -eq 6 ]
    [ "$(jq -r .labels.model "$dir"/trials/*-alpha-again-1-b1.json)" = "alpha'" ]
    jq -e '.again == { model: "alpha'\''", of: "alpha", level: "1" } and .models == ["alpha", "beta"]
        and .planned_trials == 10' "$dir/manifest.json"
}

@test "the baseline is in the manifest, and is what runs twice" {
    "$bench" --models alpha,beta --baseline beta --set connections=1 "${fast[@]}"
    jq -e '.baseline == "beta" and .again.of == "beta"' "$dir/manifest.json"
    rm "$dir"/trials/0001-*
    "$bench" --resume "$dir"
    [ "$(files_in "$dir/trials")" -eq 6 ]
    eval "words=($(jq -r .command "$dir/manifest.json"))"
    "$bench" "${words[@]:1}" --output "$dir-again"
    [ "$(ls "$dir-again/trials")" = "$(ls "$dir/trials")" ]

    rm -r "$dir"
    : >"$FAKE_LOG"
    misuse --models alpha --baseline beta --output "$dir"
    # What an experiment names need not be there.
    "$bench" --models alpha --set connections=1 "${few[@]}"
    [ "$(jq .baseline "$dir/manifest.json")" = null ]
}

@test "several experiments in one call" {
    cd "$BATS_TEST_TMPDIR"
    experiment 'vary idle' 'levels quick 1'
    cp "$mine" "$mine-too"
    run -0 "$bench" "$mine" "$mine-too" --dry-run
    [[ $output == *"mine: Mine"*"mine-too: Mine"* ]]
}

@test "a trial says what the machine did" {
    "$bench" --models alpha --set connections=1 "${few[@]}"
    for file in "$dir"/trials/*.json; do
        jq -e '.machine | .spinner.rounds == 1234 and .notes == []
            and ([.before, .after | has("listen_overflows", "listen_drops", "retransmitted_segments",
                "steal_s", "pressure_cpu_s", "throttled_s")] | all)
            and (.before.retransmitted_segments | type) == "number"
            and (.pinning | has("server", "client"))' "$file" ||
            jq -e '.machine.notes | length > 0' "$file" # something else on this machine did it
    done
    [ "$(jq .spinner_rounds "$dir/manifest.json")" -eq 1234 ]
}

@test "overflows and segments sent again are noted" {
    run -0 --separate-stderr jq -f "${bench%/*}/lib/trial.jq" --argjson counters '[]' --arg slow '' \
        --argjson spinner null --arg server 0 --arg client 1 \
        --argjson before '{"listen_overflows":1,"retransmitted_segments":null,"throttled_periods":0}' \
        --argjson after '{"listen_overflows":4,"retransmitted_segments":null,"throttled_periods":2}' \
        <<<'{"format":"muelle-trial/2"}'
    notes='["3 times a listen queue was full: clients tried again a second later",
        "2 periods were throttled by a control group"]'
    jq -e --argjson notes "$notes" '.machine.notes == $notes' <<<"$output"
    jq -e --argjson notes "$notes" '. == $notes' <<<"$stderr"
}

@test "both ends get cores of their own, threads of one core together" {
    of_machine
    [ "${lines[0]}" = '0,4,1,5 | 2,6,3,7 | yes | 4 | ' ]
    [ "${lines[1]}" = '2,6,3,7 | 0,4,1,5' ]
}

@test "halves that are not alike are not swapped" {
    of_machine 'cpu_kind() { printf %d $(($1 % 4 < 2)); }'
    [ "${lines[0]}" = '0,4,1,5 | 2,6,3,7 | no | 4 | ' ]
    of_machine 'cpus_allowed() { printf 0-2; }; cpu_core() { echo $1; }'
    [ "${lines[0]}" = '0 | 1,2 | no | 3 | ' ]
    [ "${lines[1]}" = '0 | 1,2' ]
}

@test "a quota and a single core limit the choice, and are said" {
    of_machine 'cpu_quota() { printf 4500; }'
    [ "${lines[0]}" = '0,4 | 1,5 | yes | 2 | a CPU quota grants 4.500 of 8 cores' ]
    of_machine 'cpu_quota() { printf 1500; }'
    [ "${lines[0]}" = '0 | 0 | no | 1 | a CPU quota grants 1.500 of 8 cores' ]
    of_machine 'cpus_allowed() { printf 0,4; }'
    [ "${lines[0]}" = '0 | 4 | yes | 1 | these are threads of one core and slow each other down' ]
}

@test "quotas of control groups of either version are found" {
    groups=$BATS_TEST_TMPDIR/groups
    mkdir -p "$groups"/{new,newer,old}
    printf 'max 100000\n' >"$groups/newer/cpu.max"
    printf '250000 100000\n' >"$groups/new/cpu.max"
    printf '150000\n' >"$groups/old/cpu.cfs_quota_us"
    printf '50000\n' >"$groups/old/cpu.cfs_period_us"
    quota()
    {
        bash -c 'source "$1/lib/pinning.bash"; shift; cgroup_cpu_folders=("$@"); cpu_quota' test \
            "${bench%/*}" "$@"
    }
    [ "$(quota "$groups/newer" "$groups/new")" = 2500 ]
    [ "$(quota "$groups/old")" = 3000 ]
    [ -z "$(quota "$groups/newer")" ]
}

@test "cores are swapped in every second block where they are alike" {
    (($(nproc) == 2)) || skip 'made for two cores'
    "$bench" --models alpha --set connections=1 "${few[@]}"
    jq -se '.[0].machine.pinning != .[1].machine.pinning
        and .[0].machine.pinning.server == .[1].machine.pinning.client' "$dir"/trials/*.json
    jq -e '.pinning.swapped' "$dir/manifest.json"
}

@test "with too few cores an experiment on cores is not measurable, and workers say nothing" {
    experiment 'vary workers' 'levels quick 1..cores' 'needs-cores 4096'
    run -77 "$bench" "$mine" "${few[@]}"
    [[ $output == *"mine: not measurable here: it takes 4096 cores for server and generator, there are "* ]]
    [ ! -e "$dir" ]

    experiment 'vary workers' 'levels quick 1..cores'
    run -0 "$bench" "$mine" "${few[@]}" --models alpha
    if (($(nproc) < 4)); then
        [[ $output == *"this run says nothing about scaling over cores: it takes 4, there are "* ]]
        jq -e '.cautions | length == 1' "$dir/manifest.json"
    fi
}

@test "rates are shares of what each model can do" {
    experiment 'vary load' 'levels quick 50 120' "rate '{level}%'" 'arrival poisson'
    run -0 "$bench" "$mine" "${few[@]}"
    [[ $output == *"before them 6 closed loops for the capacity"* ]]
    [ "$(files_in "$dir/capacity")" -eq 6 ]
    jq -e '.capacity_per_s == { alpha: 1000, beta: 1000 }' "$dir/manifest.json"
    [ "$(grep -c '^asked alpha 120: .*--rate 1200.000/s --arrival poisson' "$FAKE_LOG")" -eq 2 ]
    [ "$(grep -c '^asked beta 50: .*--rate 500.000/s' "$FAKE_LOG")" -eq 2 ]
    # The capacity itself comes from closed loops.
    [ "$(grep '^asked' "$FAKE_LOG" | grep -c -v -- '--rate')" -eq 6 ]

    rm "$dir"/trials/0001-* "$dir/capacity/beta-2.json"
    : >"$FAKE_LOG"
    "$bench" --resume "$dir"
    [ "$(grep -c '^asked' "$FAKE_LOG")" -eq 2 ]
}

@test "shares may stand in an arrival, and a level have parts" {
    experiment 'vary arrival/rate' 'levels quick step:50%,200%@1s/ uniform/25%' "arrival '{level/1}'" \
        "rate '{level/2}'"
    run -2 "$bench" "$mine" "${few[@]}"
    experiment 'vary arrival/rate' 'levels quick burst:on=1ms,off=3ms/200% uniform/25%' \
        "arrival '{level/1}'" "rate '{level/2}'"
    "$bench" "$mine" "${few[@]}" --models alpha
    grep -q -- '--rate 2000.000/s --arrival burst:on=1ms,off=3ms ' "$FAKE_LOG"
    grep -q -- '--rate 250.000/s --arrival uniform ' "$FAKE_LOG"
    rm -r "$dir"
    experiment 'vary percent' 'levels quick 150' "arrival 'step:50%,{level}%@1s'"
    "$bench" "$mine" "${few[@]}" --models alpha
    grep -q -- '--arrival step:500.000/s,1500.000/s@1s ' "$FAKE_LOG"
}

@test "a model whose capacity cannot be measured fails, the others go on" {
    experiment 'vary load' 'levels quick 50' "rate '{level}%'"
    FAKE_SERVER='alpha crash' run -0 "$bench" "$mine" "${few[@]}"
    [ "$(files_in "$dir/trials")" -eq 2 ]
    grep -q '^alpha: its capacity could not be measured' "$dir"/failed/*-alpha-50-b1.txt
}

@test "slow clients come along, and what became of them is kept" {
    experiment 'vary slow-clients' 'levels quick 0 5' "slow '{level}'"
    FAKE_AWAITS_SLOW=yes "$bench" "$mine" "${few[@]}" --models alpha --set warmup=100ms
    [ "$(grep -c '^slow 127.0.0.1:1 5 dribbling deaf$' "$FAKE_LOG")" -eq 2 ]
    jq -e '.slow_clients | .dribbling == 3 and .refused == 1 and .echoes == 9' "$dir"/trials/*-5-b1.json
    jq -e 'has("slow_clients") | not' "$dir"/trials/*-0-b1.json
    processes_are_gone

    rm -r "$dir"
    : >"$FAKE_LOG"
    FAKE_AWAITS_SLOW=yes FAKE_SLOW=fail run -0 "$bench" "$mine" "${few[@]}" --models alpha
    [ "$(files_in "$dir/failed")" -eq 2 ]
    grep -q '^the slow clients could not connect: slow-clients: connect: no' "$dir"/failed/*-5-b1.txt
}

@test "every experiment can be planned with every preset" {
    count=0
    for file in "${bench%/*}"/experiments/*; do
        for preset in quick default paper; do
            run "$bench" "${file##*/}" --preset "$preset" --dry-run
            ((status == 0 || status == 77))
        done
        count=$((count + 1))
    done
    [ "$count" -eq 15 ]
}

@test "with the layout one-core both ends take turns on one core, in every block, and when resumed" {
    run -0 "$bench" --models alpha --set connections=1 --set layout=one-core "${few[@]}"
    [[ $output == *"server and generator take turns on core "* ]]
    jq -e '.pinning | .layout == "one-core" and .server == .client and .swapped == false
        and (.client | test("^[0-9]+$"))' "$dir/manifest.json"
    jq -se 'length == 2 and all(.machine.pinning.server == .machine.pinning.client)' "$dir"/trials/*.json
    [[ $(jq -r .command "$dir/manifest.json") == *"--set layout=one-core"* ]]

    rm "$dir"/trials/0001-*
    run -0 "$bench" --resume "$dir"
    [[ $output == *"server and generator take turns on core "* ]]
    [ "$(files_in "$dir/trials")" -eq 2 ]
    jq -se 'map(.machine.pinning) | unique | length == 1' "$dir"/trials/*.json
}

@test "a layout that there is not is refused" {
    misuse --models alpha --set layout=three-cores --output "$dir"
}
