# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# external.bash: other people's servers, measured as models are: a name, a command with {port} in
# it, and how to tell that it is ready.
#
# The command is one simple command as a shell takes it, started where bench was called, and stays
# in the foreground. It listens on 127.0.0.1:{port}. It is ready when that port can be connected to,
# or, where a regular expression was given, when a line of its stdout matches.
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

# By the name that stands on the plots.
declare -gA external_command=() external_ready=()

externals_clear()
{
    external_command=()
    external_ready=()
}

# external_add NAME COMMAND [READY REGEX]
external_add()
{
    (($# == 2 || $# == 3)) ||
        misused "'external' takes a name, a command and perhaps a regular expression, got '$*'"
    [[ $1 =~ ^[[:alnum:]][[:alnum:]._+-]{0,39}$ && $1 != all ]] ||
        misused "an external server is called by letters, digits and ._+-, not '$1'"
    [[ -z ${external_command[$1]-} ]] || misused "two external servers are called '$1'"
    [[ $2 == *'{port}'* ]] ||
        misused "the command of '$1' needs {port} where its port goes: './serve --port {port}'"
    external_command[$1]=$2
    if [[ -n ${3-} ]]; then
        external_ready_when "$1" "$3"
    fi
}

# external_ready_when NAME REGEX
external_ready_when()
{
    local status=0

    [[ -n ${external_command[$1]-} ]] || misused "--ready: no external server is called '$1'"
    grep -qE -e "$2" </dev/null 2>/dev/null || status=$?
    ((status < 2)) || misused "--ready of '$1': no regular expression: '$2'"
    external_ready[$1]=$2
}

# is_external MODEL
is_external()
{
    [[ -n ${external_command[$1]-} ]]
}

# external_is_ready MODEL PORT OUTPUT: now. OUTPUT is the file of its stdout.
external_is_ready()
{
    if [[ -n ${external_ready[$1]-} ]]; then
        grep -qE -e "${external_ready[$1]}" "$3"
    else
        (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null
    fi
}

# port_free: one that nobody uses, below those that connections leave from: a connect to one of
# these can meet itself. One is drawn and looked for: after a trial there may be tens of thousands.
port_free()
{
    local low high port

    read -r low _ </proc/sys/net/ipv4/ip_local_port_range
    high=$((low > 12000 ? low : 65536))
    for ((;;)); do
        port=$((10000 + SRANDOM % (high - 10000)))
        if ! grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$port") " /proc/net/tcp /proc/net/tcp6; then
            printf '%d' "$port"
            return
        fi
    done
}
