# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# pinning.bash: server and generator on cores of their own, so that they do not take time from
# each other. The server gets the first half of the cores this process may use, the generator the
# rest. `server_cores` and `client_cores` are lists as taskset takes them; with one core both are
# that core.

pinning_choose()
{
    local -a cores

    # Of this very shell: the list of the cores it is allowed to run on, as "0-3,6".
    mapfile -t cores < <(cores_expand "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' \
        "/proc/$$/status")")
    local half=$((${#cores[@]} / 2))
    if ((half == 0)); then
        server_cores=${cores[0]}
        client_cores=${cores[0]}
    else
        server_cores=$(cores_join "${cores[@]:0:half}")
        client_cores=$(cores_join "${cores[@]:half}")
    fi
}

# cores_expand LIST: "0-2,5" as 0, 1, 2, 5, one a line.
cores_expand()
{
    local range
    local -a ranges

    IFS=, read -r -a ranges <<<"$1"
    for range in "${ranges[@]}"; do
        seq "${range%-*}" "${range#*-}"
    done
}

cores_join()
{
    local IFS=,
    printf '%s' "$*"
}

# cores_count LIST: how many.
cores_count()
{
    cores_expand "$1" | wc -l
}

pinning_text()
{
    if [[ $server_cores == "$client_cores" ]]; then
        printf 'only core %s to use: server and generator share it and wait for each other' \
            "$server_cores"
    else
        printf 'server on core %s, generator on core %s' "$server_cores" "$client_cores"
    fi
}
