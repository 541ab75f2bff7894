# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# pinning.bash: server and generator on cores of their own, so that they do not take time from
# each other. Of the cores this process may use (affinity, cpuset), as many as its CPU quota lets
# run at once, the server gets the first half and the generator the rest; threads of one core stay
# together. Where both halves are alike they are swapped in every second block, so that what one
# core has to do besides, such as interrupts, meets both ends. With one core both are on it.
#
# With the layout one-core they are on one on purpose, in turns: what makes that core slower or
# faster then meets both ends alike, so their CPU times can be divided by each other.
# shellcheck disable=SC2034 # much of what is set here is for those who source it

# The cores of the present trial, as lists that taskset takes.
server_cores=
client_cores=
# The same of the first block; whether they are swapped in every second; what is to be said of it.
pinning_server=
pinning_client=
pinning_swapped=
pinning_note=
# Put before the programs of both ends: how the kernel is to share their core out.
pinning_policy=()
# Cores, not threads of cores, for both ends together.
cores_usable=

# The folders of the control groups that limit this process's CPU time, its own first.
cgroup_cpu_folders=()

pinning_choose()
{
    local -a cpus cores=()
    local -A threads_of=()
    local cpu core quota

    pinning_note=
    pinning_policy=()
    cgroup_find
    # Of this very shell: the list of the cores it is allowed to run on, as "0-3,6".
    mapfile -t cpus < <(cores_expand "$(cpus_allowed)")
    quota=$(cpu_quota)
    if [[ -n $quota ]] && ((quota < ${#cpus[@]} * 1000)); then
        pinning_note="a CPU quota grants $(printf '%d.%03d' $((quota / 1000)) $((quota % 1000))) of \
${#cpus[@]} cores"
        mapfile -t cpus < <(cpus_by_core "${cpus[@]}")
        cpus=("${cpus[@]:0:quota < 2000 ? 1 : quota / 1000}")
    fi
    for cpu in "${cpus[@]}"; do
        core=$(cpu_core "$cpu")
        if [[ -z ${threads_of[$core]-} ]]; then
            cores+=("$core")
        fi
        threads_of[$core]+="${threads_of[$core]+ }$cpu"
    done
    cores_usable=${#cores[@]}
    pinning_split
    server_cores=$pinning_server
    client_cores=$pinning_client
}

# pinning_split: halves the caller's `cores`, whose threads are in `threads_of`.
pinning_split()
{
    local half=$((${#cores[@]} / 2))
    local -a server=() client=()

    if ((half > 0)); then
        read -r -a server <<<"$(threads_in "${cores[@]:0:half}")"
        read -r -a client <<<"$(threads_in "${cores[@]:half}")"
    else
        read -r -a client <<<"$(threads_in "${cores[@]}")"
        half=$((${#client[@]} / 2))
        if ((half > 0)); then
            pinning_note+="${pinning_note:+; }these are threads of one core and slow each other down"
            server=("${client[@]:0:half}")
            client=("${client[@]:half}")
        else
            server=("${client[@]}")
        fi
    fi
    pinning_server=$(cores_join "${server[@]}")
    pinning_client=$(cores_join "${client[@]}")
    pinning_swapped=no
    if [[ $pinning_server != "$pinning_client" &&
        $(cpus_kinds "${server[@]}") == "$(cpus_kinds "${client[@]}")" ]]; then
        pinning_swapped=yes
    fi
}

# pinning_one_core: the layout one-core, instead of what was chosen. SCHED_BATCH: whoever wakes up does
# not take the core away from who runs, so each does all it can before the other has its turn.
pinning_one_core()
{
    local -a client

    mapfile -t client < <(cores_expand "$pinning_client")
    pinning_server=${client[-1]}
    pinning_client=${client[-1]}
    pinning_swapped=no
    pinning_policy=(chrt --batch 0)
    pinning_apply 1
}

# pinning_apply BLOCK: the cores of its trials.
pinning_apply()
{
    if [[ $pinning_swapped == yes ]] && (($1 % 2 == 0)); then
        server_cores=$pinning_client
        client_cores=$pinning_server
    else
        server_cores=$pinning_server
        client_cores=$pinning_client
    fi
}

# threads_in CORE…: their threads, from the caller's `threads_of`.
threads_in()
{
    local core

    for core in "$@"; do
        printf '%s ' "${threads_of[$core]}"
    done
}

# cpus_by_core CPU…: the same with the threads of a core side by side, one a line.
cpus_by_core()
{
    local cpu

    for cpu in "$@"; do
        printf '%s %s\n' "$(cpu_core "$cpu")" "$cpu"
    done | awk '!($1 in order) { order[$1] = ++cores } { print order[$1], NR, $2 }' |
        sort -k 1,1n -k 2,2n | awk '{ print $3 }'
}

# cpus_kinds CPU…: equal for sets of cores that are alike.
cpus_kinds()
{
    local cpu

    for cpu in "$@"; do
        printf '%s\n' "$(cores_count "$(cpu_core "$cpu")") $(cpu_kind "$cpu")"
    done | sort
}

cpus_allowed()
{
    sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$$/status"
}

# cpu_core CPU: a name of its core, the list of that core's threads.
cpu_core()
{
    local file=/sys/devices/system/cpu/cpu$1/topology/thread_siblings_list threads=$1

    if [[ -r $file ]]; then
        read -r threads <"$file" || threads=$1
    fi
    printf '%s\n' "$threads"
}

# cpu_kind CPU: what tells fast cores from slow ones, where the kernel does.
cpu_kind()
{
    local file value

    for file in "/sys/devices/system/cpu/cpu$1/"{cpu_capacity,cpufreq/cpuinfo_max_freq}; do
        # Some are there and cannot be read.
        if [[ -r $file ]] && read -r value 2>/dev/null <"$file"; then
            printf '%s ' "$value"
        fi
    done
}

# cgroup_find: the control groups above this process, of either version, whose CPU files are there.
cgroup_find()
{
    local line path mount

    cgroup_cpu_folders=()
    while IFS= read -r line; do
        case $line in
        0::*) mount=/sys/fs/cgroup ;;
        *:cpu:* | *:cpu,*) mount=/sys/fs/cgroup/cpu ;;
        *) continue ;;
        esac
        path=${line#*:*:}
        for ((;;)); do
            if [[ -f $mount${path%/}/cpu.stat ]]; then
                cgroup_cpu_folders+=("$mount${path%/}")
            fi
            [[ -n ${path%/} ]] || break
            path=${path%/*}
        done
    done <"/proc/$$/cgroup"
}

# cpu_quota: the least that any of them grants, in thousandths of a core; nothing without a limit.
cpu_quota()
{
    local folder quota period least=

    for folder in "${cgroup_cpu_folders[@]}"; do
        quota=max period=100000
        if [[ -f $folder/cpu.max ]]; then
            read -r quota period <"$folder/cpu.max" || true
        elif [[ -f $folder/cpu.cfs_quota_us ]]; then
            quota=$(<"$folder/cpu.cfs_quota_us")
            period=$(<"$folder/cpu.cfs_period_us")
        fi
        if [[ $quota =~ ^[1-9][0-9]*$ ]] &&
            { [[ -z $least ]] || ((quota * 1000 / period < least)); }; then
            least=$((quota * 1000 / period))
        fi
    done
    printf '%s' "$least"
}

# cores_expand LIST: "0-2,5" as 0, 1, 2, 5, one a line.
cores_expand()
{
    local range cpu
    local -a ranges

    IFS=, read -r -a ranges <<<"$1"
    for range in "${ranges[@]}"; do
        for ((cpu = ${range%-*}; cpu <= ${range#*-}; cpu++)); do
            printf '%d\n' "$cpu"
        done
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
    local -a cpus

    mapfile -t cpus < <(cores_expand "$1")
    printf '%d' "${#cpus[@]}"
}

pinning_text()
{
    if ((${#pinning_policy[@]} > 0)); then
        printf 'server and generator take turns on core %s' "$pinning_server"
    elif [[ $pinning_server == "$pinning_client" ]]; then
        printf 'only core %s to use: server and generator share it and wait for each other' \
            "$pinning_server"
    else
        printf 'server on core %s, generator on core %s%s' "$pinning_server" "$pinning_client" \
            "$([[ $pinning_swapped != yes ]] || printf ', the other way round in every second block')"
    fi
    printf '%s' "${pinning_note:+ ($pinning_note)}"
}
