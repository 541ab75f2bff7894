#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Servers that fail in mid-run: the generator ends on time, counts each failure by its kind, writes
# its JSON and says with its status that the numbers must not be trusted.

load common

teardown() {
    end_servers
}

# load_faulty FAULT AFTER EXTRA…: 10 connections against a server that begins to fail.
load_faulty() {
    local fault=$1 after=$2
    shift 2
    start_faulty "$fault" "$after"
    run timeout 20 "$LOADGEN" --connections 10 --duration 1s --warmup 0s --timeout 500ms \
        --drain 200ms --quiet --output "$BATS_TEST_TMPDIR/trial.json" "$@" "127.0.0.1:$PORT"
    echo "$output"
}

@test "a server that dies: its connections are closed, it cannot be reached again" {
    load_faulty die 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.ok == 500 and .connections.lost == 10 and .connections.errors.refused > 0'
    json '(.counts.errors.closed // 0) + (.counts.errors.reset // 0) > 0'
    json '.verdict.level == "NOT TRUSTED" and any(.verdict.reasons[]; .code == "I4")'
}

@test "a server that hangs: requests time out and are in the histogram at the timeout" {
    load_faulty hang 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.timed_out >= 10 and .latency.service.at_least_count >= 10'
    json '.latency.service.max_ns >= 500000000 and (.latency.service.lower_bounds | index("max_ns")) != null'
}

@test "a server that resets its connections" {
    load_faulty reset 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.errors.reset >= 10 and .connections.lost >= 10'
}

@test "a server that closes instead of answering" {
    load_faulty close 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.errors.closed >= 10'
}

@test "a reply that is cut short is not an answer" {
    load_faulty cut 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.ok == 500 and .counts.errors.closed >= 10'
}

@test "one wrong bit in a reply is found" {
    load_faulty wrong 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.wrong >= 10 and .counts.ok == 500 and any(.verdict.reasons[]; .code == "I5")'
}

@test "error frames are errors, not answers" {
    load_faulty error 500
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.errors.error_reply >= 10 and .connections.lost == 0'
}

@test "bytes nobody asked for" {
    load_faulty noise 500
    [ "$status" -eq 3 ]
    is_conserved
    json '(.counts.errors.broken_frame // 0) + (.connections.errors.broken_frame // 0) >= 10'
}

@test "requests in flight at the end are counted as at least their age" {
    load_faulty hang 100 --timeout 30s
    [ "$status" -eq 3 ]
    is_conserved
    json '.counts.in_flight == 10 and .latency.service.at_least_count == 10'
}

@test "a server that refuses every handshake: one line, nothing to measure" {
    load_faulty refuse 0
    [ "$status" -eq 1 ]
    one_line
    [ ! -e "$BATS_TEST_TMPDIR/trial.json" ]
}

@test "a server that never answers a handshake does not hold the generator up" {
    load_faulty hang-handshake 0
    [ "$status" -eq 1 ]
    one_line
}

@test "a server of another protocol" {
    load_faulty break-handshake 0
    [ "$status" -eq 1 ]
    one_line
}

@test "connections that cannot be established are counted, and the rest is not trusted" {
    load_faulty break-later 6
    [ "$status" -eq 3 ]
    is_conserved
    json '.connections | .established == 6 and .failed == 4 and .errors.handshake_broken == 12'
    json 'any(.verdict.reasons[]; .code == "I4" and .value == 0.4)'
}

@test "--requests without a time: a server that is gone ends the run" {
    start_faulty die 500
    run timeout 20 "$LOADGEN" --connections 10 --threads 3 --requests 100000 --warmup 0s \
        --timeout 500ms --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT"
    echo "$output"
    [ "$status" -eq 3 ]
    [[ "$output" == *"PARTIAL, the server was lost"* ]]
    is_conserved
    json '.complete == false and .counts.ok == 500'
}
