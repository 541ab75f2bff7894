# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The tests that load this use what is set here; bats sets `lines` and `output`.
# shellcheck disable=SC2034,SC2154
# What the tests of the truth share. BUILD is the build folder, set by CTest.

load ../command_line/common
TIMED=$BUILD/tests/truth/timed-server

# start_timed OPTION…: a server of known latency; sets TARGET, as the generator wants it, and
# TIMED_PID. It sleeps between events: a core of its own is for who measures.
start_timed() {
    rm -f "$BATS_TEST_TMPDIR/timed.out"
    "$TIMED" --sleep "$@" >"$BATS_TEST_TMPDIR/timed.out" 2>"$BATS_TEST_TMPDIR/timed.err" 3>&- &
    TIMED_PID=$!
    wait_for_line "$BATS_TEST_TMPDIR/timed.out" '^listening'
    TARGET=$(sed -n 's/^listening //p' "$BATS_TEST_TMPDIR/timed.out")
}

# stop_timed: ends it with SIGTERM; fails when it does not end with status 0.
stop_timed() {
    local pid=$TIMED_PID
    TIMED_PID=
    kill -TERM "$pid"
    wait "$pid"
}

# served KEY: a number of the line the server ended with.
served() {
    sed -n "s/^served.* $1=\([^ ]*\).*/\1/p" "$BATS_TEST_TMPDIR/timed.out"
}

end_timed() {
    if [ -n "${TIMED_PID:-}" ]; then
        kill -KILL "$TIMED_PID" 2>/dev/null || true
        wait "$TIMED_PID" 2>/dev/null || true
    fi
}
