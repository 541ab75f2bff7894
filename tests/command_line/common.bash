# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The tests that load this use what is set here; bats sets `lines` and `output`.
# shellcheck disable=SC2034,SC2154
# What the command-line tests share. BUILD is the build folder, set by CTest.

: "${BUILD:?set BUILD to a build folder, or run the tests with scripts/test}"
SERVER=$BUILD/server/muelle-server
LOADGEN=$BUILD/loadgen/muelle-loadgen
REPORT=$BUILD/analysis/muelle-report
FAULTY=$BUILD/tests/command_line/faulty-server

# wait_for_line FILE PATTERN: until a line of FILE matches; at most 10 s.
wait_for_line() {
    local tries

    for ((tries = 0; tries < 500; tries++)); do
        grep -q "$2" "$1" 2>/dev/null && return
        sleep 0.02
    done
    echo "no line '$2' in $1"
    return 1
}

# wait_for_load PID: until that process has used 50 ms of system time, so it is under load.
wait_for_load() {
    local tries

    for ((tries = 0; tries < 500; tries++)); do
        [ "$(cut -d' ' -f15 "/proc/$1/stat")" -gt 5 ] && return
        sleep 0.02
    done
    echo "process $1 was never under load"
    return 1
}

# wait_until_taken PID: until no SIGINT waits to be delivered to that process, or it has ended.
wait_until_taken() {
    local tries

    for ((tries = 0; tries < 500; tries++)); do
        # SIGINT is signal 2: the second lowest bit of the mask.
        grep -q '^ShdPnd:.*[2367abef]$' "/proc/$1/status" 2>/dev/null || return 0
    done
    echo "process $1 never took its SIGINT"
    return 1
}

# start_server ARG…: sets SERVER_PID and PORT. fd 3 belongs to bats and must not be held open.
start_server() {
    # A child empties its output only when it runs: what the one before said would be read as its.
    rm -f "$BATS_TEST_TMPDIR/server.out"
    "$SERVER" --port 0 "$@" >"$BATS_TEST_TMPDIR/server.out" 2>"$BATS_TEST_TMPDIR/server.err" 3>&- &
    SERVER_PID=$!
    wait_for_line "$BATS_TEST_TMPDIR/server.out" '^listening'
    PORT=$(sed -n 's/^listening [^ ]*:\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/server.out")
}

# stop_server: ends it with SIGTERM; fails when it does not end with status 0.
stop_server() {
    local pid=$SERVER_PID
    SERVER_PID=
    kill -TERM "$pid"
    wait "$pid"
}

# start_faulty FAULT AFTER: a server that fails; sets PORT and FAULTY_PID.
start_faulty() {
    rm -f "$BATS_TEST_TMPDIR/faulty.out"
    mkfifo "$BATS_TEST_TMPDIR/faulty.in"
    "$FAULTY" "$@" <"$BATS_TEST_TMPDIR/faulty.in" >"$BATS_TEST_TMPDIR/faulty.out" 3>&- &
    FAULTY_PID=$!
    exec 7>"$BATS_TEST_TMPDIR/faulty.in" # its standard input ends when we do
    wait_for_line "$BATS_TEST_TMPDIR/faulty.out" '^listening'
    PORT=$(sed -n 's/^listening //p' "$BATS_TEST_TMPDIR/faulty.out")
}

end_servers() {
    if [ -n "${SERVER_PID:-}" ]; then
        kill -KILL "$SERVER_PID" 2>/dev/null || true
        wait "$SERVER_PID" 2>/dev/null || true
    fi
    if [ -n "${FAULTY_PID:-}" ]; then
        exec 7>&-
        wait "$FAULTY_PID" 2>/dev/null || true
    fi
}

# one_line: the last `run` printed exactly one line, on stderr or stdout.
one_line() {
    [ "${#lines[@]}" -eq 1 ] || {
        echo "expected one line, got: $output"
        return 1
    }
}

# json EXPRESSION: jq on the trial of this test.
json() {
    jq -er "$1" "$BATS_TEST_TMPDIR/trial.json"
}

# is_conserved: sent = ok + wrong + errors + timed out + in flight, and the schema holds.
is_conserved() {
    json '[.counts, .measured] | all(.sent == .ok + .wrong + .timed_out + .in_flight
          + ([.errors[]] | add // 0))' >/dev/null
    jsonschema_validates "$BATS_TEST_TMPDIR/trial.json"
}

jsonschema_validates() {
    /usr/bin/python3 - "$1" "$BATS_TEST_DIRNAME/../../results/trial.schema.json" <<'PYTHON'
import json, sys
import jsonschema
jsonschema.Draft202012Validator(json.load(open(sys.argv[2]))).validate(json.load(open(sys.argv[1])))
PYTHON
}
