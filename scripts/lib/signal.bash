# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# signal.bash: for what sleeps until a trapped signal comes. Source it before the trap is set: bash
# takes a trap in the midst of a <(…) for a syntax error.

# A pipe that nobody writes to.
exec {signal_never}<> <(:)

# signal_wait SECONDS: for ever; the trap has to exit. bash does not hear of a signal that came just
# before it began to read, so it looks again after SECONDS.
signal_wait()
{
    while :; do
        read -r -t "$1" -u "$signal_never" _ || true
    done
}
