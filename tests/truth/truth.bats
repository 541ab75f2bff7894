#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The generator against servers whose latency is known. Nothing here depends on how fast the machine
# is: counts are exact, and a latency can only be held to what it may not be below. Whether it is
# right is measured by scripts/benchmarks/truth, on a machine that is quiet.

load common

teardown() {
    end_timed
}

# load_open OPTION…: an open loop against the server that runs; its trial is trial.json.
load_open() {
    run timeout 30 "$LOADGEN" --warmup 0s --output "$BATS_TEST_TMPDIR/trial.json" "$@" "$TARGET"
    echo "$output"
}

# is_accounted: what the schedule intended was sent or is said not to have been; what was sent has
# an outcome; the schema holds.
is_accounted() {
    is_conserved
    json '.counts.intended == .counts.sent + .counts.unsent' >/dev/null
}

@test "a rate is delivered, to the request" {
    start_timed
    load_open --rate 3900/s --arrival uniform --connections 50 --duration 2s --quiet
    is_accounted
    json '.counts.intended >= 7799 and .counts.intended <= 7801'
    json '.counts.ok == .counts.sent and .counts.unsent == 0'
    stop_timed
    [ "$(served requests)" -eq "$(json .counts.sent)" ]
}

@test "a schedule is a function of the seed" {
    local seed
    local -A intended
    start_timed
    for seed in 5 6 5; do
        load_open --rate 2k/s --arrival poisson --seed "$seed" --connections 20 --duration 1s --quiet
        is_accounted
        intended[$seed]+=" $(json .counts.intended)"
    done
    [[ "${intended[5]}" =~ ^\ ([0-9]+)\ ([0-9]+)$ ]]
    [ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
    [ "${intended[6]# }" -ne "${BASH_REMATCH[1]}" ]
}

@test "the gaps of a burst are seen in the windows" {
    start_timed
    load_open --rate 2k/s --arrival burst:on=1s,off=1s --connections 20 --duration 4s --quiet
    is_accounted
    json '.counts.intended >= 3999 and .counts.intended <= 4001'
    json '[.windows[].ok] | length == 4 and .[1] + .[3] < (.[0] + .[2]) / 10'
}

@test "no reply is faster than it can be, none is lost" {
    start_timed --delay 2ms
    load_open --rate 1k/s --arrival poisson --connections 50 --duration 1s --quiet
    is_accounted
    json '.latency.service.min_ns >= 2000000 and .latency.response.min_ns >= 2000000'
}

@test "two in a hundred are slow, and are not lost" {
    start_timed --delay 1ms:98,200ms:2
    load_open --rate 1k/s --arrival uniform --connections 100 --duration 2s --quiet
    is_accounted
    json '.latency.response.p99_ns >= 200000000 and .latency.service.p99_ns >= 200000000'
}

# Frozen 300 ms in every second: 30 % of what is intended waits evenly up to 300 ms, so one in ten
# waits 200 ms and more. Of service time only one request a connection and period is that slow.
@test "a freeze is in the response time of everybody who was due in it" {
    start_timed --freeze 300ms@1s
    load_open --rate 500/s --arrival uniform --connections 5 --duration 3s --quiet
    is_accounted
    json '.counts.unsent == 0'
    json '.latency.response.p90_ns >= 190000000'
    json '.latency.service.p90_ns < .latency.response.p90_ns / 2'
}

@test "a server that stops answering: timeouts are counted at the timeout, percentiles say so" {
    start_timed --hang-after 500
    load_open --rate 1k/s --arrival uniform --connections 20 --duration 2s --timeout 500ms \
        --drain 500ms
    [ "$status" -eq 3 ]
    [[ "$output" =~ \>[0-9.]+\ m?s ]]
    is_accounted
    json '.counts.intended >= 1999 and .counts.intended <= 2001 and .counts.ok == 500'
    json '.counts.timed_out > 0 and .latency.response.at_least_count > 0'
    json '.latency.response.lower_bounds | index("p99_ns") != null and index("max_ns") != null'
    json '.verdict.level == "NOT TRUSTED"'
}

@test "a server that stops answering: what is in flight at the end is counted, what waits as well" {
    start_timed --hang-after 100
    load_open --rate 1k/s --arrival uniform --connections 20 --duration 1s --timeout 30s \
        --drain 200ms --quiet
    [ "$status" -eq 3 ]
    is_accounted
    json '.counts | .ok == 100 and .in_flight == 20 and .timed_out == 0'
    json '.counts | .sent == 120 and .unsent == .intended - 120'
    json '.latency.response.lower_bounds | index("p99_ns") != null'
}

@test "twice the capacity: the offered load was not served, and the verdict says which is" {
    start_timed --capacity 2k/s
    load_open --rate 4k/s --arrival uniform --connections 50 --duration 3s --drain 200ms --quiet
    [ "$status" -eq 3 ]
    is_accounted
    json 'any(.verdict.reasons[]; .code == "I2")'
    json '.throughput_per_s >= 1800 and .throughput_per_s <= 2200'
    json '.client.rss_bytes < 268435456'
}

@test "a Unix socket and IPv6 are loaded as IPv4 is" {
    local where
    for where in "--unix $BATS_TEST_TMPDIR/socket" "--bind ::1"; do
        # shellcheck disable=SC2086
        start_timed $where
        load_open --rate 1k/s --arrival uniform --connections 10 --duration 1s --quiet
        is_accounted
        json '.counts.ok == .counts.intended and .connections.established == 10'
        json '.config.target' | grep -qxF "$TARGET"
        stop_timed
    done
}

@test "churn: so many requests a connection, and then another one" {
    start_timed
    load_open --rate 1k/s --arrival uniform --connections 10 --requests-per-connection 5 \
        --duration 1s --quiet
    is_accounted
    json '.counts.ok == .counts.sent and .connections.lost == 0'
    stop_timed
    [ $(($(served clients) * 5)) -ge "$(json .counts.sent)" ]
}

@test "a server that closes after some replies: found, reconnected, conserved" {
    start_timed --close-after 7
    load_open --rate 1k/s --arrival uniform --connections 10 --duration 1s --quiet
    is_accounted
    json '.counts.ok > 0 and .connections.lost > 0 and .connections.reconnected > 0'
    stop_timed
    [ "$(served replies)" -ge "$(json .counts.ok)" ]
}
