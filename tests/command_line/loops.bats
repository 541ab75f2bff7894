#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The kinds of load the generator knows, against a server of ours: every request accounted for, and
# what was asked is what was done.

load common

setup() {
    start_server --model epoll
}

teardown() {
    end_servers
}

# load_trial OPTION…: a short, quiet run; its trial is $BATS_TEST_TMPDIR/trial.json. Machines where
# tests run are too busy for a verdict, so status 3 is as good as 0.
load_trial() {
    run timeout 60 "$LOADGEN" --warmup 0s --timeout 5s --quiet \
        --output "$BATS_TEST_TMPDIR/trial.json" "$@" "127.0.0.1:$PORT"
    echo "$output"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    is_conserved
}

@test "an open loop offers its rate, whatever the server does" {
    load_trial --rate 2k/s --duration 1s --connections 20
    json '.measured.intended == 2000 and .counts.ok == .counts.sent and .counts.unsent == 0'
    json '.config | .loop == "open" and .arrival == "uniform" and .rate_per_s == 2000'
    json '.latency.response.count == 2000 and .latency.service.count == 2000'
    json '.latency.send_lag.count + .latency.queue_wait.count == 2000'
    json '.latency.response.mean_ns >= .latency.service.mean_ns'
}

@test "threads share an open loop's arrivals" {
    load_trial --rate 2k/s --duration 1s --connections 20 --threads 3
    json '.measured.intended == 2000 and .counts.ok == 2000'
}

@test "an open loop with several requests in flight on a connection" {
    load_trial --rate 10k/s --arrival poisson --pipeline 4 --duration 1s --connections 4
    json '.counts.ok == .counts.sent and .counts.unsent == 0'
    load_trial --rate 2k/s --arrival poisson --pipeline 4 --requests-per-connection 7 \
        --duration 1s --connections 4
    json '.counts.ok == .counts.sent and .counts.unsent == 0'
}

@test "an open loop with a short queue: shared by the threads, and only for want of a connection" {
    load_trial --rate 500/s --queue-limit 1 --threads 2 --connections 50 --duration 500ms
    json '.measured.intended == 250'
    # What became due while the generator itself was stopped has its connections, and is sent.
    "$LOADGEN" --warmup 0s --quiet --rate 2k/s --queue-limit 20 --connections 900 --duration 2s \
        --stream "$BATS_TEST_TMPDIR/stream" --output "$BATS_TEST_TMPDIR/trial.json" \
        "127.0.0.1:$PORT" 3>&- &
    local pid=$!
    wait_for_line "$BATS_TEST_TMPDIR/stream" . # a second has been measured
    kill -STOP "$pid"
    sleep 0.2
    kill -CONT "$pid"
    wait "$pid" || [ $? -eq 3 ]
    json '.counts.intended == 4000 and .counts.unsent == 0'
}

@test "a seed sends the same classes and sizes again" {
    for i in 1 2; do
        load_trial --rate 1k/s --arrival poisson --duration 500ms --seed 7 \
            --request '3*echo:uniform(16,4096),1*persona' --dump "$BATS_TEST_TMPDIR/dump$i.csv"
    done
    json '.classes | length == 2 and all(.response.count > 0)'
    json '(.classes | map(.response.count) | add) == .latency.response.count'
    # The intended instants are the same to the nanosecond, and so is what was asked at each.
    for i in 1 2; do
        tail -n +2 "$BATS_TEST_TMPDIR/dump$i.csv" | sed 's/"\([^",]*\),\([^"]*\)"/\1;\2/' |
            cut -d, -f1,4 | sort >"$BATS_TEST_TMPDIR/asked$i"
    done
    [ -s "$BATS_TEST_TMPDIR/asked1" ]
    cmp "$BATS_TEST_TMPDIR/asked1" "$BATS_TEST_TMPDIR/asked2"
}

@test "a number of requests of an open loop" {
    load_trial --rate 10k/s --requests 1234 --connections 10 --threads 2
    json '.measured.intended == 1234 and .complete'
}

@test "a trace is sent as it is written, and ends the run" {
    printf 'time_s,class\n0,echo:64\n0.1,persona\n0.25\n0.25,echo:64\n' >"$BATS_TEST_TMPDIR/trace"
    load_trial --arrival "trace:$BATS_TEST_TMPDIR/trace" --request echo:64,persona
    json '.counts.intended == 4 and .counts.ok == 4 and .complete'
    json '.measured_s >= 0.25 and .measured_s < 5'
}

