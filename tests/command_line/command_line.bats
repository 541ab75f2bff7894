#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command lines of the real programs: what users and scripts rely on.

load common

teardown() {
    end_servers
}

@test "--help and --version of every program" {
    for program in "$SERVER" "$LOADGEN" "$REPORT"; do
        run "$program" --help
        [ "$status" -eq 0 ]
        [[ "$output" == *Usage:* ]]
        run "$program" --version
        [ "$status" -eq 0 ]
    done
}

@test "wrong usage of the generator: one line that says what to do, status 2" {
    local wrong
    for wrong in "--connections 0" "--connections -1" "--connections many" "--duration 5parsecs" \
        "--duration 10" "--duration 0s" "--request echo" "--request sing:64" "--threads 0" \
        "--timeout 0s" "--label model" "--protocol http9" "--observe x" "--connections 9999999"; do
        # shellcheck disable=SC2086
        run "$LOADGEN" $wrong 127.0.0.1:4444
        echo "$wrong -> $status: $output"
        [ "$status" -eq 2 ]
        one_line
    done
    for wrong in "" "127.0.0.1" "127.0.0.1:0" "127.0.0.1:99999" ":80" "127.0.0.1:1 127.0.0.1:2"; do
        # shellcheck disable=SC2086
        run "$LOADGEN" $wrong
        echo "$wrong -> $status: $output"
        [ "$status" -eq 2 ]
        one_line
    done
}

@test "more connections than descriptors: the numbers, before anything starts" {
    run bash -c "ulimit -n 100; '$LOADGEN' --connections 1000 127.0.0.1:1"
    [ "$status" -eq 2 ]
    one_line
    [[ "$output" == *1000* && "$output" == *100* ]]
}

@test "nobody listens: one line, status 1, nothing written" {
    run timeout 10 "$LOADGEN" --connections 5 --output "$BATS_TEST_TMPDIR/trial.json" 127.0.0.1:1
    [ "$status" -eq 1 ]
    one_line
    [ ! -e "$BATS_TEST_TMPDIR/trial.json" ]
}

@test "an output that cannot be written is refused before the load" {
    run "$LOADGEN" --output /nonexistent/trial.json 127.0.0.1:1
    [ "$status" -eq 1 ]
    one_line
}

@test "wrong usage of the server: one line, status 2" {
    local wrong
    for wrong in "" "--model nosuch" "--model epoll --port 70000" "--model epoll --bind example.org" \
        "--model epoll --workers 0" "--model epoll --message-max 0" "--model epoll --idle-timeout 3" \
        "--model epoll extra" "--model epoll --protocol smtp"; do
        # shellcheck disable=SC2086
        run timeout 5 "$SERVER" $wrong
        echo "$wrong -> $status: $output"
        [ "$status" -eq 2 ] || [[ "$wrong" == *--bind* && "$status" -eq 1 ]]
        one_line
    done
}

@test "a busy port: one line that says what to do, status 1" {
    start_server --model epoll
    run timeout 5 "$SERVER" --model epoll --port "$PORT"
    [ "$status" -eq 1 ]
    one_line
    [[ "$output" == *"--port"* ]]
}

@test "--list-models names every model once, with a summary" {
    run "$SERVER" --list-models
    [ "$status" -eq 0 ]
    for model in thread-per-client thread-pool epoll null; do
        [ "$(grep -c "^$model " <<<"$output")" -eq 1 ]
    done
}

@test "a run against every model: conserved, valid, and the server counted the same" {
    local model
    for model in thread-per-client thread-pool epoll; do
        start_server --model "$model" --counters "$BATS_TEST_TMPDIR/counters.json"
        run timeout 20 "$LOADGEN" --connections 50 --threads 2 --duration 500ms --warmup 100ms \
            --observe "$SERVER_PID" --label "model=$model" --output "$BATS_TEST_TMPDIR/trial.json" \
            "127.0.0.1:$PORT"
        echo "$output"
        [ "$status" -eq 0 ] || [ "$status" -eq 3 ] # a busy machine may not be trusted
        [[ "$output" == *"response"*"= service"* ]]
        stop_server
        is_conserved
        json '.connections.established == 50 and .connections.lost == 0 and .counts.sent == .counts.ok'
        json '.server.cpu_us_per_request > 0 and .client.cpu_us_per_request > 0'
        json ".labels.model == \"$model\""
        [ "$(json .counts.sent)" -eq "$(jq .requests "$BATS_TEST_TMPDIR/counters.json")" ]
        [ "$(jq .accepts "$BATS_TEST_TMPDIR/counters.json")" -eq 50 ]
        [ "$(jq .closes "$BATS_TEST_TMPDIR/counters.json")" -eq 50 ]
    done
}

@test "every kind of request is verified" {
    local request
    start_server --model epoll --message-max 2MiB
    for request in echo:0 echo:1 echo:1MiB persona work:cpu=10us,block=1ms,reply=100 work:reply=100kB; do
        run timeout 20 "$LOADGEN" --connections 4 --duration 200ms --warmup 0s --request "$request" \
            --quiet --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT"
        echo "$request: $output"
        is_conserved
        json '.counts.ok > 0 and .counts.ok == .counts.sent'
    done
    stop_server
}

