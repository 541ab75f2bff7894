#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/check: what each check finds, on trees made up for it.
bats_require_minimum_version 1.5.0

setup()
{
    tree=$BATS_TEST_TMPDIR/tree
    file common/log.h '/* SPDX-License-Identifier: MIT */'
    file protocol/native.h '#include "common/log.h"'
    file server/session.h '#include "protocol/native.h"'
    file server/models/epoll.c '#include "server/session.h"' '#include <time.h>'
    file loadgen/engine/worker.h '#include "worker.h"'
    file analysis/run.h '#include "common/log.h"'
}

# file PATH LINE…: a file of the tree.
file()
{
    mkdir -p "$(dirname "$tree/$1")"
    printf '%s\n' "${@:2}" >"$tree/$1"
}

check()
{
    "$BATS_TEST_DIRNAME/../../scripts/check" --root "$tree" "$@"
}

# finds CHECK LINE: this check reports this line, and fails.
finds()
{
    run -1 check "$1"
    grep -qxF -e "$2" <<<"$output"
    [[ ${lines[-1]} == "$1"*"FAILED: "* ]]
}

@test "a tree in order passes" {
    run -0 check layering
    [[ ${lines[0]} == layering*ok* ]]
}

@test "layering: common/ and protocol/ include nothing above them" {
    file common/log.c '' '#include "common/log.h"' '#  include "protocol/native.h"'
    finds layering 'common/log.c:3: common/ must not include protocol/ (protocol/native.h)'
    file common/log.c ''
    file protocol/native.c '#include "../server/session.h"'
    finds layering 'protocol/native.c:1: protocol/ must not include server/ (server/session.h)'
}

@test "layering: server/, loadgen/ and analysis/ do not know each other" {
    file server/main.c '#include "loadgen/engine/worker.h"'
    finds layering 'server/main.c:1: server/ must not include loadgen/ (loadgen/engine/worker.h)'
    rm "$tree/server/main.c"
    file loadgen/main.c '#include "server/session.h"'
    finds layering 'loadgen/main.c:1: loadgen/ must not include server/ (server/session.h)'
    rm "$tree/loadgen/main.c"
    file analysis/main.c '#include "protocol/native.h"'
    finds layering 'analysis/main.c:1: analysis/ must not include protocol/ (protocol/native.h)'
}

@test "layering: a model includes no other and has no conditional compilation" {
    file server/models/thread.c '#include "server/models/epoll.c"'
    finds layering 'server/models/thread.c:1: a model must not include another (server/models/epoll.c)'
    file server/models/epoll.h ''
    file server/models/thread.c '#include "epoll.h"'
    finds layering 'server/models/thread.c:1: a model must not include another (server/models/epoll.h)'
    for word in ifdef ifndef if elif; do
        file server/models/thread.c 'int x;' "# $word LINUX"
        finds layering 'server/models/thread.c:2: a model has no conditional compilation'
    done
    file server/models/thread.c '#include "server/session.h"' '/* #ifdef */ int if_x;'
    run -0 check layering
}

@test "layering: tests/ may include everything" {
    file tests/pair.c '#include "server/session.h"' '#include "loadgen/engine/worker.h"'
    run -0 check layering
}

@test "spdx: a source file without the licence" {
    file server/bare.c 'int x;'
    finds spdx 'server/bare.c:1: no line "SPDX-License-Identifier: MIT"'
}

@test "marks: work left behind, in any file" {
    mark=DO
    word=TO$mark
    file notes.md 'one' "two $word: three"
    finds marks "notes.md:2: work left behind: two $word: three"
    file notes.md "PHO${word}S"
    run -0 check marks
}

@test "json: a file that cannot be read" {
    file good.json '{}'
    run -0 check json
    file bad.json '{' '"a": }'
    run -1 check json
    [[ ${lines[0]} == 'bad.json:2: not JSON: '* ]]
}

@test "shell: what shellcheck says" {
    # shellcheck disable=SC2016 # a mistake to be found
    file tool '#!/bin/bash' 'rm $1'
    run -1 check shell
    [[ ${lines[0]} == tool:2:* ]]
}

@test "format: what clang-format would change" {
    cp "$BATS_TEST_DIRNAME/../../.clang-format" "$tree"
    file server/wide.c 'int  x;'
    run -1 check format
    [[ ${lines[0]} == server/wide.c:1:*clang-formatted* ]]
}

@test "tidy: a finding fails; a clean file is looked at once" {
    cp "$BATS_TEST_DIRNAME/../../.clang-tidy" "$tree"
    cd "$tree"
    file CMakeLists.txt 'cmake_minimum_required(VERSION 3.22)' 'project(tree C)' \
        'add_custom_target(revision)' 'add_library(server server/good.c)'
    file server/good.h 'int good(void);'
    file server/good.c '#include "good.h"' 'int good(void)' '{' '    return 1;' '}'
    cmake -B build/dev -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
    run -0 check tidy
    [ "$(find build/tidy -type f | wc -l)" -eq 1 ]

    # Unchanged: not even clang-tidy is needed.
    mkdir bin
    # shellcheck disable=SC2016 # for the stub
    printf '#!/bin/bash\n[[ $1 == --version ]] && exec %s --version\nexit 1\n' \
        "$(command -v clang-tidy)" >bin/clang-tidy
    chmod +x bin/clang-tidy
    PATH=$PWD/bin:$PATH run -0 check tidy
    # A header it includes changed: it is.
    file server/good.h 'int good(void); ' 'int better(void);'
    PATH=$PWD/bin:$PATH run -1 check tidy

    file server/good.c '#include "good.h"' 'int good(void)' '{' '    int *p = 0;' '    return *p;' '}'
    run -1 check tidy
    [[ ${lines[0]} == server/good.c:5:*NullDereference* ]]
}

@test "a check it does not know is wrong usage" {
    run -2 check nonsense
    [ "${#lines[@]}" -eq 1 ]
    run -2 check --nonsense
    run -2 check --root "$tree/none"
}
