#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/bench with programs that only pretend (fakes/): plan, order, failures, stops and resumes.
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines
bats_require_minimum_version 1.5.0
load common

setup()
{
    fakes_prepare
    # Four configurations in two blocks.
    small=("${patient[@]}" --models 'alpha,beta' --set 'connections=1,10' --set blocks=2
        --set duration=1ms --set warmup=0 --set seed=7 --set again=no --output "$dir")
}

# bench_begin ARGUMENT…: in the background, as a terminal would run it: a process group of its own,
# with SIGINT not ignored. Returns once the fake generator hangs.
bench_begin()
{
    export FAKE_HANGING=$BATS_TEST_TMPDIR/hanging
    mkfifo "$FAKE_HANGING"
    setsid env --default-signal=INT "$bench" "$@" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    bench_pid=$!
    read -r -t "$patience_s" _ <>"$FAKE_HANGING"
}

# bench_end: waits for it; sets `status` and `output`.
bench_end()
{
    status=0
    wait "$bench_pid" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/output")
}

@test "every configuration runs once a block, on a fresh server" {
    "$bench" "${small[@]}"

    [ "$(grep '^trial ' "$FAKE_LOG" | sort | uniq -c | awk '$1 != 1' | wc -l)" -eq 0 ]
    [ "$(trials_run)" -eq 8 ]
    [ "$(grep '^server ' "$FAKE_LOG" | sort -u | wc -l)" -eq 8 ]
    # The first block is over before the second begins.
    [ "$(awk '/^trial/ { print $4 }' "$FAKE_LOG" | tr -d '\n')" = 11112222 ]
    processes_are_gone
}

@test "a trial's file is named after its trial and holds the server's counters" {
    "$bench" "${small[@]}"

    [ "$(files_in "$dir/trials")" -eq 8 ]
    for file in "$dir"/trials/*.json; do
        name=$(jq -r '"\(.labels.model)-\(.config.connections)-b\(.labels.block)"' "$file")
        [[ $file == */trials/[0-9][0-9][0-9][0-9]-$name.json ]]
        [ "$(jq .server.counters.accepts "$file")" -eq 7 ]
    done
    [ ! -e "$dir/failed" ]
}

@test "a seed gives one order, another seed another" {
    "$bench" "${small[@]}"
    first=$(ls "$dir/trials")
    rm -r "$dir"
    "$bench" "${small[@]}"
    [ "$(ls "$dir/trials")" = "$first" ]

    rm -r "$dir"
    "$bench" "${small[@]}" --set seed=8
    [ "$(ls "$dir/trials")" != "$first" ]
}

@test "without a seed one is drawn, and printed" {
    run -0 "$bench" --dry-run
    [[ $output =~ seed\ ([0-9]+) ]]
    first=$output
    run -0 "$bench" --dry-run --set "seed=${BASH_REMATCH[1]}"
    [ "$output" = "$first" ]
}

@test "a dry run prints the plan and the estimate, starts nothing and writes nothing" {
    cd "$BATS_TEST_TMPDIR"
    before=$(find . | sort)
    run -0 "$bench" "${small[@]}" --dry-run

    [ "$(grep -c '^000[1-8]  block [12]  \(alpha\|beta\)  connections=' <<<"$output")" -eq 8 ]
    [[ $output == *"8 trials (2 models × 2 levels × 2 blocks)"* ]]
    [[ $output == *"about 5 s"* ]]
    [ "$(find . | sort)" = "$before" ]
    [ ! -s "$FAKE_LOG" ]
}

@test "the quick preset fits into four minutes, once it is built" {
    run -0 "$bench" --dry-run
    [[ $output == *"48 trials (3 models × 5 levels × 3 blocks + epoll' at 1 in each), 3s each after 500ms of warm-up"* ]]
    [[ $output =~ about\ 3\ min\ [0-2] ]]
}

