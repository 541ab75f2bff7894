#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which requests a stall of the machine has touched, and who notes the stalls.

load common

WITNESS=$BUILD/tests/truth/stall-witness
CLEAR=$BATS_TEST_DIRNAME/../../scripts/lib/clear-of-stalls.awk
LOST=$BATS_TEST_DIRNAME/../../scripts/lib/lost-cores.awk

# clear: the values of `measured` for which `stalls` has no stall, 2.5 ms each; they have something to
# do for 50 us, at once and after 2 ms; a look of the witness takes 100 us.
clear() {
    awk -v span_ns=2500000 -v moments='0 2000000' -v moment_ns=50000 -v wake_ns=100000 \
        -f "$CLEAR" "$BATS_TEST_TMPDIR/stalls" "$BATS_TEST_TMPDIR/measured" | paste -sd, -
}

@test "what a stall may have touched does not count, however long it took" {
    cat >"$BATS_TEST_TMPDIR/measured" <<'END'
48000001000000 1 a
48000002000000 2 b
48000003500000 3 c
48000011500000 4 d
48000012500000 5 e
48000020000000 6 f
48000027000000 7 g
48000029000000 8 h
END
    printf '%s\n' 'watching period_ns=1000000000' 'watched cores=2 wakes=9 stalls=0 lost_ms=0.0' \
        >"$BATS_TEST_TMPDIR/stalls"
    [ "$(clear)" = "1 a,2 b,3 c,4 d,5 e,6 f,7 g,8 h" ]

    # From 4 to 6 ms, made up for until 12 ms; and at 30 ms, on the other core.
    cat >"$BATS_TEST_TMPDIR/stalls" <<'END'
watching period_ns=1000000000
stall core=0 from_ns=48000004000000 to_ns=48000006000000 lost_ns=2000000
stall core=1 from_ns=48000005000000 to_ns=48000005100000 lost_ns=100000
stall core=1 from_ns=48000030000000 to_ns=48000030100000 lost_ns=100000
watched cores=2 wakes=9 stalls=3 lost_ms=2.2
END
    [ "$(clear)" = "1 a,5 e,6 f,7 g" ]
}

@test "what had something to do while the witness looked does not count" {
    # At every half millisecond.
    printf '%s\n' 'watching period_ns=500000' 'watched cores=2 wakes=9 stalls=0 lost_ms=0.0' \
        >"$BATS_TEST_TMPDIR/stalls"
    cat >"$BATS_TEST_TMPDIR/measured" <<'END'
48000000000000 1 due when it begins
48000000099999 2 due while it lasts
48000000100000 3 due when it is over
48000000450000 4 done when the next begins
48000000450001 5 not done then
END
    [ "$(clear)" = "3 due when it is over,4 done when the next begins" ]
    # At every 0.6 ms, that is at 2.4 ms as well: 0.4 ms behind the second moment of the first.
    sed -i 's/period_ns=.*/period_ns=600000/' "$BATS_TEST_TMPDIR/stalls"
    cat >"$BATS_TEST_TMPDIR/measured" <<'END'
48000000200000 1 clear at once and at 2.2 ms
48000000400000 2 clear at once, not at 2.4 ms
48000000500000 3 clear at once and at 2.5 ms
48000000550001 4 clear at 2.55 ms, not at once
END
    [ "$(clear)" = "1 clear at once and at 2.2 ms,3 clear at once and at 2.5 ms" ]
}

