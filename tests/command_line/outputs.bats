#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the generator writes besides its trial, and what it tells while a run lasts: whole and alike
# when all goes well, said and survived when somebody does not take it.
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines
bats_require_minimum_version 1.5.0

load common

setup() {
    OUT=$BATS_TEST_TMPDIR
    CHECK=$BATS_TEST_DIRNAME/../openmetrics/check_openmetrics.py
    start_server --model epoll
}

teardown() {
    end_servers
}

# load_server ARG…: a load of two classes; sets `output` to what it printed, `stderr` apart.
load_server() {
    run --separate-stderr timeout 30 "$LOADGEN" --connections 4 --rate 1k/s --warmup 0s \
        --request '3*echo:64,1*echo:uniform(16,1024)' --output "$OUT/trial.json" "$@" \
        "127.0.0.1:$PORT"
    echo "$stderr"
}

# Whether the numbers are trusted depends on the machine.
ran() {
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
}

# openmetrics_is_valid FILE
openmetrics_is_valid() {
    local checked=0

    "$CHECK" "$1" || checked=$?
    [ "$checked" -eq 0 ] || [ "$checked" -eq 77 ]
}

# metric_sum NAME FILE: over all its labels.
metric_sum() {
    awk -v name="$1{" 'index($1, name) == 1 { sum += $NF } END { print sum }' "$2"
}

# fetch_metrics URL FILE
fetch_metrics() {
    /usr/bin/python3 - "$1" >"$2" <<'PYTHON'
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=5) as reply:
    assert reply.headers["Content-Type"].startswith("application/openmetrics-text"), reply.headers
    sys.stdout.write(reply.read().decode())
PYTHON
}

@test "every output of one run says the same" {
    load_server --duration 2500ms --quiet --stream "$OUT/stream" --hlog "$OUT/hlog" \
        --hgrm "$OUT/hgrm" --openmetrics "$OUT/metrics" --dump "$OUT/dump"
    ran
    is_conserved
    local count sent unsent
    count=$(json .latency.response.count)
    sent=$(json .counts.sent)
    unsent=$(json .counts.unsent)

    # The stream: a line a second, the last of them half a second long.
    [ "$(jq -s '[.[].response.count] | add' "$OUT/stream")" -eq "$count" ]
    [ "$(jq -s '[.[].classes[].response.count] | add' "$OUT/stream")" -eq "$count" ]
    jq -es '[.[].second] == [range(length)] and [limit(3; .[].duration_s)] == [1, 1, 0.5]
            and .[1].start_s == 1' "$OUT/stream"
    jq -es --slurpfile trial "$OUT/trial.json" '[limit(3; .[] | {start_s, sent, ok, errors})] ==
            ($trial[0].windows | map({start_s, sent, ok, errors}))' "$OUT/stream"
    jq -es '[.[] | .response, .service, .send_lag, .queue_wait, .wire] | all(has("count") and has("p50_ns") and has("p999_ns") and has("max_ns")
            and (.lower_bounds | type) == "array"
            and (.histogram | startswith("HISTFAAA")))' "$OUT/stream"

    # The log: a line a second and class, after its legend.
    [ "$(grep -c '^Tag=echo:64,' "$OUT/hlog")" -eq "$(wc -l <"$OUT/stream")" ]
    [ "$(grep -c '^Tag=echo:uniform(16_1024),' "$OUT/hlog")" -eq "$(wc -l <"$OUT/stream")" ]
    grep -q '^#\[StartTime: ' "$OUT/hlog"
    grep -q '^"StartTimestamp","Interval_Length",' "$OUT/hlog"

    # The percentiles: the last row has all of them, and the largest value in milliseconds.
    awk -v count="$count" -v max="$(json .latency.response.max_ns)" '
        $2 == "1.000000000000" { found = $3 == count && $1 >= max / 1e6 - 0.001 && $1 <= max / 1e6 * 1.002 }
        END { exit !found }' "$OUT/hgrm"

    # The metrics: cumulative counts, the histograms of both classes.
    openmetrics_is_valid "$OUT/metrics"
    grep -q "^muelle_requests_sent_total $sent\$" "$OUT/metrics"
    [ "$(metric_sum muelle_response_seconds_count "$OUT/metrics")" -eq "$count" ]
    [ "$(metric_sum muelle_requests_total "$OUT/metrics")" -eq $((sent + unsent)) ]

    # The dump: a line a request.
    [ "$(tail -n +2 "$OUT/dump" | wc -l)" -eq $((sent + unsent)) ]
    # Its 0 lies on the machine's clock, and is over.
    awk -v from_ns="$(json .measured_from_monotonic_ns)" \
        '{ exit !(from_ns > 0 && from_ns < $1 * 1e9) }' /proc/uptime
}