@test "think time: fixed and exponential" {
    load_trial --think 20ms --duration 500ms --connections 10
    json '.config.loop == "think" and .counts.ok > 0 and .counts.ok <= 260'
    load_trial --think 'exp(20ms)' --duration 500ms --connections 10
    json '.counts.ok > 50 and .counts.ok < 1000'
}

@test "pipelining: every request has a latency of its own" {
    load_trial --pipeline 16 --connections 4 --requests 20000
    json '.counts.ok >= 20000 and .latency.service.count >= 20000 and .counts.wrong == 0'
}

@test "pipelining of requests that do not fit the socket" {
    load_trial --pipeline 8 --connections 2 --requests 200 --request echo:1MiB --timeout 30s
    json '.counts.ok >= 200 and .counts.wrong == 0 and .connections.lost == 0'
}

@test "churn: connections are closed after so many requests, and opened anew" {
    load_trial --requests-per-connection 5 --connections 10 --requests 5000
    json '.counts.ok >= 5000 and .connections.lost == 0'
    json '.connections.recycled >= 990 and .connections.recycled - .connections.reconnected <= 10'
    json '.latency.connect.count == .connections.established + .connections.reconnected'
    json '.latency.handshake.count == .latency.connect.count'
}

@test "churn in an open loop, and with pipelining" {
    load_trial --rate 2k/s --requests-per-connection 3 --connections 10 --duration 1s
    json '.measured.intended == 2000 and .counts.unsent == 0 and .connections.lost == 0'
    load_trial --pipeline 8 --requests-per-connection 20 --connections 10 --requests 5000
    json '.counts.ok >= 5000 and .connections.recycled >= 240 and .connections.lost == 0'
}

@test "a limited rate of connects takes its time" {
    load_trial --connect-rate 100/s --connections 30 --requests 100
    json '.connections.established == 30 and .connections.failed == 0'
}

@test "source addresses are used in turn" {
    load_trial --source 127.0.0.2-127.0.0.4 --connections 6 --requests 100
    json '.connections.established == 6 and .config.source == "127.0.0.2-127.0.0.4"'
}

@test "a name is tried by all its addresses" {
    run timeout 60 "$LOADGEN" --warmup 0s --requests 100 --quiet \
        --output "$BATS_TEST_TMPDIR/trial.json" "localhost:$PORT"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    json '.config.address == "127.0.0.1:'"$PORT"'" and .counts.ok >= 100'
}

@test "the kernel's stamps: of a sample, of all, of none" {
    load_trial --connections 20 --requests 2000
    json '.latency.wire.count > 0 and .latency.wire.count < .latency.service.count'
    json '.latency.wire.mean_ns <= .latency.service.mean_ns * 2'
    load_trial --connections 20 --requests 2000 --timestamps all
    json '.latency.wire.count >= 0.99 * .latency.service.count'
    json '.latency.wire.p50_ns <= .latency.service.p50_ns'
    load_trial --connections 20 --requests 2000 --timestamps off
    json '.latency.wire.count == 0'
}

@test "no allocation per request" {
    counter=$BUILD/tests/command_line/libmalloc-counter.so
    if ldd "$LOADGEN" | grep -q libasan; then
        skip "the sanitizer has an allocator of its own"
    fi
    for requests in 2000 52000; do
        LD_PRELOAD=$counter timeout 60 "$LOADGEN" --warmup 0s --requests "$requests" --pipeline 4 \
            --connections 10 --quiet "127.0.0.1:$PORT" 2>"$BATS_TEST_TMPDIR/count.$requests" 3>&- ||
            [ $? -eq 3 ]
    done
    few=$(sed -n 's/^allocations //p' "$BATS_TEST_TMPDIR/count.2000")
    many=$(sed -n 's/^allocations //p' "$BATS_TEST_TMPDIR/count.52000")
    echo "$few allocations for 2,000 requests, $many for 52,000"
    # Once a second, and for what is reported, there may be some: not one in a hundred requests.
    [ "$((many - few))" -lt 500 ]
}

@test "idle connections greet, stay and send nothing, whatever the loop" {
    local loop

    for loop in '' '--rate 2k/s' '--think 5ms'; do
        # shellcheck disable=SC2086 # an option and its value
        load_trial $loop --connections 4 --idle-connections 30 --threads 2 --duration 300ms
        json '.config.connections == 4 and .config.idle_connections == 30'
        json '.connections.asked == 34 and .connections.established == 34'
        json '.connections.lost == 0 and .counts.ok > 0'
    done
    load_trial --connections 2 --idle-connections 7 --threads 3 --requests 999
    json '.counts.ok == 999'
}
