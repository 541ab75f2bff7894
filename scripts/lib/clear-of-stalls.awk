# SPDX-License-Identifier: MIT
# clear-of-stalls.awk: what was measured while every core ran.
#
#   awk -v span_ns=N -f clear-of-stalls.awk STALLS MEASURED
#
# STALLS is what stall-witness says, in the order in which they began. MEASURED has lines of an
# instant (nanoseconds of CLOCK_MONOTONIC) and values; the values are printed of those for which there
# was no stall in the span_ns behind the instant, by which all should have been over. How long it took
# has no part in that: who left out what took long, because something happened meanwhile, would find
# short times. What a stall held up is made up for behind it: it counts as twice as long.

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

FNR == NR {
    if ($1 == "stall") {
        split($3, from, "=")
        split($4, to, "=")
        count++
        starts[count] = from[2]
        ends[count] = 2 * to[2] - from[2]
        # When the last of those so far was over.
        if (count > 1 && ends[count] < ends[count - 1])
            ends[count] = ends[count - 1]
    }
    next
}

{
    last = begun_before($1 + span_ns)
    if (last == 0 || ends[last] < $1) {
        sub(/^[^ ]* /, "")
        print
    }
}