@test "a core that did other work for long is told, as the kernel traces it" {
    cat >"$BATS_TEST_TMPDIR/trace" <<'END'
# tracer: nop
#
# entries-in-buffer/entries-written: 8/8   #P:2
#
    muelle-loadgen-900     [001] d..2. 57595.000000: sched_switch: prev_comm=muelle-loadgen prev_pid=900 prev_prio=100 prev_state=R ==> next_comm=kdamond.0 next_pid=78 next_prio=120
      timed-server-901     [000] d..2. 57595.000100: sched_switch: prev_comm=timed-server prev_pid=901 prev_prio=100 prev_state=R ==> next_comm=a name [1] 2 next_pid=79 next_prio=120
       a name [1] 2-79     [000] d..2. 57595.000130: sched_switch: prev_comm=a name [1] 2 prev_pid=79 prev_prio=120 prev_state=S ==> next_comm=timed-server next_pid=901 next_prio=100
         kdamond.0-78      [001] d..2. 57595.001500: sched_switch: prev_comm=kdamond.0 prev_pid=78 prev_prio=120 prev_state=S ==> next_comm=muelle-loadgen next_pid=900 next_prio=100
    muelle-loadgen-900     [001] d..2. 57595.009000: sched_switch: prev_comm=muelle-loadgen prev_pid=900 prev_prio=100 prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120
            <idle>-0       [001] d..2. 57595.010000: sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=muelle-loadgen next_pid=900 next_prio=100
      timed-server-901     [000] d..2. 57595.020000: sched_switch: prev_comm=timed-server prev_pid=901 prev_prio=100 prev_state=R ==> next_comm=a name [1] 2 next_pid=79 next_prio=120
       a name [1] 2-79     [000] d..2. 57595.020041: sched_switch: prev_comm=a name [1] 2 prev_pid=79 prev_prio=120 prev_state=S ==> next_comm=timed-server next_pid=901 next_prio=100
END
    run awk -v ours='muelle-loadgen timed-server' -v min_ns=40000 -f "$LOST" "$BATS_TEST_TMPDIR/trace"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "stall core=1 from_ns=57595000000000 to_ns=57595001500000 lost_ns=1500000" ]
    [ "${lines[1]}" = "stall core=0 from_ns=57595020000000 to_ns=57595020041000 lost_ns=41000" ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "what a hypervisor took is time that is accounted to no task" {
    cat >"$BATS_TEST_TMPDIR/trace" <<'END'
            <idle>-0       [000] d..2. 57594.900000: sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=timed-server next_pid=901 next_prio=100
            <idle>-0       [001] d..2. 57594.900000: sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=muelle-loadgen next_pid=900 next_prio=100
    muelle-loadgen-900     [001] dN.2. 57595.000000: sched_stat_runtime: comm=muelle-loadgen pid=900 runtime=99999000 [ns]
      timed-server-901     [000] dN.2. 57595.000300: sched_stat_runtime: comm=timed-server pid=901 runtime=100299000 [ns]
    muelle-loadgen-900     [001] dN.2. 57595.000500: sched_stat_runtime: comm=muelle-loadgen pid=900 runtime=499000 [ns]
    muelle-loadgen-900     [001] dN.2. 57595.001000: sched_stat_runtime: comm=muelle-loadgen pid=900 runtime=100000 [ns]
            <idle>-0       [001] d..2. 57595.004000: sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=muelle-loadgen next_pid=900 next_prio=100
    muelle-loadgen-900     [001] dN.2. 57595.004100: sched_stat_runtime: comm=muelle-loadgen pid=900 runtime=100000 [ns]
      timed-server-901     [000] d.s8. 57595.004150: sched_stat_runtime: comm=muelle-loadgen pid=900 runtime=49000 [ns]
      timed-server-901     [000] dN.2. 57595.004300: sched_stat_runtime: comm=timed-server pid=901 runtime=3960000 [ns]
END
    run awk -v ours='muelle-loadgen timed-server' -v min_ns=40000 -f "$LOST" "$BATS_TEST_TMPDIR/trace"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "stall core=1 from_ns=57595000500000 to_ns=57595001000000 lost_ns=400000" ]
    [ "${lines[1]}" = "stall core=0 from_ns=57595000300000 to_ns=57595004300000 lost_ns=40000" ]
    [ "${#lines[@]}" -eq 2 ]
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
    # Each begins where the core was seen last; a multiple of the period, at which it was to be woken,
    # lies between that and when it was.
    awk -F'[ =]' '$1 == "stall" && !(int($7 / 1e5) > int($5 / 1e5)) { exit 1 }' \
        "$BATS_TEST_TMPDIR/stalls"
    sort -c -t= -k3,3n <(grep '^stall ' "$BATS_TEST_TMPDIR/stalls")

    for wrong in "" "100us" "100us 0" "x 100us" "100us 50us 1"; do
        # shellcheck disable=SC2086
        run timeout 5 "$WITNESS" $wrong
        [ "$status" -eq 2 ]
        one_line
    done
}
