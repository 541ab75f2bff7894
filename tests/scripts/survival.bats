#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Campaigns that are killed outright: nothing stays behind, nothing is lost, nothing is measured twice.
# scripts/benchmarks/resume does the same with real programs.
# shellcheck disable=SC2154 # bats sets stderr, the helpers bench and dir
bats_require_minimum_version 1.5.0
load common

setup()
{
    fakes_prepare
    small=("${patient[@]}" --models 'alpha,beta' --set 'connections=1,10' --set blocks=2
        --set duration=1ms --set warmup=0 --set seed=7 --output "$dir")
}

# bench_hangs ARGUMENT…: in the background, until a fake generator hangs.
bench_hangs()
{
    export FAKE_HANGING=$BATS_TEST_TMPDIR/hanging
    [ -p "$FAKE_HANGING" ] || mkfifo "$FAKE_HANGING"
    setsid "$bench" "$@" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    bench_pid=$!
    read -r -t "$patience_s" _ <>"$FAKE_HANGING"
}

bench_killed()
{
    kill -KILL "$bench_pid"
    wait "$bench_pid" || true
}

@test "killed in any of its trials, a campaign goes on and is what it would have been" {
    "$bench" "${small[@]}" --output "$dir-whole"
    names=$(ls "$dir-whole/trials")
    : >"$FAKE_LOG"

    # In the first block, again in the first, in the second.
    FAKE_GENERATOR='beta 1 1 hang' bench_hangs "${small[@]}"
    bench_killed
    FAKE_GENERATOR='alpha 10 1 hang' bench_hangs --resume "$dir"
    bench_killed
    FAKE_GENERATOR='alpha * 2 hang' bench_hangs --resume "$dir"
    bench_killed
    processes_are_gone
    run -0 "$bench" --resume "$dir"

    [ "$(ls "$dir/trials")" = "$names" ]
    [ "$(files_in "$dir/trials")" -eq 10 ]
    # Those that hung left no trial; of the others none ran twice.
    [ "$(trials_run)" -eq 13 ]
    [ ! -e "$dir/failed" ]
    [ -z "$(find "$dir" -name '.*' -type f)" ]
}

@test "what an external server has started does not outlive a bench that is killed" {
    FAKE_GENERATOR='mine 1 1 hang' bench_hangs --models mine --set connections=1 --set blocks=1 \
        --set duration=1ms --set warmup=0 --set again=no --output "$dir" \
        --external "mine=$MUELLE_BIN_DIR/external wraps {port}" --ready 'mine=^now at'
    bench_killed
    [ "$(grep -c '^server ' "$FAKE_LOG")" -eq 2 ]
    processes_are_gone
}

@test "where programs wrote is taken away after a bench that is killed" {
    FAKE_GENERATOR='* 1 1 hang' bench_hangs "${small[@]}"
    [ -n "$(find "$TMPDIR" -maxdepth 1 -name 'tmp.*' -type d)" ]
    bench_killed
    for ((i = 0; i < 100; i++)); do
        [ -n "$(find "$TMPDIR" -maxdepth 1 -name 'tmp.*' -type d)" ] || break
        sleep 0.1
    done
    ((i < 100))
}

@test "a folder without a manifest is begun again" {
    mkdir -p "$dir/trials"
    : >"$dir/.manifest.partial"
    run -0 "$bench" "${small[@]}"
    [ "$(files_in "$dir/trials")" -eq 10 ]
}

@test "a trial that a power cut has spoilt is measured again" {
    "$bench" "${small[@]}"
    files=("$dir"/trials/*)
    : >"${files[0]}"
    printf '{"format":' >"${files[1]}"
    : >"$FAKE_LOG"
    run -0 "$bench" --resume "$dir"
    [ "$(trials_run)" -eq 2 ]
    [ "$(grep -c 'is broken and measured again' <<<"$output")" -eq 2 ]
    for file in "$dir"/trials/*.json; do
        jq -e '.format == "muelle-trial/2"' "$file"
    done
}