@test "the manifest says what was planned, where, and how to do it again" {
    "$bench" "${small[@]}" --set workers=4 --set request=persona
    jq -e '
        .format == "muelle-run/1" and .experiment == "connections" and .preset == "quick"
        and (.title | length > 0) and .seed == 7 and .revision == "r1"
        and .models == ["alpha", "beta"] and .connections == [1, 10] and .request == "persona"
        and .blocks == 2 and .duration_s == 0.001 and .warmup_s == 0 and .planned_trials == 8
        and .workers == 4 and .threads >= 1
        and (.pinning | (.server | type) == "string" and (.client | type) == "string")
        and .machine.cores == 2
        and ([.started_utc, .finished_utc]
            | all(test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")))
        and (.command | startswith("scripts/bench connections "))' "$dir/manifest.json"

    eval "words=($(jq -r .command "$dir/manifest.json"))"
    first=$(ls "$dir/trials")
    # shellcheck disable=SC2154 # made by eval
    "$bench" "${words[@]:1}" --output "$dir-again"
    [ "$(ls "$dir-again/trials")" = "$first" ]
}

@test "server and generator are pinned to disjoint cores where there are two" {
    "$bench" "${small[@]}"
    run -0 jq -r '.pinning.server, .pinning.client' "$dir/manifest.json"
    if (($(nproc) >= 2)); then
        [ "${lines[0]}" != "${lines[1]}" ]
    else
        [ "${lines[0]}" = "${lines[1]}" ]
    fi
}

@test "one core is said, and enough" {
    core=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
    run -0 taskset -c "$core" "$bench" "${small[@]}"
    [[ $output == *"only core $core to use"* ]]
    [ "$(files_in "$dir/trials")" -eq 8 ]
}

@test "a trial that fails is kept with its reason, and the campaign goes on" {
    FAKE_GENERATOR='beta 10 1 1' run -0 "$bench" "${small[@]}"

    [ "$(trials_run)" -eq 8 ]
    [ "$(files_in "$dir/trials")" -eq 7 ]
    [ "$(files_in "$dir/failed")" -eq 1 ]
    grep -q 'muelle-loadgen: it did not go well' "$dir"/failed/000?-beta-10-b1.txt
    [[ $output == *"/failed/"*"beta-10-b1.txt: muelle-loadgen ended with status 1"* ]]
    [[ $output == *"rendered "* ]]
    processes_are_gone
}

@test "a server that fails before it is ready, or when it stops, fails the trial" {
    FAKE_SERVER='alpha crash' run -0 "$bench" "${small[@]}"
    [ "$(files_in "$dir/failed")" -eq 4 ]
    grep -q '^muelle-server ended with status 1 before it was ready: cannot bind' \
        "$dir"/failed/*-alpha-1-b1.txt

    rm -r "$dir"
    FAKE_SERVER='beta falls' run -0 "$bench" "${small[@]}"
    [ "$(files_in "$dir/failed")" -eq 4 ]
    grep -q '^muelle-server ended with status 1: lost a thread' "$dir"/failed/*-beta-1-b1.txt
}

@test "a result that is not to be trusted is a result" {
    FAKE_GENERATOR='* * * 3' FAKE_REPORT_STATUS=3 run -0 "$bench" "${small[@]}"
    [ "$(files_in "$dir/trials")" -eq 8 ]
    [ ! -e "$dir/failed" ]
}

@test "a model this machine cannot run is skipped with its reason" {
    FAKE_SERVER='beta missing' run -0 "$bench" "${small[@]}"
    [ "$(grep -c 'not available here: beta: this machine has none' <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 4 ]
    [ ! -e "$dir/failed" ]
}

@test "a number of connections this machine cannot open is skipped with its reason" {
    FAKE_GENERATOR='* 10 * 77' run -0 "$bench" "${small[@]}"
    [ "$(grep -c 'not available here: 10 connections: ' <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 4 ]
}

@test "when every trial fails the campaign has failed" {
    FAKE_GENERATOR='* * * 1' run -1 "$bench" "${small[@]}"
    [ "$(files_in "$dir/failed")" -eq 8 ]
    [[ $output == *"no trial could be measured"* ]]
    [[ $output != *rendered* ]]
}

@test "a plan the programs refuse ends at once" {
    FAKE_GENERATOR='* * * 2' run -2 --separate-stderr "$bench" "${small[@]}" --set request=nonsense
    [ "$(trials_run)" -eq 1 ]
    [[ $stderr == *"muelle-loadgen ended with status 2: muelle-loadgen: it did not go well"* ]]
    [ ! -e "$dir" ]
}

@test "a report that cannot be drawn fails the bench, and keeps the trials" {
    FAKE_REPORT_STATUS=1 run -1 "$bench" "${small[@]}"
    [ "$(files_in "$dir/trials")" -eq 8 ]
}

@test "resume does only what is missing, failed trials among it" {
    FAKE_GENERATOR='beta 10 1 1' "$bench" "${small[@]}"
    rm "$dir"/trials/*-alpha-1-b2.json
    : >"$FAKE_LOG"

    run -0 "$bench" --resume "$dir" --dry-run
    [ "$(grep -c measured$ <<<"$output")" -eq 6 ]
    run -0 "$bench" --resume "$dir"
    [ "$(grep '^trial' "$FAKE_LOG" | sort)" = $'trial alpha 1 2\ntrial beta 10 1' ]
    [ "$(files_in "$dir/trials")" -eq 8 ]
    [ ! -e "$dir/failed" ]
    [[ $output == *"6 of them are measured already"* ]]

    : >"$FAKE_LOG"
    "$bench" --resume "$dir"
    [ ! -s "$FAKE_LOG" ]
}

@test "a run of another revision is not resumed" {
    "$bench" "${small[@]}"
    rm "$dir"/trials/0001-*
    FAKE_REVISION=r2 run -1 "$bench" --resume "$dir"
    [[ $output == *"revision was r1, is r2"* ]]
    [ "$(files_in "$dir/trials")" -eq 7 ]
}

@test "two benches do not measure into one folder" {
    FAKE_GENERATOR='* * 2 hang' bench_begin "${small[@]}"
    run -1 "$bench" --resume "$dir"
    [[ $output == *"is being measured by another bench"* ]]
    kill -INT "$bench_pid"
    bench_end
}

@test "Ctrl-C stops all, keeps what was measured, renders it and says how to go on" {
    FAKE_GENERATOR='beta 10 2 hang' bench_begin "${small[@]}"
    # What a terminal does: the whole group gets it.
    kill -INT -- "-$bench_pid"
    bench_end

    [ "$status" -eq 130 ]
    processes_are_gone
    measured=$(files_in "$dir/trials")
    ((measured >= 4 && measured < 8))
    [[ $output == *"stopped with $measured of 8 trials measured; to go on: scripts/bench --resume $dir"* ]]
    [[ $output == *"rendered $dir"* ]]
    [ "$(jq .finished_utc "$dir/manifest.json")" = null ]

    run -0 "$bench" --resume "$dir"
    [ "$(files_in "$dir/trials")" -eq 8 ]
    [ "$(jq -r '.finished_utc | type' "$dir/manifest.json")" = string ]
}

@test "SIGTERM and SIGHUP stop it as well; nothing is rendered before a block is complete" {
    for signal in TERM HUP; do
        FAKE_GENERATOR='* * 1 hang' bench_begin "${small[@]}"
        kill -"$signal" "$bench_pid"
        bench_end
        [ "$status" -eq 130 ]
        [[ $output == *"stopped with 0 of 8 trials measured; to go on: "* ]]
        [[ $output != *rendered* ]]
        processes_are_gone
        rm -r "$dir" "$FAKE_HANGING"
    done
}

@test "no process outlives a bench that is killed" {
    FAKE_GENERATOR='* * 1 hang' bench_begin "${small[@]}"
    kill -KILL "$bench_pid"
    bench_end
    processes_are_gone
}

@test "no external server outlives a bench that is stopped or killed" {
    while read -r signal behaviour; do
        FAKE_GENERATOR='mine * 1 hang' bench_begin "${small[@]}" --ready 'mine=now at' \
            --external "mine=$MUELLE_BIN_DIR/external $behaviour {port}"
        kill -"$signal" "$bench_pid"
        bench_end
        processes_are_gone
        rm -r "$dir" "$FAKE_HANGING"
    done <<<$'INT wraps\nKILL ready'
}

@test "whatever else ends a campaign early, it says how to go on" {
    FAKE_GENERATOR='* 10 2 hang' bench_begin "${small[@]}"
    # The trial will fail, and there is no place to say so.
    touch "$dir/failed"
    pid=$(sed -n 's/^generator //p' "$FAKE_LOG")
    kill -TERM "$pid"
    bench_end
    [ "$status" -eq 130 ]
    [[ $output == *"cannot create directory"*"to go on: scripts/bench --resume $dir"* ]]
    processes_are_gone
}

@test "an experiment may be a file of one's own" {
    cat >"$BATS_TEST_TMPDIR/mine" <<'EXPERIMENT'
title 'Mine'
models beta
request persona
workers 3
threads 2
vary connections
levels quick 5 6
EXPERIMENT
    run -0 "$bench" "$BATS_TEST_TMPDIR/mine" --set duration=1ms --set warmup=0 --output "$dir"
    jq -e '.experiment == "mine" and .title == "Mine" and .models == ["beta"] and .workers == 3
        and .threads == 2 and .connections == [5, 6] and .request == "persona"' "$dir/manifest.json"

    run -2 "$bench" "$BATS_TEST_TMPDIR/mine" --preset default
    [[ $output == *"states no 'levels' for the preset 'default'"* ]]
}

@test "wrong usage is one line and status 2" {
    misuse nonsense
    misuse --nonsense
    misuse --preset
    misuse --preset huge
    misuse --models ''
    misuse --models alpha,alpha
    misuse --models delta --output "$dir"
    misuse --set nonsense=1
    misuse --set duration
    misuse --set duration=3
    misuse --set duration=0
    misuse --set duration=three
    misuse --set warmup=1.2345s
    misuse --set blocks=0
    misuse --set connections=1,,x
    misuse --set connections=10,10
    misuse --set seed=-1
    misuse --set threads=none
    misuse --output "$dir" connections connections
    misuse --output "$BATS_TEST_TMPDIR"
    misuse --resume "$dir"
    misuse --resume "$dir" --preset quick
    misuse --resume "$dir" connections
}

@test "help names the experiments" {
    run -0 "$bench" --help
    [[ $output == *"Usage: scripts/bench"* ]]
    [[ $output == *"connections   Throughput"* ]]
}