@test "a closed loop's stream has no send lag, and what is not stamped has no wire time" {
    run timeout 30 "$LOADGEN" --connections 4 --requests 1000 --warmup 0s \
        --timestamps off --quiet --stream "$OUT/stream" --openmetrics "$OUT/metrics" \
        "127.0.0.1:$PORT"
    ran
    jq -es 'all(has("send_lag") or has("queue_wait") or has("wire") or has("classes") | not)
            and ([.[].response.count] | add) == 1000 and .[0].service == .[0].response' "$OUT/stream"
    openmetrics_is_valid "$OUT/metrics"
    run ! grep -q 'muelle_send_lag_seconds\|muelle_wire_seconds' "$OUT/metrics"
    grep -q '^muelle_service_seconds_count 1000$' "$OUT/metrics"
}

@test "--stream -: standard output is the stream, people read standard error" {
    load_server --duration 2s --stream -
    ran
    [ "$(jq -s 'length' <<<"$output")" -ge 2 ]
    jq -es 'all(has("second"))' <<<"$output"
    [[ $stderr == *throughput* ]]
}

@test "--stream -: a reader who leaves is said once, and costs the status" {
    run --separate-stderr bash -o pipefail -c '"$@" | head -n 1' - timeout 30 "$LOADGEN" \
        --connections 4 --rate 1k/s --duration 4s --warmup 0s --quiet --stream - \
        --hlog "$OUT/hlog" --output "$OUT/trial.json" "127.0.0.1:$PORT"
    [ "$status" -eq 1 ]
    [ "$(jq .second <<<"$output")" -eq 0 ]
    [ "$stderr" = "muelle-loadgen: --stream -: Broken pipe" ]
    is_conserved
    json '.complete and .counts.sent >= 3990'
    [ "$(grep -c '^Tag=' "$OUT/hlog")" -ge 4 ]
}

@test "a full disk is said for each output, and the others are whole" {
    load_server --duration 1500ms --quiet --hlog /dev/full --hgrm /dev/full \
        --openmetrics /dev/full --stream "$OUT/stream"
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 3 ]
    [[ $stderr == *"--hlog /dev/full: No space left on device"* ]]
    [[ $stderr == *"--hgrm /dev/full: No space left on device"* ]]
    [[ $stderr == *"--openmetrics /dev/full: No space left on device"* ]]
    is_conserved
    [ "$(jq -s '[.[].response.count] | add' "$OUT/stream")" -eq "$(json .latency.response.count)" ]
}

@test "what cannot be written at all is said before the load" {
    for option in --hlog --hgrm --stream --openmetrics; do
        load_server --duration 60s "$option" "$OUT/nowhere/file"
        [ "$status" -eq 1 ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == *"$option $OUT/nowhere/file: No such file or directory" ]]
    done
    mkfifo "$OUT/fifo"
    load_server --duration 60s --stream "$OUT/fifo"
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "a killed run leaves the seconds it had" {
    timeout 30 "$LOADGEN" --connections 4 --rate 1k/s --duration 60s --warmup 0s --quiet \
        --hlog "$OUT/hlog" --stream "$OUT/stream" "127.0.0.1:$PORT" 3>&- &
    local pid=$!
    wait_for_line "$OUT/hlog" '^Tag=echo:64,1.000'
    pkill -KILL -P "$pid"
    wait "$pid" || true
    [ "$(grep -c '^Tag=' "$OUT/hlog")" -ge 2 ]
    jq -es 'length >= 2 and .[0].ok > 900' "$OUT/stream"
}

