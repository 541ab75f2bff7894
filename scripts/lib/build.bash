# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# build.bash: configures and builds into build/NAME without a word, unless it fails: then the end
# of the log is shown. Knows where the programs are.
# shellcheck source=lib/console.bash
source "${BASH_SOURCE[0]%/*}/console.bash"

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)

# build_configure PRESET [NAME [CMAKE OPTION…]]: NAME is the preset's, if not given. Nothing to do
# where it was done: ninja asks CMake again by itself when a CMakeLists.txt changes.
build_configure()
{
    local preset=$1 name=${2:-$1}
    local tree=$root/build/$name log=$root/build/$name.log
    shift $(($# > 1 ? 2 : 1))

    mkdir -p "$root/build"
    if [[ ! -f $tree/build.ninja || $root/CMakePresets.json -nt $tree/build.ninja ]]; then
        (cd "$root" && cmake --preset "$preset" -B "$tree" "$@") >"$log" 2>&1 ||
            build_failed "configuring build/$name" "$log"
    fi
}

# build_preset PRESET [NAME [CMAKE OPTION…]]: configures and builds.
build_preset()
{
    local name=${2:-$1}
    local log=$root/build/$name.log

    build_configure "$@"
    cmake --build "$root/build/$name" >"$log" 2>&1 || build_failed "building build/$name" "$log"
}

build_failed()
{
    local what=$1 log=$2

    tail -n 40 "$log" >&2
    fail "$what failed; the whole log is $(path_shown "$log")"
}

# program_path NAME: where muelle-server, muelle-loadgen or muelle-report is, or a program that only
# scripts use.
program_path()
{
    if [[ -n ${MUELLE_BIN_DIR-} ]]; then
        printf '%s/%s' "$MUELLE_BIN_DIR" "$1"
        return
    fi
    case $1 in
    spinner | slow-clients) printf '%s/build/release/loadgen/%s' "$root" "$1" ;;
    slowed-server) printf '%s/build/release/server/%s' "$root" "$1" ;;
    muelle-report) printf '%s/build/release/analysis/%s' "$root" "$1" ;;
    *) printf '%s/build/release/%s/%s' "$root" "${1#muelle-}" "$1" ;;
    esac
}
