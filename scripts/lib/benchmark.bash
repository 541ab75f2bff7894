# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# benchmark.bash: what the scripts in benchmarks/ share: one server at a time, in the release build,
# ended by its id whatever happens.
# shellcheck source=lib/build.bash
source "${BASH_SOURCE[0]%/*}/build.bash"

server_pid=
scratch=
# How each end is started: taskset, chrt …
server_prefix=()
client_prefix=()
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

# benchmark_prepare_helpers TARGET…: programs of tests/, optimised as the release build is, but with
# the tests, which a release leaves out; they lie in build/truth.
benchmark_prepare_helpers()
{
    local log=$root/build/truth.log

    build_configure release truth -DMUELLE_TESTS=ON
    cmake --build "$root/build/truth" --target "$@" >"$log" 2>&1 ||
        build_failed "building build/truth" "$log"
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

# server_start MODEL [OPTION…]: sets `address` when it is ready.
server_start()
{
    server_launch "$(program_path muelle-server)" --port 0 --counters "$scratch/counters.json" \
        --model "$@"
}

# server_launch COMMAND…: a server that says "listening ADDRESS …" when it is ready.
server_launch()
{
    local line

    "${server_prefix[@]}" "$@" >"$scratch/server" &
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

# generator OPTION…: one run from client_prefix; the trial is $scratch/trial.json. Status 3 says
# that a short run is not to be trusted; what it measured is what we ask for.
generator()
{
    "${client_prefix[@]}" "$(program_path muelle-loadgen)" --quiet --output "$scratch/trial.json" \
        "$@" "$address" 2>"$scratch/stderr" || [[ $? == 3 ]] || fail "$(<"$scratch/stderr")"
}

# medians FILE: of lines "NAME VALUE", each name's median and range, in the order they came.
medians()
{
    awk '
        !($1 in count) { order[++names] = $1 }
        { value[$1, ++count[$1]] = $2 }
        END {
            for (k = 1; k <= names; k++) {
                name = order[k]; n = count[name]
                for (i = 1; i <= n; i++) {
                    v = value[name, i]
                    for (j = i - 1; j > 0 && sorted[j] > v; j--) sorted[j + 1] = sorted[j]
                    sorted[j + 1] = v
                }
                m = n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
                printf "  median %-34s %9.3f  (%.3f to %.3f, %d runs)\n", name, m, sorted[1], sorted[n], n
            }
        }' "$1"
    printf '\n'
}
