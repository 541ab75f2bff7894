# SPDX-License-Identifier: MIT
# clear-of-stalls.awk: what was measured while every core ran.
#
#   awk -v span_ns=N -v moments='0 M' -v moment_ns=N -v wake_ns=N -f clear-of-stalls.awk
#       STALLS MEASURED
#
# STALLS is what stall-witness says, in the order in which they began. MEASURED has lines of an
# instant (nanoseconds of CLOCK_MONOTONIC) and values; the values are printed of those
#
# - for which there was no stall in the span_ns behind the instant, by which all should have been
#   over. What a stall held up is made up for behind it: it counts for three times the time that was
#   lost in it after its end as well;
# - which had nothing to do while the witness itself looked. It does so on all cores at every whole
#   multiple of its period, and takes them from the others for wake_ns at most. There is something to
#   do in the moment_ns behind each of the `moments`, which count from the instant.
#
# How long it took has no part in that: who left out what took long, because something happened
# meanwhile, would find short times.

# begun_before(instant): how many stalls had.
function begun_before(instant,    low, high, middle)
{
    low = 0
    high = count
    while (low < high) {
        middle = int((low + high + 1) / 2)
        if (starts[middle] < instant)
            low = middle
        else
            high = middle - 1
    }
    return low
}

# is_stalled(instant): in the span behind it.
function is_stalled(instant,    last)
{
    last = begun_before(instant + span_ns)
    return last > 0 && ends[last] >= instant
}

# is_looked_at(instant): at one of its moments.
function is_looked_at(instant,    i, phase_ns)
{
    for (i = 1; i <= moments_count; i++) {
        phase_ns = (instant + offsets[i]) % period_ns
        if (phase_ns < wake_ns || phase_ns + moment_ns > period_ns)
            return 1
    }
    return 0
}

BEGIN { moments_count = split(moments, offsets, " ") }

FNR == NR {
    if ($1 == "watching") {
        split($2, period, "=")
        period_ns = period[2]
    } else if ($1 == "stall") {
        split($3, from, "=")
        split($4, to, "=")
        split($5, lost, "=")
        count++
        starts[count] = from[2]
        ends[count] = to[2] + 3 * lost[2]
        # When the last of those so far was over.
        if (count > 1 && ends[count] < ends[count - 1])
            ends[count] = ends[count - 1]
    }
    next
}

FNR == 1 && !period_ns {
    print "clear-of-stalls: the witness does not say when it looked" >"/dev/stderr"
    exit 1
}

!is_stalled($1) && !is_looked_at($1) {
    sub(/^[^ ]* /, "")
    print
}
