# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# experiment.bash: reads an experiment into `setting`: values come from the preset, then from the
# experiment's file, then from the options of the command line.
#
# A file in scripts/experiments/ only states its trials, in these words:
#
#   title 'What the page is called'
#   models epoll thread-pool       # in the order of tables and legends; all: the whole catalogue
#   baseline epoll                # whom the others are compared with, and who runs twice a block
#   external mine './serve {port}' ['ready regex']       # somebody else's server, beside them
#   request echo:64                # and any other of the options in settings.bash, one value each:
#   connections 64                 # rate, think, idle, timeout, workers, queue …
#   vary idle                      # what is different from level to level
#   levels quick 0 1000            # the levels of one preset; one line each
#   duration quick 1500ms          # of one preset, too; likewise warmup and blocks
#   needs-cores 4                  # else it is not measured at all
#   layout one-core                # server and generator on one core in turns, not on their own
#
# Where an option's text holds {level}, the level takes its place, and `vary` may be any word that
# says what it is: docs/writing-an-experiment.md. The level 1..cores stands for numbers of workers up
# to the server's cores.
# shellcheck source=lib/catalogue.bash
source "${BASH_SOURCE[0]%/*}/catalogue.bash"
# shellcheck source=lib/external.bash
source "${BASH_SOURCE[0]%/*}/external.bash"
# shellcheck source=lib/settings.bash
source "${BASH_SOURCE[0]%/*}/settings.bash"

experiments=$(cd "${BASH_SOURCE[0]%/*}/../experiments" && pwd)

# experiment_load EXPERIMENT PRESET: fills `setting`. EXPERIMENT is a name, or a path with a slash.
experiment_load()
{
    local file=$1 needed name

    if [[ $file != */* ]]; then
        file=$experiments/$1
        [[ -f $file ]] || misused "no experiment '$1'; there are: $(experiment_names)"
    fi
    [[ -r $file ]] || misused "cannot read the experiment '$1'"

    settings_clear
    setting+=([experiment]=${file##*/} [preset]=$2)
    preset_load "$2"
    externals_clear
    experiment_read "$file"
    for needed in title models vary levels; do
        [[ -n ${setting[${needed/vary/varies}]} ]] ||
            misused "$1 states no '$needed' for the preset '$2'"
    done
    for needed in connections request; do
        [[ -n ${setting[$needed]} || ${setting[varies]} == "$needed" ]] ||
            misused "$1 states no '$needed'"
    done
    level_is_used ||
        misused "$1 varies '${setting[varies]}', which is neither an option nor a {level}"
    setting[models]=$(models_expand "${setting[models]}")
    for name in "${!external_command[@]}"; do
        models_add "$name"
    done
}

# experiment_read FILE: its words are functions only while it is read: one has a program's name.
experiment_read()
{
    local word words=(title models baseline external vary levels blocks duration warmup needs-cores
        layout "${OPTIONS[@]}")

    for word in "${words[@]}"; do
        eval "$word() { word_take $word \"\$@\"; }"
    done
    # shellcheck source=/dev/null
    source "$1"
    unset -f "${words[@]}"
}

# word_take WORD VALUE…: one line of an experiment.
word_take()
{
    case $1 in
    models) setting[models]=${*:2} ;;
    external) external_add "${@:2}" ;;
    levels | blocks | duration | warmup)
        if [[ ${2-} == "${setting[preset]}" ]]; then
            setting[$1]=${*:3}
        fi
        ;;
    *)
        (($# == 2)) || misused "'$1' takes one value, got '${*:2}'; what varies has 'levels'"
        setting[${1/#vary/varies}]=$2
        ;;
    esac
}

# models_add NAME: behind the others, unless it stands among them.
models_add()
{
    if ! list_has "${setting[models]}" "$1"; then
        setting[models]+=" $1"
    fi
}

# levels_expand CORES: the level 1..cores as numbers up to CORES, at most some ten.
levels_expand()
{
    local n counts=()

    [[ ${setting[levels]} == 1..cores ]] || return 0
    for n in 1 2 3 4 6 8 12 16 24 32 48 64 96 128; do
        if ((n < $1)); then
            counts+=("$n")
        fi
    done
    setting[levels]="${counts[*]}${counts[*]:+ }$1"
}

experiment_names()
{
    local names

    names=("$experiments"/*)
    printf '%s' "${names[*]##*/}"
}

settings_clear()
{
    local key

    setting=()
    for key in title models varies needs-cores baseline "${SETTABLE[@]}"; do
        setting[$key]=
    done
    setting+=([ready-timeout]=20s [stop-timeout]=20s [again]=yes [layout]=split)
}

# preset_load PRESET: how often and how long.
preset_load()
{
    local blocks duration warmup

    case $1 in
    quick) read -r blocks duration warmup <<<'3 3s 500ms' ;;
    default) read -r blocks duration warmup <<<'10 10s 3s' ;;
    paper) read -r blocks duration warmup <<<'20 30s 3s' ;;
    *) misused "no preset '$1'; there are: quick default paper" ;;
    esac
    setting+=([blocks]=$blocks [duration]=$duration [warmup]=$warmup)
}
