# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# stalls.bash: the cores of server and generator, kept from going idle and watched, so that what the
# machine did to a latency can be told from what was measured.
#
# A stall is noted in two ways. A witness of real-time priority on each core (stall_witness.c) sees
# when it did not run at all; the kernel's tracing, in an instance of our own, tells which other tasks
# had it, such as the kernel's daemons, and how much of its time a hypervisor had.
# shellcheck source=lib/truth.bash
source "${BASH_SOURCE[0]%/*}/truth.bash"

STALL_PERIOD=510us # no divisor of a delay: both ends of a request are seldom looked at together
STALL_MIN=80us     # later than the witness ever is of itself
LOST_MIN_NS=40000
OURS=(muelle-loadgen timed-server bash)
TRACED=(sched_switch sched_stat_runtime)
WAKE_NS=120000  # for which the witness's own wake may keep a core from the others
MOMENT_NS=60000 # in which a request is sent and read, or answered and read
AWAKE_S_MAX=120
TRACE_KIB=65536 # a core; half a minute takes a third of it

witness_pid=
witness_output=
awake_pid=
tracing= # where the kernel's tracing is mounted

# stalls_prepare: truth_prepare, and nothing of ours is left behind either.
stalls_prepare()
{
    truth_prepare
    trap stalls_release EXIT
}

# stalls_unknown WHY: this machine does not let itself be watched.
stalls_unknown()
{
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 77
}

# awake_start: keeps the generator's core from going idle, by work that gives way to everybody: a
# virtual machine's idle core is its host's, and comes back when that has time. The server spins.
awake_start()
{
    taskset -c "$client_core" chrt --idle 0 timeout "$AWAKE_S_MAX" \
        bash -c 'while :; do :; done' &
    awake_pid=$!
}

awake_stop()
{
    kill -TERM "$awake_pid" 2>/dev/null || true
    wait "$awake_pid" 2>/dev/null || true
    awake_pid=
}

# witness_start: its first line is in `witnessed` when it watches.
witness_start()
{
    local line

    rm -f "$scratch/stalls"
    mkfifo "$scratch/stalls"
    taskset -c "0,$client_core" "$root/build/truth/tests/truth/stall-witness" "$STALL_PERIOD" \
        "$STALL_MIN" >"$scratch/stalls" 2>"$scratch/stderr" &
    witness_pid=$!
    exec {witness_output}<"$scratch/stalls"
    IFS= read -r -t 10 line <&"$witness_output" || stalls_unknown "$(<"$scratch/stderr")"
    printf '%s\n' "$line" >"$scratch/witnessed"
}

witness_stop()
{
    kill -TERM "$witness_pid"
    cat <&"$witness_output" >>"$scratch/witnessed"
    exec {witness_output}<&-
    wait "$witness_pid"
    witness_pid=
}

# tracing_switch 0|1
tracing_switch()
{
    local event

    for event in "${TRACED[@]}"; do
        echo "$1" >"$tracing/events/sched/$event/enable"
    done
}

# tracing_start: mounts it where that was not done yet.
tracing_start()
{
    if [[ -z $tracing ]]; then
        mkdir "$scratch/tracing"
        mount -t tracefs tracefs "$scratch/tracing" 2>"$scratch/stderr" ||
            stalls_unknown "$(<"$scratch/stderr")"
        tracing=$scratch/tracing/instances/muelle-$$
        mkdir "$tracing"
        echo mono >"$tracing/trace_clock"
        echo "$TRACE_KIB" >"$tracing/buffer_size_kb"
    fi
    : >"$tracing/trace"
    tracing_switch 1
}

tracing_stop()
{
    tracing_switch 0
    awk -v ours="${OURS[*]}" -v min_ns="$LOST_MIN_NS" -f "$root/scripts/lib/lost-cores.awk" \
        "$tracing/trace" >"$scratch/traced"
}

# stalls_start: notes from now on when a core of the two did something else.
stalls_start()
{
    awake_start
    tracing_start
    witness_start
}

# stalls_stop: what was noted is in the file `stalls.txt`, in the order in which it began.
stalls_stop()
{
    witness_stop
    tracing_stop
    awake_stop
    {
        grep -v '^stall ' "$scratch/witnessed"
        grep -h '^stall ' "$scratch/witnessed" "$scratch/traced" | sort -t = -k 3,3n
    } >"$scratch/stalls.txt"
}

# stalls_said: a few words on it.
stalls_said()
{
    awk '$1 == "stall" { split($5, lost, "="); count++; sum += lost[2] }
        END { printf "%d stalls, %.0f ms", count, sum / 1e6 }' "$scratch/stalls.txt"
}

# stalls_release: whatever happened.
# shellcheck disable=SC2317 # called by a trap
stalls_release()
{
    if [[ -n $witness_pid ]]; then
        kill -TERM "$witness_pid" 2>/dev/null || true
    fi
    if [[ -n $awake_pid ]]; then
        kill -TERM "$awake_pid" 2>/dev/null || true
    fi
    if [[ -n $tracing ]]; then
        rmdir "$tracing" || true
        # What is below it is not ours to remove: if it stays mounted, the folder stays as well.
        umount --lazy "$scratch/tracing" || scratch=
    fi
    benchmark_release
}

# clear_of_stalls SPAN_NS DELAY_NS: of lines of an instant and values on standard input, the values of
# those that no stall has touched: of what is answered after that delay, and within that span.
clear_of_stalls()
{
    awk -v span_ns="$1" -v moments="0 $2" -v moment_ns="$MOMENT_NS" -v wake_ns="$WAKE_NS" \
        -f "$root/scripts/lib/clear-of-stalls.awk" "$scratch/stalls.txt" -
}
