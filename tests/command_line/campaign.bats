#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Small campaigns with the real programs: what the scripts ask for is what they understand.
# shellcheck disable=SC2154 # bats sets output, common.bash the rest
bats_require_minimum_version 1.5.0

load common
TIMED=$BUILD/tests/truth/timed-server

setup() {
    bench=$BATS_TEST_DIRNAME/../../scripts/bench
    dir=$BATS_TEST_TMPDIR/run
    export TMPDIR=$BATS_TEST_TMPDIR
    export MUELLE_BIN_DIR=$BATS_TEST_TMPDIR/bin
    mkdir "$MUELLE_BIN_DIR"
    ln -s "$SERVER" "$LOADGEN" "$REPORT" "$BUILD/loadgen/spinner" "$BUILD/loadgen/slow-clients" \
        "$MUELLE_BIN_DIR"
    # See patience_s in ../scripts/common.bash.
    short=(--set ready-timeout=100s --set stop-timeout=100s --set blocks=1
        --set duration=100ms --set warmup=0 --output "$dir")
}

# measured MODEL LEVEL EXPRESSION: jq on that trial.
measured() {
    jq -e "$3" "$dir"/trials/*-"$1"-"$2"-b1.json
}

@test "other people's servers and ours through a wrapper, in the run of a model" {
    cat >"$BATS_TEST_TMPDIR/wrapper" <<WRAPPER
#!/bin/sh
exec "$SERVER" --model epoll --port "\$1"
WRAPPER
    chmod +x "$BATS_TEST_TMPDIR/wrapper"

    run -0 "$bench" --models epoll --set connections=4 "${short[@]}" \
        --external "timed=$TIMED --sleep --port {port}" --ready 'timed=^listening ' \
        --external "wrapped=$BATS_TEST_TMPDIR/wrapper {port}"
    [ ! -e "$dir/failed" ]
    for model in epoll timed wrapped; do
        measured "$model" 4 '.counts.ok > 0 and .connections.failed == 0 and .server.rss_bytes > 0'
        grep -q "$model" "$dir/report/index.html"
    done
    measured epoll 4 '.server.counters | type == "object"'
    measured timed 4 '.server | has("counters") | not'
    jsonschema_validates "$dir"/trials/*-timed-*.json
}

@test "a server that ends during its trial fails it, and the campaign goes on" {
    run -0 "$bench" --models epoll --set connections=4 "${short[@]}" --set duration=2s \
        --external "brief=timeout --foreground 1 $TIMED --sleep --port {port}"
    [ "$(grep -c '^  .*-brief-.*: brief ended by itself with status 124$' <<<"$output")" -eq 1 ]
    measured epoll 4 '.counts.ok > 0'
}

# What the experiments ask of both programs they understand; how much is measured is not asked.
@test "churn, idle, blocking and balance run" {
    for name in churn blocking balance idle; do
        case $name in
        blocking | idle) levels=(--set 'levels=0 50' --set connections=4) ;;
        *) levels=(--set levels=4) ;;
        esac
        run -0 "$bench" "$name" --models epoll,thread-per-client "${levels[@]}" "${short[@]}"
        [ ! -e "$dir/failed" ]
        case $name in
        churn) measured epoll 4 '.connections.recycled > 0' ;;
        blocking) measured epoll 50 '.classes | length == 2' ;;
        balance) [[ $output == *"no use for workers, so it is not set: epoll thread-per-client"* ]] ;;
        idle) measured epoll 50 '.labels.varies == "idle" and .connections.asked == 54' ;;
        esac
        rm -r "$dir"
    done
}

@test "the catalogue of the scripts has every model of the server, in its order" {
    # shellcheck source=/dev/null
    source "$BATS_TEST_DIRNAME/../../scripts/lib/catalogue.bash"
    local model position=0 i
    while read -r model _; do
        for ((i = position; i < ${#CATALOGUE[@]}; i++)); do
            [ "${CATALOGUE[i]}" != "$model" ] || break
        done
        echo "'$model' is not in CATALOGUE of scripts/lib/catalogue.bash, or not at its place"
        ((i < ${#CATALOGUE[@]}))
        position=$((i + 1))
    done < <("$SERVER" --list-models | grep -v '^null ')
}
