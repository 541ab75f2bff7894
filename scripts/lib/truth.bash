# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# truth.bash: the servers of tests/ whose behaviour is known, for the scripts in benchmarks/ that
# hold the generator against them. The generator itself is the one of the release build.
# shellcheck source=lib/benchmark.bash
source "${BASH_SOURCE[0]%/*}/benchmark.bash"

served= # the line with which the last timed server ended
client_core=$(($(nproc) - 1))

# truth_prepare: builds what is needed, and sees to it that nothing is left behind.
truth_prepare()
{
    benchmark_prepare
    benchmark_prepare_helpers timed-server trial-quantiles stall-witness faulty-server
    # Held open at both ends: a server may write its last line when nobody reads yet.
    exec {server_output}<>"$scratch/server"
    server_prefix=(taskset -c 0)
    client_prefix=(taskset -c "$client_core")
    # Where it is allowed, nothing else on their cores makes them late.
    if [[ -z $(nice -n -20 true 2>&1) ]]; then
        server_prefix+=(nice -n -20)
        client_prefix+=(nice -n -20)
    fi
}

# timed_start OPTION…: a server of known latency on the first core; sets `address`.
timed_start()
{
    local line

    "${server_prefix[@]}" "$root/build/truth/tests/truth/timed-server" "$@" >&"$server_output" &
    server_pid=$!
    IFS= read -r -t 10 line <&"$server_output" || fail "the timed server did not start"
    address=${line#listening }
}

# timed_stop: sets `served`.
timed_stop()
{
    server_stop
    IFS= read -r -t 10 served <&"$server_output" || fail "the timed server did not say what it did"
}

# served_value KEY: a number of that line; nothing where it is not there.
served_value()
{
    sed -n "s/^served.* $1=\([^ ]*\).*/\1/p" <<<"$served"
}

# quantiles_ns LATENCY QUANTILE…: read off a histogram of the trial, one a line.
quantiles_ns()
{
    "$root/build/truth/tests/truth/trial-quantiles" "$scratch/trial.json" "$@"
}
