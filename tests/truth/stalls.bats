#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which requests a stall of the machine has touched, and who notes the stalls.

load common

WITNESS=$BUILD/tests/truth/stall-witness
CLEAR=$BATS_TEST_DIRNAME/../../scripts/lib/clear-of-stalls.awk

# clear: the response times, in ms, of those requests of `dump` for which `stalls` has none.
clear() {
    awk -v from_ns=48000000000000 -v span_ns=2500000 -f "$CLEAR" "$BATS_TEST_TMPDIR/stalls" "$BATS_TEST_TMPDIR/dump" |
        awk '{ printf "%s%g", (NR > 1 ? " " : ""), $1 / 1e6 }'
}

@test "requests that a stall may have touched do not count, however long they took" {
    cat >"$BATS_TEST_TMPDIR/dump" <<'END'
intended_s,sent_s,received_s,class,connection,outcome
-0.001000000,-0.001000000,0.000000000,echo:64,0,ok
0.001000000,0.001000000,0.002000000,echo:64,0,ok
0.002000000,0.002000000,0.004000000,echo:64,0,ok
0.003500000,0.003500000,0.006500000,echo:64,0,ok
0.007500000,0.007500000,0.011500000,"echo:uniform(1,2)",1,ok
0.008500000,0.008500000,0.013500000,echo:64,0,ok
0.020000000,0.020000000,0.025500000,echo:64,0,ok
0.020000000,0.020000000,0.026000000,echo:64,0,timed_out
0.020000000,,,echo:64,,unsent
0.027000000,0.027000000,0.033000000,echo:64,0,ok
0.029000000,0.029000000,0.031500000,echo:64,0,ok
END
    printf '%s\n' watching 'watched cores=2 wakes=9 stalls=0 lost_ms=0.0' >"$BATS_TEST_TMPDIR/stalls"
    [ "$(clear)" = "1 2 3 4 5 5.5 6 2.5" ]

    # From 4 to 6 ms, made up for until 8 ms; and at 30 ms, on the other core, when what was due at
    # 27 ms, and took until then, should long have been answered.
    cat >"$BATS_TEST_TMPDIR/stalls" <<'END'
watching
stall core=1 from_ns=48000030000000 to_ns=48000030100000
stall core=0 from_ns=48000004000000 to_ns=48000006000000
stall core=0 from_ns=48000005000000 to_ns=48000005100000
watched cores=2 wakes=9 stalls=3 lost_ms=2.2
END
    [ "$(clear)" = "1 5 5.5 6" ]
}

@test "stall-witness notes what is later than its threshold, and only that" {
    local pid

    "$WITNESS" 0.001 >"$BATS_TEST_TMPDIR/stalls" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    if ! wait_for_line "$BATS_TEST_TMPDIR/stalls" '^watching'; then
        grep -q 'real-time priority' "$BATS_TEST_TMPDIR/err"
        skip 'real-time priority is not allowed here'
    fi
    sleep 0.1 # what it watches
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

    for wrong in "" "0" "x" "100 200"; do
        # shellcheck disable=SC2086
        run timeout 5 "$WITNESS" $wrong
        [ "$status" -eq 2 ]
        one_line
    done
}
