#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# slowed-server: it serves as epoll does, and burns the share of CPU time that it was asked to.

load common

setup() {
    SERVER=$BUILD/server/slowed-server
}

teardown() {
    end_servers
}

# start_slowed SHARE: its port is its second word, so start_server of other programs is not it.
start_slowed() {
    rm -f "$BATS_TEST_TMPDIR/server.out"
    "$SERVER" "$1" 0 >"$BATS_TEST_TMPDIR/server.out" 3>&- &
    # shellcheck disable=SC2034 # for the helpers
    SERVER_PID=$!
    wait_for_line "$BATS_TEST_TMPDIR/server.out" '^listening'
    PORT=$(sed -n 's/^listening [^ ]*:\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/server.out")
}

# burnt_share: what it burnt, of its own work, by its last line.
burnt_share() {
    sed -n 's/^own_ms=\([0-9.]*\) burnt_ms=\([0-9.]*\)$/\1 \2/p' "$BATS_TEST_TMPDIR/server.out" |
        awk '{ print $2 / $1 }'
}

@test "slowed-server burns its share of its own CPU time, and answers everything" {
    start_slowed 50%
    timeout 60 "$LOADGEN" --connections 8 --requests 20000 --warmup 0 --quiet \
        --output "$BATS_TEST_TMPDIR/trial.json" "127.0.0.1:$PORT" || [ $? -eq 3 ]
    stop_server
    json '.counts | .sent >= 20000 and .ok == .sent'
    # By its own clock of CPU time, which does not run while others have the core.
    burnt_share | awk '{ exit !($1 > 0.49 && $1 < 0.6) }'
}

@test "at 0 % slowed-server burns nothing" {
    start_slowed 0%
    timeout 60 "$LOADGEN" --connections 8 --requests 2000 --warmup 0 --quiet "127.0.0.1:$PORT" ||
        [ $? -eq 3 ]
    stop_server
    [ "$(burnt_share)" = 0 ]
}

@test "slowed-server refuses a share that is none" {
    local share

    for share in 10 ten% -5% 2000% ''; do
        run timeout 10 "$SERVER" "$share" 0
        [ "$status" -eq 2 ]
        one_line
    done
    run timeout 10 "$SERVER" 10%
    [ "$status" -eq 2 ]
}
