#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/wire.md against every model: the dialogues byte for byte, the client as it is printed there.

load ../command_line/common

DOCUMENT=$BATS_TEST_DIRNAME/../../docs/wire.md
CLIENT=$BUILD/tests/wire/wire-client

teardown() {
    end_servers
}

# models: the names of those that can run here; null answers without parsing.
models() {
    "$SERVER" --list-models | grep -v 'not available here' | cut -d' ' -f1 | grep -v '^null$'
}

# say HEX…: to the server.
say() {
    local hex text=

    for hex; do
        text+="\\x$hex"
    done
    printf '%b' "$text" >&5
}

# hear HEX…: exactly these bytes come next.
hear() {
    local heard

    heard=$(timeout 10 head -c $# <&5 | od -An -v -tx1 | tr -d ' \n')
    [ "${heard^^}" = "$(printf '%s' "$@")" ] || {
        echo "expected $*"
        echo "heard    $heard"
        return 1
    }
}

# hear_end: a clean one; a reset fails.
hear_end() {
    local count

    count=$(timeout 10 head -c 1 <&5 | wc -c; exit "${PIPESTATUS[0]}") || {
        echo "no clean end"
        return 1
    }
    [ "$count" -eq 0 ]
}

# play: every dialogue of the document, each on a connection of its own; sets `played`.
play() {
    local line who words in_dialogue=

    played=0
    while IFS= read -r line; do
        case $line in
        '```wire')
            in_dialogue=yes
            exec 5<>"/dev/tcp/127.0.0.1/$PORT"
            played=$((played + 1))
            ;;
        '```')
            [ -z "$in_dialogue" ] || exec 5>&-
            in_dialogue=
            ;;
        *)
            [ -n "$in_dialogue" ] || continue
            read -r who line <<<"${line%%;*}"
            read -r -a words <<<"$line"
            echo "dialogue $played: $who $line"
            case $who:$line in
            C:*) say "${words[@]}" ;;
            S:end*) hear_end ;;
            S:*) hear "${words[@]}" ;;
            *) return 1 ;;
            esac
            ;;
        esac
    done <"$DOCUMENT"
}

@test "the dialogues are what every model says" {
    local model

    for model in $(models); do
        echo "model $model"
        start_server --model "$model"
        play
        [ "$played" -ge 9 ]
        stop_server
    done
}

@test "the client of the page works with every model, and is told when it is refused" {
    local model tries

    for model in $(models); do
        echo "model $model"
        start_server --model "$model" --max-connections 1
        run timeout 10 "$CLIENT" 127.0.0.1 "$PORT" hola
        [ "$status" -eq 0 ]
        [ "$output" = "operation 1, 4 bytes: hola" ]
        # The one model that cannot tell a second client that it is one too many.
        if [ "$model" = iterative ]; then
            stop_server
            continue
        fi

        # The place of the client before is free when its end was noticed.
        for ((tries = 0; tries < 500; tries++)); do
            exec 5<>"/dev/tcp/127.0.0.1/$PORT"
            say 01 00 00 00
            (hear 00 00 00 00 >/dev/null) && break
            exec 5>&-
            sleep 0.02
        done
        run timeout 10 "$CLIENT" 127.0.0.1 "$PORT" hola
        exec 5>&-
        [ "$status" -eq 1 ]
        [[ "$output" == *refused ]]
        stop_server
    done
}

@test "an empty text and the largest that a command line takes" {
    local text

    start_server --model epoll
    run timeout 10 "$CLIENT" 127.0.0.1 "$PORT" ''
    [ "$output" = "operation 1, 0 bytes: " ]
    text=$(printf '%*s' 100000 '' | tr ' ' m)
    run timeout 10 "$CLIENT" 127.0.0.1 "$PORT" "$text"
    [ "$output" = "operation 1, 100000 bytes: $text" ]
    stop_server
}
