#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/setup: what it installs, and its silence when there is nothing to do. apt-get is never
# the real one here.
bats_require_minimum_version 1.5.0

setup()
{
    program=$BATS_TEST_DIRNAME/../../scripts/setup
    mkdir "$BATS_TEST_TMPDIR/bin"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    installed 'all'
    stub apt-get "printf '%s\n' \"\$*\" >>'$BATS_TEST_TMPDIR/apt'"
}

# stub NAME BODY: a program that is found before the real one.
stub()
{
    printf '#!/bin/bash\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

# installed all|PATTERN: what dpkg-query knows: everything, or all but what matches.
installed()
{
    stub dpkg-query "shift 3
        for package; do
            [[ \$package == $1 ]] || echo \"\$package installed\"
        done"
}

@test "silent when nothing is missing" {
    run -0 "$program"
    [ -z "$output" ]
    [ ! -e "$BATS_TEST_TMPDIR/apt" ]
}

@test "installs what is missing, and only that, after an update" {
    installed '@(jq|bats)'
    stub id 'echo 0'
    run -0 "$program"
    [ "$output" = 'setup: installing bats jq' ]
    [[ $(sed -n 1p "$BATS_TEST_TMPDIR/apt") == *' update' ]]
    [[ $(sed -n 2p "$BATS_TEST_TMPDIR/apt") == *' install --no-install-recommends bats jq' ]]
}

@test "a package that was removed is missing" {
    stub dpkg-query "shift 3
        for package; do
            [[ \$package == jq ]] && echo 'jq config-files' || echo \"\$package installed\"
        done"
    stub id 'echo 0'
    run -0 "$program"
    [ "$output" = 'setup: installing jq' ]
}

@test "takes sudo where it asks for nothing" {
    installed jq
    stub id 'echo 1000'
    # shellcheck disable=SC2016 # for the stub
    stub sudo 'shift; "$@"'
    run -0 "$program"
    [ -s "$BATS_TEST_TMPDIR/apt" ]
}

@test "without root and sudo it names the packages in one line" {
    installed jq
    stub id 'echo 1000'
    stub sudo 'echo a password is required >&2; exit 1'
    run -1 "$program"
    [ "$output" = 'setup: neither root nor sudo here; as root run: apt-get install jq' ]
    [ ! -e "$BATS_TEST_TMPDIR/apt" ]
}

@test "when apt-get fails its words are shown" {
    installed jq
    stub id 'echo 0'
    stub apt-get 'echo no network; exit 100'
    run -1 "$program"
    [[ $output == *'no network'*'setup: apt-get could not install: jq'* ]]
}

@test "an argument is wrong usage" {
    run -2 "$program" now
    [ "${#lines[@]}" -eq 1 ]
    run -0 "$program" --help
    [[ $output == *'Usage: scripts/setup'* ]]
}