@test "an interrupted run writes everything, and says where its last second ends" {
    "$LOADGEN" --connections 4 --rate 1k/s --duration 60s --warmup 0s --quiet \
        --hlog "$OUT/hlog" --stream "$OUT/stream" --hgrm "$OUT/hgrm" \
        --openmetrics "$OUT/metrics" --output "$OUT/trial.json" "127.0.0.1:$PORT" 3>&- &
    local pid=$! status=0
    wait_for_line "$OUT/stream" '"second":0'
    kill -INT "$pid"
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    is_conserved
    [ "$(jq -s '[.[].response.count] | add' "$OUT/stream")" -eq "$(json .latency.response.count)" ]
    jq -es --argjson measured "$(json .measured_s)" '
        ([.[].duration_s] | add) - $measured | fabs < 0.001' "$OUT/stream"
    openmetrics_is_valid "$OUT/metrics"
    [ -s "$OUT/hgrm" ]
}

@test "--metrics-port is served while the run lasts" {
    timeout 30 "$LOADGEN" --connections 4 --rate 1k/s --duration 60s --warmup 0s --metrics-port 0 \
        "127.0.0.1:$PORT" >"$OUT/out" 2>"$OUT/err" 3>&- &
    local pid=$! url
    wait_for_line "$OUT/err" '^metrics http://127.0.0.1:[0-9]*/metrics$'
    url=$(sed -n 's/^metrics //p' "$OUT/err")
    wait_for_line "$OUT/err" '^measuring 1 s'
    fetch_metrics "$url" "$OUT/first"
    openmetrics_is_valid "$OUT/first"
    grep -q '^muelle_connections{state="open"} 4$' "$OUT/first"
    [ "$(sed -n 's/^muelle_response_seconds_count{class="echo:64"} //p' "$OUT/first")" -ge 900 ]
    wait_for_line "$OUT/err" '^measuring 2 s'
    fetch_metrics "$url" "$OUT/second"
    [ "$(sed -n 's/^muelle_requests_total{outcome="ok"} //p' "$OUT/second")" -gt \
        "$(sed -n 's/^muelle_requests_total{outcome="ok"} //p' "$OUT/first")" ]
    pkill -INT -P "$pid"
    wait "$pid" || true
    run ! fetch_metrics "$url" "$OUT/third"
}

@test "--metrics-port that is taken: one line, no load" {
    load_server --duration 60s --metrics-port "$PORT"
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"--metrics-port $PORT: Address already in use" ]]
}

@test "where nobody looks at a screen: a line a second, none with --quiet" {
    load_server --duration 2500ms
    ran
    [[ ${stderr_lines[0]} == "measuring "[12]" s "*" connections "*"0 failed" ]]
    [ "${#stderr_lines[@]}" -le 3 ] # with one of a drain that took longer
    [[ $stderr != *$'\033'* ]]
    load_server --duration 500ms
    ran
    [ -z "$stderr" ]
    load_server --duration 1500ms --quiet
    ran
    [ -z "$stderr$output" ]
}

@test "on a terminal: a screen that is redrawn, wiped at the end, with the cursor given back" {
    command -v script >/dev/null || skip "no script(1) here"
    TERM=xterm timeout 30 script -qec "'$LOADGEN' --connections 4 --rate 1k/s --duration 2s \
        --warmup 0s 127.0.0.1:$PORT" "$OUT/typescript" >/dev/null </dev/null 3>&- || true
    grep -q 'last second' "$OUT/typescript"
    grep -q 'rate .*/s of 1.00 k/s offered' "$OUT/typescript"
    grep -q $'\033\\[?25l' "$OUT/typescript"
    # Shown again behind the last frame, and then the summary.
    sed -n $'/\033\\[?25h/,$p' "$OUT/typescript" | grep -q throughput
    sed $'1,/\033\\[?25h/d' "$OUT/typescript" >"$OUT/after"
    run ! grep -q 'last second' "$OUT/after"
}
