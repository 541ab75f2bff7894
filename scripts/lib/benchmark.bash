# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# benchmark.bash: what the scripts in benchmarks/ share: one server at a time, in the release build,
# ended by its id whatever happens.
# shellcheck source=lib/build.bash
source "${BASH_SOURCE[0]%/*}/build.bash"

server_pid=
scratch=
server_prefix=() # how a server is started: taskset, chrt …
address=         # where the present one listens

# benchmark_prepare: builds, and sees to it that nothing is left behind.
benchmark_prepare()
{
    "$root/scripts/setup"
    build_preset release
    trap benchmark_release EXIT
    trap 'exit 130' INT TERM
    scratch=$(mktemp -d)
    mkfifo "$scratch/server"
}

benchmark_release()
{
    if [[ -n $server_pid ]]; then
        kill -TERM "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        server_pid=
    fi
    if [[ -n $scratch ]]; then
        rm -rf "$scratch"
    fi
}

# server_start MODEL: sets `address` when it is ready.
server_start()
{
    local line

    "${server_prefix[@]}" "$(program_path muelle-server)" --model "$1" --port 0 \
        --counters "$scratch/counters.json" >"$scratch/server" &
    server_pid=$!
    IFS= read -r -t 10 line <"$scratch/server" || fail "the server did not start"
    address=${line#listening }
    address=${address%% *}
}

server_stop()
{
    local pid=$server_pid

    server_pid=
    kill -TERM "$pid"
    wait "$pid"
}
