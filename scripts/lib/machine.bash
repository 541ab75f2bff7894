# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# machine.bash: what the machine itself did meanwhile: a fixed amount of work on the generator's core
# before each trial, and the kernel's own counters before and after it.
#
# The counters are of the whole machine (of its network namespace and of our control groups, that
# is): what else runs there counts, too, which is the point.
# shellcheck source=lib/build.bash
source "${BASH_SOURCE[0]%/*}/build.bash"
# shellcheck source=lib/pinning.bash
source "${BASH_SOURCE[0]%/*}/pinning.bash"

# How long the work before a trial takes on an undisturbed core.
SPINNER_MS=200

# The work of this campaign; the same before every trial.
spinner_rounds=
# What counters_read reads, as far as this kernel has it.
counter_files=()

# machine_prepare: to be called once, before the first trial. spinner_rounds may be set already: a
# campaign that goes on does the work that it began with.
machine_prepare()
{
    local file

    counter_files=()
    for file in /proc/net/netstat /proc/net/snmp /proc/stat /proc/pressure/{cpu,memory,io} \
        "${cgroup_cpu_folders[@]/%//cpu.stat}"; do
        # Some are there and cannot be read.
        if head -c 1 "$file" >/dev/null 2>&1; then
            counter_files+=("$file")
        fi
    done
    clock_ticks_per_s=$(getconf CLK_TCK)
    if [[ -z $spinner_rounds ]]; then
        spinner_rounds=$(taskset --cpu-list "${client_cores%%[,-]*}" "$(program_path spinner)" \
            --calibrate "$SPINNER_MS") || fail "the spinner could not be calibrated"
    fi
}

# spinner_run: the work, on the generator's first core; prints what became of it as JSON.
spinner_run()
{
    taskset --cpu-list "${client_cores%%[,-]*}" "$(program_path spinner)" "$spinner_rounds" ||
        printf 'null'
}

# counters_read: the kernel's counters now, as JSON. null is what this kernel does not count. The
# time of pressure is that in which somebody waited for the resource.
counters_read()
{
    awk -v ticks_per_s="$clock_ticks_per_s" '
        # Two lines of each kind: names, then values.
        FILENAME ~ /^\/proc\/net\// {
            if ($1 in is_named) for (i = 2; i <= NF; i++) count[$1 name[$1, i]] = $i
            else for (i = 2; i <= NF; i++) name[$1, i] = $i
            is_named[$1] = 1
        }
        FILENAME == "/proc/stat" && $1 == "cpu" { count["steal"] = $9 / ticks_per_s }
        FILENAME ~ /^\/proc\/pressure\// && $1 == "some" {
            sub(/.*total=/, ""); count[FILENAME] = $0 / 1e6
        }
        $1 == "nr_throttled" { count["throttled"] += $2 }
        $1 == "throttled_usec" { count["throttled_s"] += $2 / 1e6 }
        $1 == "throttled_time" { count["throttled_s"] += $2 / 1e9 }
        function field(name, key, format) {
            printf("%s\"%s\":" (key in count ? format : "null"), separator, name, count[key])
            separator = ","
        }
        END {
            printf "{"
            field("listen_overflows", "TcpExt:ListenOverflows", "%.0f")
            field("listen_drops", "TcpExt:ListenDrops", "%.0f")
            field("retransmitted_segments", "Tcp:RetransSegs", "%.0f")
            field("steal_s", "steal", "%.2f")
            field("pressure_cpu_s", "/proc/pressure/cpu", "%.6f")
            field("pressure_memory_s", "/proc/pressure/memory", "%.6f")
            field("pressure_io_s", "/proc/pressure/io", "%.6f")
            field("throttled_periods", "throttled", "%.0f")
            field("throttled_s", "throttled_s", "%.6f")
            printf "}"
        }' "${counter_files[@]}"
}
