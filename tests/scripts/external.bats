#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Other people's servers beside the models: started, watched, ended; what goes wrong is one line.
# shellcheck disable=SC2154 # bats sets output, the helpers bench and dir
bats_require_minimum_version 1.5.0
load common

setup()
{
    fakes_prepare
    fake=$MUELLE_BIN_DIR/external
    fast=("${patient[@]}" --models alpha --set 'connections=1 10' --set blocks=2
        --set duration=1ms --set warmup=0 --set seed=7 --set again=no --output "$dir")
}

@test "a server of one's own is measured beside a model" {
    run -0 "$bench" "${fast[@]}" --external "mine=$fake listens {port}"

    [[ $output == *"8 trials (2 models × 2 levels × 2 blocks)"* ]]
    [ "$(files_in "$dir/trials")" -eq 8 ]
    for file in "$dir"/trials/*-mine-*.json; do
        jq -e '.labels.model == "mine" and (.server | has("counters") | not)' "$file"
    done
    # On a port of its own each time, observed by its own id.
    pids=$(sed -n 's/^server //p' "$FAKE_LOG")
    while read -r pid; do
        grep -qx "$pid" <<<"$pids"
    done < <(sed -n 's/^asked mine .*--observe \([0-9]*\) .*/\1/p' "$FAKE_LOG")
    [ "$(sed -n 's/^asked mine .* 127.0.0.1://p' "$FAKE_LOG" | sort -u | wc -l)" -eq 4 ]
    processes_are_gone
}

@test "it is in the manifest, in the command that repeats the run, and in a run that goes on" {
    "$bench" "${fast[@]}" --external "mine=$fake ready {port}" --ready 'mine=^now at [0-9]+$'
    jq -e --arg command "$fake ready {port}" '.models == ["alpha", "mine"]
        and .externals == { mine: { $command, ready: "^now at [0-9]+$" } }' "$dir/manifest.json"

    eval "words=($(jq -r .command "$dir/manifest.json"))"
    "$bench" "${words[@]:1}" --output "$dir-again"
    [ "$(ls "$dir-again/trials")" = "$(ls "$dir/trials")" ]

    rm "$dir"/trials/*-mine-*
    run -0 "$bench" --resume "$dir"
    [ "$(files_in "$dir/trials")" -eq 8 ]
    processes_are_gone
}

@test "an experiment can name it; --models chooses" {
    cat >"$BATS_TEST_TMPDIR/mine" <<EXPERIMENT
title 'Mine'
models other alpha
external other '$fake ready {port}' 'now at'
external another '$fake ready {port}' 'now at'
request echo:64
vary connections
levels quick 1
EXPERIMENT
    run -0 "$bench" "$BATS_TEST_TMPDIR/mine" --set duration=1ms --set warmup=0 --set again=no \
        --output "$dir"
    jq -e '.models == ["other", "alpha", "another"]' "$dir/manifest.json"
    [ "$(files_in "$dir/trials")" -eq 9 ]
    run -0 "$bench" "$BATS_TEST_TMPDIR/mine" --dry-run --models another,alpha
    [[ $output == *"(2 models ×"* ]]
}

@test "a command that dies is one line, its stderr is kept, and it is not tried again" {
    run -0 "$bench" "${fast[@]}" --external "mine=$fake dies {port}"

    reason='mine ended with status 3 before it was ready: it has no licence'
    [ "$(grep -c "^bench: $reason; it is not tried again$" <<<"$output")" -eq 1 ]
    [ "$(grep -c "^  .*/failed/.*-mine-.*: $reason$" <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 4 ]
    [ "$(files_in "$dir/failed")" -eq 1 ]
    grep -q '^it has no licence$' "$dir"/failed/*-mine-*
    [[ $output == *"rendered "* ]]
}

@test "a command that there is not is one line" {
    run -0 "$bench" "${fast[@]}" --external "mine=/no/such/server {port}"
    [ "$(grep -c '^bench: mine ended with status 127 before it was ready: .*/no/such/server' <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 4 ]
}

@test "a command that is never ready is one line, and ended" {
    run -0 "$bench" "${fast[@]}" --set ready-timeout=2s --external "mine=$fake silent {port}"
    [ "$(grep -c '^bench: mine was not ready within 2s: waiting for better days; it is not' <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 4 ]
    processes_are_gone

    rm -r "$dir"
    run -0 "$bench" "${fast[@]}" --set ready-timeout=2s --external "mine=$fake ready {port}" \
        --ready 'mine=never says so'
    [ "$(grep -c '^bench: mine was not ready within 2s; it is not tried again' <<<"$output")" -eq 1 ]
    processes_are_gone
}

@test "a command that ignores SIGTERM is killed; what was measured counts, and one line says so" {
    run -0 "$bench" "${fast[@]}" --set stop-timeout=2s --external "mine=$fake stubborn {port}" \
        --ready 'mine=now at'
    [ "$(grep -c '^bench: mine does not end within 2s of SIGTERM and is killed$' <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 8 ]
    [ ! -e "$dir/failed" ]
    processes_are_gone
}

@test "what a wrapper has started ends with it" {
    "$bench" "${fast[@]}" --external "mine=$fake wraps {port}" --ready 'mine=now at'
    [ "$(files_in "$dir/trials")" -eq 8 ]
    processes_are_gone
}

@test "an external server's failure to serve fails its trials only" {
    FAKE_GENERATOR='mine * * 1' run -0 "$bench" "${fast[@]}" --external "mine=$fake ready {port}" \
        --ready 'mine=now at'
    [ "$(files_in "$dir/trials")" -eq 4 ]
    [ "$(files_in "$dir/failed")" -eq 4 ]
    processes_are_gone
}

@test "what cannot be meant is one line and status 2" {
    misuse --external mine --output "$dir"
    misuse --external 'mine=serve --port 80' --output "$dir"
    misuse --external 'a/b=serve {port}' --output "$dir"
    misuse --external 'all=serve {port}' --output "$dir"
    misuse --external 'mine=serve {port}' --external 'mine=other {port}' --output "$dir"
    misuse --external 'alpha=serve {port}' --models beta --output "$dir"
    misuse --ready 'mine=x' --output "$dir"
    misuse --external 'mine=serve {port}' --ready 'mine=(' --output "$dir"
    misuse --external 'mine=serve {port}' --resume "$dir"
}
