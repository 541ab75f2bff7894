#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The server's own options: what a model is tuned by, and what it counts.

load common

teardown() {
    end_servers
}

@test "a tuning that means nothing to the model is refused, in one line" {
    local option

    for option in --workers=3 --queue=9 --stack-size=128KiB --ring-entries=64; do
        run timeout 10 "$SERVER" --model epoll --port 0 "$option"
        [ "$status" -eq 2 ]
        one_line
        [[ "$output" == *"${option%=*} means nothing to the model epoll"* ]]
    done
    run timeout 10 "$SERVER" --model thread-pool --port 0 --requests-per-turn 3
    [ "$status" -eq 2 ]
}

@test "--list-models --verbose names each model's tunings, and the server obeys them" {
    local model option

    run "$SERVER" --list-models --verbose
    [ "$status" -eq 0 ]
    [[ "$output" == *--backlog* ]]
    [ "$("$SERVER" --list-models --verbose | grep -c -- --max-connections)" -eq \
        "$("$SERVER" --list-models | wc -l)" ]
    while read -r model option; do
        run timeout 10 "$SERVER" --model "$model" --port 0 "$option" nonsense
        [ "$status" -eq 2 ]
        [[ "$output" != *"means nothing"* ]]
    done < <("$SERVER" --list-models --verbose | awk '
        /^[a-z]/ { model = $1; next }
        { sub(/;.*/, ""); for (i = 1; i <= NF; i++)
            if ($i !~ /backlog|max-connections/) print model, $i }')
}

@test "SIGUSR1 writes the counters as things stand, whole, and the server goes on" {
    local counters=$BATS_TEST_TMPDIR/counters.json tries

    start_server --model thread-pool --workers 4 --counters "$counters"
    timeout 60 "$LOADGEN" --connections 4 --requests 2000 --warmup 0 --quiet "127.0.0.1:$PORT" ||
        [ $? -eq 3 ]
    kill -USR1 "$SERVER_PID"
    for ((tries = 0; tries < 500; tries++)); do
        [ ! -s "$counters" ] || break
        sleep 0.02
    done
    jq -e '.accepts == 4 and .requests == 2000 and .workers_lost == 0' "$counters"
    jq -e '[.workers[] | select(.role == "worker")] | length == 4' "$counters"
    jq -e '([.workers[].requests] | add) == .requests' "$counters"
    # Many at once, while it works: each is whole, and none is lost to a crash.
    timeout 60 "$LOADGEN" --connections 4 --requests 20000 --warmup 0 --quiet "127.0.0.1:$PORT" &
    for ((tries = 0; tries < 200; tries++)); do
        kill -USR1 "$SERVER_PID"
        jq -e '.requests >= 2000' "$counters" >/dev/null
    done
    wait $! || [ $? -eq 3 ]
    stop_server
    jq -e '.requests == 22000 and .live == 0' "$counters"
    [ ! -e "$counters.partial" ]
}

@test "SIGUSR1 without --counters does nothing" {
    start_server --model epoll
    kill -USR1 "$SERVER_PID"
    timeout 60 "$LOADGEN" --connections 4 --requests 100 --warmup 0 --quiet "127.0.0.1:$PORT" ||
        [ $? -eq 3 ]
    stop_server
}

@test "counters that cannot be written are an error, not a loss of the run" {
    run timeout 10 "$SERVER" --model epoll --port 0 --counters /nowhere/counters.json
    [ "$status" -eq 1 ]
    one_line
    start_server --model epoll --counters /dev/full
    kill -TERM "$SERVER_PID"
    run wait "$SERVER_PID"
    grep -q "counters /dev/full" "$BATS_TEST_TMPDIR/server.err"
}

@test "a server of many processes is observed, though they end with their clients" {
    local trial=$BATS_TEST_TMPDIR/trial.json

    start_server --model fork-per-client
    timeout 60 "$LOADGEN" --connections 8 --duration 3s --warmup 100ms --quiet \
        --observe "$SERVER_PID" --output "$trial" "127.0.0.1:$PORT" || [ $? -eq 3 ]
    # Whether they still live when they are looked at, or have just ended: what they used counts.
    jq -e '.server.cpu_us_per_request > 0.5 and .server.pss_bytes > 0' "$trial"
}
