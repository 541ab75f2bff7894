#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which requests a stall of the machine has touched, and who notes the stalls.

load common

WITNESS=$BUILD/tests/truth/stall-witness
CLEAR=$BATS_TEST_DIRNAME/../../scripts/lib/clear-of-stalls.awk

# clear: the values of `measured` for which `stalls` has no stall, 2.5 ms each.
clear() {
    awk -v span_ns=2500000 -f "$CLEAR" "$BATS_TEST_TMPDIR/stalls" "$BATS_TEST_TMPDIR/measured" |
        paste -sd, -
}

@test "what a stall may have touched does not count, however long it took" {
    cat >"$BATS_TEST_TMPDIR/measured" <<'END'
48000001000000 1 a
48000002000000 2 b
48000003500000 3 c
48000007500000 4 d
48000008500000 5 e
48000020000000 6 f
48000027000000 7 g
48000029000000 8 h
END
    printf '%s\n' watching 'watched cores=2 wakes=9 stalls=0 lost_ms=0.0' >"$BATS_TEST_TMPDIR/stalls"
    [ "$(clear)" = "1 a,2 b,3 c,4 d,5 e,6 f,7 g,8 h" ]

    # From 4 to 6 ms, made up for until 8 ms; and at 30 ms, on the other core.
    cat >"$BATS_TEST_TMPDIR/stalls" <<'END'
watching
stall core=0 from_ns=48000004000000 to_ns=48000006000000
stall core=1 from_ns=48000005000000 to_ns=48000005100000
stall core=1 from_ns=48000030000000 to_ns=48000030100000
watched cores=2 wakes=9 stalls=3 lost_ms=2.2
END
    [ "$(clear)" = "1 a,5 e,6 f,7 g" ]
}

@test "stall-witness notes what is later than its threshold, and only that" {
    local pid

    "$WITNESS" 100us 1ns >"$BATS_TEST_TMPDIR/stalls" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    if ! wait_for_line "$BATS_TEST_TMPDIR/stalls" '^watching'; then
        grep -q 'real-time priority' "$BATS_TEST_TMPDIR/err"
        skip 'real-time priority is not allowed here'
    fi
    kill -TERM "$pid"
    wait "$pid"
    # No clock wakes anybody within a nanosecond: every wake is noted.
    read -r wakes stalls < <(sed -n 's/^watched .*wakes=\([0-9]*\) stalls=\([0-9]*\) .*/\1 \2/p' \
        "$BATS_TEST_TMPDIR/stalls")
    [ "$wakes" -gt 0 ]
    [ "$stalls" -eq "$wakes" ]
    [ "$(grep -c '^stall ' "$BATS_TEST_TMPDIR/stalls")" -eq "$stalls" ]
    # Each begins where the core was seen last, 100 us before it was to be woken.
    awk -F'[ =]' '$1 == "stall" && !($7 - $5 > 100000) { exit 1 }' "$BATS_TEST_TMPDIR/stalls"
    sort -c -t= -k3,3n <(grep '^stall ' "$BATS_TEST_TMPDIR/stalls")

    for wrong in "" "100us" "100us 0" "x 100us" "100us 50us 1"; do
        # shellcheck disable=SC2086
        run timeout 5 "$WITNESS" $wrong
        [ "$status" -eq 2 ]
        one_line
    done
}
