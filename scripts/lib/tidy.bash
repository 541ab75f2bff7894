# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tidy.bash: clang-tidy over a compilation database, on all cores. A file that was found clean is
# not looked at again until it, a header it includes, its command line, .clang-tidy or clang-tidy
# itself changes: build/tidy/ remembers a hash of all that.

# tidy_run TREE: findings as "file:line:column: …" on stdout; 1 if there are any. TREE is a
# configured build folder below the current directory, the root of the checkout.
tidy_run()
{
    local version

    version=$(clang-tidy --version)
    mkdir -p build/tidy
    export -f tidy_file tidy_summary
    # One line a file: the first target that compiles it stands for all.
    jq -r --arg root "$PWD/" 'unique_by(.file) | .[]
        | select(.file | startswith($root) and endswith(".c"))
        | [(.file | ltrimstr($root)), .directory, .command] | @tsv' "$1/compile_commands.json" |
        tr '\n' '\0' |
        xargs -0 -r -n 1 -P "$(nproc)" bash -c 'tidy_file "$@"' tidy "$1" "$version" |
        sort -u # several files may include the same header
}

# tidy_summary: one line a finding, without the drawing and the path that leads there.
tidy_summary()
{
    awk '/: (error|warning): / { line = "" ; open = 1 }
        open { line = line (line == "" ? "" : " ") $0 }
        open && /\[[^]]*\]$/ { print line; open = 0 }'
}

# tidy_file TREE VERSION "FILE<tab>DIRECTORY<tab>COMMAND"
tidy_file()
{
    local tree=$1 version=$2 file directory command headers hash findings status=0

    IFS=$'\t' read -r file directory command <<<"$3"
    if [[ ! -f $file ]]; then
        return 0
    fi
    # The compiler names the headers; the command is CMake's own, quoted for a shell.
    headers=$(cd "$directory" && eval "${command/ -o * -c / } -MM -MT ''" 2>/dev/null) || headers=
    # shellcheck disable=SC2086 # names of files, separated by blanks
    hash=$({
        printf '%s\n' "$version" "$command"
        cat .clang-tidy "$file" ${headers//[:\\]/ }
    } 2>/dev/null | sha256sum | cut -d ' ' -f 1)
    if [[ -n $headers && -f build/tidy/$hash ]]; then
        return 0
    fi

    findings=$(clang-tidy --quiet -p "$tree" "$file" 2>/dev/null) || status=$?
    if ((status == 0)); then
        touch "build/tidy/$hash"
    else
        printf '%s\n' "${findings:-$file:1: error: clang-tidy ended with status $status []}" |
            sed "s|$PWD/||g" | tidy_summary
        return 1
    fi
}
