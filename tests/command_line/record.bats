#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What scripts/record keeps of a run, and what it refuses.
# shellcheck disable=SC2154 # bats sets output, lines and stderr, common.bash the rest
bats_require_minimum_version 1.5.0

load common

setup() {
    scripts=$BATS_TEST_DIRNAME/../../scripts
    run=$BATS_TEST_TMPDIR/run
    kept=$BATS_TEST_TMPDIR/kept
    export MUELLE_BIN_DIR=$BATS_TEST_TMPDIR/bin
    mkdir "$MUELLE_BIN_DIR"
    ln -s "$REPORT" "$MUELLE_BIN_DIR"
    cp -r "$BATS_TEST_DIRNAME/../../results/reference/connections" "$run"
    rm -r "$run/report"
    find "$run/trials" -name '*.gz' -exec gunzip {} +
}

# count DIR PATTERN
count() {
    find "$1" -type f -name "$2" | wc -l
}

@test "trials are compressed, and of the report one page without pictures stays" {
    run -0 "$scripts/record" --into "$kept" "$run"
    [[ ${lines[-1]} == *"connections: 45 trials; "*" bytes of 8000000 recorded" ]]
    [ "$(count "$kept/connections/trials" '*.json.gz')" -eq 45 ]
    [ "$(count "$kept/connections/trials" '*')" -eq 45 ]
    [ "$(count "$kept/connections/report" '*')" -eq 1 ]
    grep -q '^| 1000 \|^| 1,000 ' "$kept/connections/report/report.md"
    run ! grep -q '^!' "$kept/connections/report/report.md"
    trial=$(find "$run/trials" -name '0007-*.json' -printf '%f')
    zcat "$kept/connections/trials/$trial.gz" | cmp - "$run/trials/$trial"
    run -0 "$REPORT" show "$kept/connections/trials/$trial.gz"
}

@test "a run takes the place of its experiment's, with its pictures when they are asked for" {
    mkdir -p "$kept/connections/trials" "$kept/churn"
    touch "$kept/connections/trials/old.json.gz" "$kept/churn/stays"
    run -0 "$scripts/record" --pictures --into "$kept" "$run"
    [ ! -e "$kept/connections/trials/old.json.gz" ]
    [ -e "$kept/churn/stays" ]
    [ -s "$kept/connections/report/throughput.png" ]
    [ "$(count "$kept/connections/report" '*')" -eq $(($(count "$kept/connections/report" '*.png') + 1)) ]
    while read -r picture; do
        [ -s "$kept/connections/report/$picture" ]
    done < <(sed -n 's/^!.*(\(.*\))$/\1/p' "$kept/connections/report/report.md")
    grep -q '^!\[Throughput' "$kept/connections/report/report.md"
}

@test "what is not whole, or too large, is refused and leaves nothing behind" {
    run -1 --separate-stderr "$scripts/record" --into "$kept" "$BATS_TEST_TMPDIR"
    [[ $stderr == "record: $BATS_TEST_TMPDIR is no run: "* ]]
    mkdir -p "$kept/churn"
    truncate --size 8000000 "$kept/churn/large"
    run -1 --separate-stderr "$scripts/record" --into "$kept" "$run"
    [[ $stderr == *"more than 8000000" ]]
    rm "$run"/trials/0007-*
    run -1 --separate-stderr "$scripts/record" --into "$kept" "$run"
    [[ $stderr == *"has 44 of 45 trials; scripts/bench --resume "* ]]
    [ "$(ls -A "$kept")" = churn ]
    run -2 --separate-stderr "$scripts/record"
    run -2 --separate-stderr "$scripts/record" --nonsense "$run"
}