@test "--requests measures that many, warm-up apart" {
    start_server --model epoll --counters "$BATS_TEST_TMPDIR/counters.json"
    run timeout 20 "$LOADGEN" --connections 7 --threads 3 --requests 1000 --warmup 0s --quiet \
        --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT"
    echo "$output"
    stop_server
    is_conserved
    json '.counts.sent == 1000 and .measured.ok == 1000 and .latency.service.count == 1000'
    [ "$(jq .requests "$BATS_TEST_TMPDIR/counters.json")" -eq 1000 ]
}

@test "--requests are sent by those who are served, on whatever thread" {
    start_server --model thread-pool --workers 2
    run timeout 20 "$LOADGEN" --connections 40 --threads 8 --requests 999 --warmup 0s --quiet \
        --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT"
    echo "$output"
    stop_server
    is_conserved
    json '.complete and .connections.established == 2 and .measured.sent == 999'
}

@test "a run of a few requests: nothing infinite, and the report can read it" {
    start_server --model epoll
    mkdir -p "$BATS_TEST_TMPDIR/run/trials"
    run timeout 20 "$LOADGEN" --connections 20 --requests 10 --warmup 0s --label model=epoll \
        --output "$BATS_TEST_TMPDIR/run/trials/0001-epoll-20-b1.json" "127.0.0.1:$PORT"
    echo "$output"
    [[ "$output" != *inf* && "$output" != *nan* && "$output" != *I3* ]]
    stop_server
    run "$REPORT" render "$BATS_TEST_TMPDIR/run"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" != *nan* ]]
}

@test "a standard output that is full is told" {
    start_server --model epoll
    for form in "" --json; do
        # shellcheck disable=SC2086
        run bash -c "timeout 20 '$LOADGEN' -c 2 -d 50ms -w 0s $form 127.0.0.1:$PORT >/dev/full"
        [ "$status" -eq 1 ]
        one_line
    done
    stop_server
}

@test "Ctrl-C twice: the report is written all the same" {
    start_server --model epoll
    "$LOADGEN" --connections 10 --duration 60s --warmup 0s --quiet \
        --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT" 3>&- &
    local pid=$!
    wait_for_load "$SERVER_PID"
    kill -INT "$pid"
    wait_until_taken "$pid" # two that are pending at once would be one
    kill -INT "$pid" 2>/dev/null || true
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    is_conserved
    stop_server
}

@test "a label that JSON cannot hold is refused" {
    run "$LOADGEN" --label $'model=\xff' 127.0.0.1:1
    [ "$status" -eq 2 ]
    one_line
}

@test "a thread-pool refuses whom it cannot serve, and that is said" {
    start_server --model thread-pool --workers 5 --counters "$BATS_TEST_TMPDIR/counters.json"
    run timeout 20 "$LOADGEN" --connections 300 --duration 300ms --warmup 0s \
        --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT"
    echo "$output"
    stop_server
    is_conserved
    json '.connections.established == 5 and .connections.refused == 295 and .counts.refused == 295'
    json 'any(.verdict.reasons[]; .code == "C9")'
    [ "$(jq .rejects "$BATS_TEST_TMPDIR/counters.json")" -eq 295 ]
}

@test "Ctrl-C: the load ends, everything is written and marked as partial, status 130" {
    start_server --model epoll
    "$LOADGEN" --connections 10 --duration 60s --warmup 0s --output "$BATS_TEST_TMPDIR/trial.json" \
        "127.0.0.1:$PORT" >"$BATS_TEST_TMPDIR/loadgen.out" 3>&- &
    local pid=$!
    wait_for_load "$SERVER_PID"
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    grep -q PARTIAL "$BATS_TEST_TMPDIR/loadgen.out"
    is_conserved
    json '.complete == false and .counts.ok > 0'
}

@test "SIGTERM with clients connected: the server ends within 2 s and leaves its counters" {
    local model
    for model in thread-per-client thread-pool epoll null; do
        start_server --model "$model" --counters "$BATS_TEST_TMPDIR/counters.json"
        "$LOADGEN" --connections 100 --duration 60s --warmup 0s --quiet "127.0.0.1:$PORT" \
            >/dev/null 2>&1 3>&- &
        local pid=$!
        wait_for_load "$SERVER_PID"
        kill -TERM "$SERVER_PID"
        timeout 10 tail --pid="$SERVER_PID" -f /dev/null
        wait "$SERVER_PID"
        SERVER_PID=
        kill -INT "$pid"
        kill -INT "$pid"
        wait "$pid" || true
        jq -e '.accepts == 100 and .closes == 100' "$BATS_TEST_TMPDIR/counters.json"
    done
}

@test "the environment is valid JSON" {
    run "$LOADGEN" --environment
    [ "$status" -eq 0 ]
    jq -e '.cores >= 1 and .kernel != ""' <<<"$output"
}
