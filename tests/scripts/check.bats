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

# gallery_copy: a tree with one model, the real page, document and pictures of it.
gallery_copy()
{
    cd "$BATS_TEST_DIRNAME/../.." || return
    mkdir -p "$tree/docs" "$tree/analysis" "$tree/server/models"
    cp -r docs/models docs/models.md "$tree/docs"
    cp analysis/palette.c "$tree/analysis"
    cp server/models/epoll.c "$tree/server/models"
    file server/models.c '    &model_epoll,'
}

@test "gallery: every model has its row, section and picture" {
    gallery_copy
    run -0 check gallery
    file server/models.c '    &model_epoll, &model_your_own,'
    # shellcheck disable=SC2016 # the backticks are the document's
    finds gallery 'docs/models.md:1: no section "### `your-own`"'
    file server/models.c '    &model_epoll,'
    sed -i '/^| \[epoll\]/d; s/](models\/epoll.svg)/](models\/poll.svg)/' "$tree/docs/models.md"
    run -1 check gallery
    [[ ${lines[0]} == 'docs/models.md:'*': epoll has no row in the table' ]]
    [[ ${lines[1]} == 'docs/models.md:'*': epoll has no picture models/epoll.svg with words for it' ]]
}

@test "gallery: a section says what the page obeys" {
    gallery_copy
    sed -i 's/\.tunings = .*/.tunings = TUNING_WORKERS |\n        TUNING_QUEUE,/' \
        "$tree/server/models/epoll.c"
    run -1 check gallery
    [[ ${lines[0]} == *': epoll obeys --workers, and the section does not say so' ]]
    [[ ${lines[1]} == *': epoll obeys --queue, and the section does not say so' ]]
    [[ ${lines[2]} == *': epoll does not obey --requests-per-turn' ]]
}

@test "gallery: a picture is what is described, and nobody painted over it" {
    gallery_copy
    sed -i '/^model poll /,/^model/ s/^thread .*/&, slowly/' "$tree/docs/models/pictures.txt"
    sed -i 's/keeps who is ready/keeps them all/' "$tree/docs/models/libuv.svg"
    rm "$tree/docs/models/select.svg"
    cp "$tree/docs/models/epoll.svg" "$tree/docs/models/kqueue.svg"
    run -1 check gallery
    draw=scripts/development/draw-models
    [ "${lines[0]}" = "docs/models/select.svg:1: described, but not drawn: run $draw" ]
    [ "${lines[1]}" = "docs/models/poll.svg:1: not what is described: run $draw poll" ]
    [ "${lines[2]}" = "docs/models/libuv.svg:1: not what is described: run $draw libuv" ]
    [ "${lines[3]}" = 'docs/models/kqueue.svg:1: described nowhere in docs/models/pictures.txt' ]
    [[ ${lines[4]} == gallery*FAILED* ]]
}

@test "gallery: Graphviz draws every picture there is" {
    command -v neato >/dev/null || skip 'no Graphviz'
    gallery_copy
    rm "$tree"/docs/models/*.svg
    run -0 --separate-stderr scripts/development/draw-models --root "$tree"
    # shellcheck disable=SC2154 # stderr is of run
    [ -z "$output$stderr" ]
    run -0 check gallery
    for picture in "$tree"/docs/models/*.svg; do
        [[ $(head -n 5 "$picture") == *"<title>$(basename "$picture" .svg): "* ]]
    done
}

@test "a check it does not know is wrong usage" {
    run -2 check nonsense
    [ "${#lines[@]}" -eq 1 ]
    run -2 check --nonsense
    run -2 check --root "$tree/none"
}
