# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The tests that load this use what is set here.
# shellcheck disable=SC2034,SC2154 # bats sets stderr and stderr_lines
# What the tests of scripts/bench share: programs that only pretend (fakes/), and small campaigns.

# fakes_prepare: bench runs the fakes, which note in $FAKE_LOG what they were asked for.
fakes_prepare()
{
    bench=$BATS_TEST_DIRNAME/../../scripts/bench
    dir=$BATS_TEST_TMPDIR/run
    export MUELLE_BIN_DIR=$BATS_TEST_DIRNAME/fakes
    export FAKE_LOG=$BATS_TEST_TMPDIR/log
    export TMPDIR=$BATS_TEST_TMPDIR # what a killed bench leaves behind
    : >"$FAKE_LOG"
}

# Settings of a campaign, and of a wait for what a fake says: where many processes are started at
# once, the kernel can let a new session wait for the core for 20 seconds and more.
patience_s=100
patient=(--set "ready-timeout=${patience_s}s" --set "stop-timeout=${patience_s}s")

# processes_are_gone: nothing that a fake noted its pid of still runs.
processes_are_gone()
{
    local pid

    while read -r _ pid; do
        timeout "$patience_s" tail --sleep-interval=0.02 --pid="$pid" -f /dev/null
    done < <(grep -E '^(server|generator) ' "$FAKE_LOG")
}

trials_run()
{
    grep -c '^trial ' "$FAKE_LOG"
}

files_in()
{
    find "$1" -type f | wc -l
}

# misuse ARGUMENT…: refused with one line, before anything is started or written.
misuse()
{
    run -2 --separate-stderr "$bench" "$@"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == bench:\ * ]]
    [ ! -s "$FAKE_LOG" ]
    [ ! -e "$dir" ]
}
