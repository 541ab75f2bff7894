# SPDX-License-Identifier: MIT
# lost-cores.awk: when a core did something else than what is measured there.
#
#   awk -v ours='NAME NAME' -v min_ns=N -f lost-cores.awk TRACE
#
# TRACE is what the kernel's tracing of sched_switch and sched_stat_runtime wrote with the clock
# `mono`. Prints a line, as stall-witness does, for each time that
#
# - a task which is none of ours, nor the idle one, had a core for at least min_ns;
# - a hypervisor had it as long: between two accounts of a core's running time more time went by than
#   was accounted to the tasks, which does not contain what was stolen. When exactly, is not known;
#   the accounts are at most as far apart as a tick, or as two wakes of the witness:
#
#     stall core=1 from_ns=48151623420000 to_ns=48151623976000 lost_ns=556000

# print_lost(core, from_ns, to_ns, lost_ns)
function print_lost(core, from_ns, to_ns, lost_ns)
{
    if (lost_ns >= min_ns)
        printf "stall core=%d from_ns=%.0f to_ns=%.0f lost_ns=%.0f\n", core, from_ns, to_ns, lost_ns
}

BEGIN {
    count = split(ours, names, " ")
    for (i = 1; i <= count; i++)
        is_ours[names[i]] = 1
}

# What stands before it in a line is the name of a task, which may be anything.
match($0, / \[[0-9]+\] [^ ]+ +[0-9]+\.[0-9]+: sched_[a-z_]+: (prev_)?comm=/) {
    split(substr($0, RSTART, RLENGTH), field, " ")
    rest = substr($0, RSTART + RLENGTH)
    core = substr(field[1], 2) + 0
    at_ns = field[3] * 1e9
}

/: sched_switch: prev_comm=/ {
    name = rest
    sub(/ prev_pid=.*/, "", name)
    if (core in switched && !(name in is_ours) && name !~ /^swapper\//)
        print_lost(core, switched[core], at_ns, at_ns - switched[core])
    # An idle core's time is nobody's.
    if (name ~ /^swapper\//)
        accounted[core] = at_ns
    switched[core] = at_ns
    sub(/.* next_pid=/, "", rest)
    core_of[rest + 0] = core
}

# Who wakes a task accounts for what ran on that one's core, wherever it runs itself.
/: sched_stat_runtime: comm=/ {
    pid = rest
    sub(/.* pid=/, "", pid)
    if (!(pid + 0 in core_of))
        next
    core = core_of[pid + 0]
    sub(/.* runtime=/, "", rest)
    if (core in accounted)
        print_lost(core, accounted[core], at_ns, at_ns - accounted[core] - rest)
    accounted[core] = at_ns
}
