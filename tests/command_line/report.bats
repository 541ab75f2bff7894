#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# muelle-report on made-up runs of known content, on a real trial, and on what is not one.
# shellcheck disable=SC2154 # bats sets output, stderr and lines, common.bash the rest
bats_require_minimum_version 1.5.0

load common
SYNTHETIC=$BUILD/analysis/muelle-synthetic-run

setup_file() {
    export RUN=$BATS_FILE_TMPDIR/run
    "$BUILD/analysis/muelle-synthetic-run" "$RUN" 8 2
}

setup() {
    OUT=$BATS_TEST_TMPDIR
    export NO_COLOR=
}

teardown() {
    end_servers
}

# report ARG…: sets `output` and `stderr`.
report() {
    run --separate-stderr timeout 60 "$REPORT" "$@"
    echo "$output$stderr"
}

# changed_run JQ: a copy of the run in which that was done to the trials of epoll.
changed_run() {
    local file

    cp -r "$RUN" "$OUT/changed"
    for file in "$OUT"/changed/trials/*-epoll-*; do
        jq -c "$1" "$file" >"$OUT/one.json"
        mv "$OUT/one.json" "$file"
    done
}

# later_run NAME JQ: a copy of the run, another day, in which that was done to all trials.
later_run() {
    local file

    cp -r "$RUN" "$OUT/$1"
    for file in "$OUT/$1"/trials/*; do
        jq -c ".started_utc |= sub(\"^[^T]+\"; \"2027-03-04\") | $2" "$file" >"$OUT/one.json"
        mv "$OUT/one.json" "$file"
    done
}

@test "every command has --help, and says what is missing" {
    for command in render compare list show export; do
        run -0 "$REPORT" "$command" --help
        [[ ${lines[0]} == "Usage: muelle-report $command"* ]]
        grep -q "^  $command " <<<"$("$REPORT" --help)"
    done
    for command in render compare show export; do
        report "$command"
        [ "$status" -eq 2 ]
    done
    report compare "$RUN" --models epoll
    [ "$status" -eq 2 ]
    report compare "$RUN" "$RUN" "$RUN"
    [ "$status" -eq 2 ]
    report export "$RUN" --csv --hlog
    [ "$status" -eq 2 ]
    report show --latency nonsense "$RUN/trials/0001-thread-per-client-1-b1.json"
    [ "$status" -eq 2 ]
}

# --- compare ------------------------------------------------------------------------------------

@test "compare: two models of one run, paired by block" {
    report compare "$RUN" --models thread-per-client,epoll --json
    [ "$status" -eq 0 ]
    jq -e '.format == "muelle-compare/1" and .interleaved and (.pairs | length) == 5' <<<"$output"
    jq -e '.pairs[] | select(.level == "100") | .trials == [8, 8]
           and (.metrics[] | select(.metric == "throughput")
                | .verdict == "faster" and .low < 27400 / 23000 and .high > 27400 / 23000
                  and .low > 1.17 and .high < 1.21 and .coverage >= 0.95)' <<<"$output"
    # Nobody trusts the trials of thread-per-client at 10,000.
    jq -e '.pairs[] | select(.level == "10000") | .left_out == [8, 0] and
           (.metrics | all(.missing == "no trusted trial"))' <<<"$output"
    report compare "$RUN" --models thread-per-client,epoll
    [ "$status" -eq 0 ]
    [[ $output == *"one campaign, paired by block; 8 trials on each side"* ]]
    [[ $output == *"left out of A, not trusted or not complete: 8 of thread-per-client at 10000"* ]]
    [[ $output != *$'\033'* ]]
}

@test "compare: the same numbers give the same bytes" {
    "$REPORT" compare "$RUN" --json >"$OUT/first"
    "$REPORT" compare "$RUN" --json >"$OUT/second"
    cmp "$OUT/first" "$OUT/second"
}

@test "compare: two runs are separate sessions, and say so" {
    changed_run '.throughput_per_s *= 0.8'
    report compare "$RUN" "$OUT/changed" --models epoll
    [ "$status" -eq 0 ]
    [[ $output == *"separate sessions, not interleaved: weaker"* ]]
    grep -q '^ *100  throughput .* slower$' <<<"$output"
    report compare "$RUN" "$OUT/changed" --models epoll,thread-pool --json
    jq -e '.pairs | all(.baseline == "epoll" and .candidate == "thread-pool")' <<<"$output"
}

@test "compare --fail-if: 3 when slower is shown, and one line says where" {
    changed_run 'if .config.connections == 100 then .throughput_per_s *= 0.8 else . end'
    report compare "$RUN" "$OUT/changed" --models epoll --fail-if slower=5%
    [ "$status" -eq 3 ]
    [ "$(grep -c 'condition missed' <<<"$stderr")" -eq 1 ]
    [[ $stderr == *"throughput of epoll at connections 100 is 0.800 times as much"*"--fail-if slower=5%"* ]]
    report compare "$RUN" "$OUT/changed" --models epoll --fail-if throughput.slower=30%
    [ "$status" -eq 0 ]
    report compare "$RUN" "$OUT/changed" --models epoll --fail-if p99.slower=5%
    [ "$status" -eq 0 ]
    report compare "$OUT/changed" "$RUN" --models epoll --fail-if slower=5%
    [ "$status" -eq 0 ]
    for wrong in slower 5% slower=5 p98.slower=5% slower=-1%; do
        report compare "$RUN" "$OUT/changed" --fail-if "$wrong"
        [ "$status" -eq 2 ]
    done
}

@test "compare --fail-if: what few blocks cannot show holds, but not with --strict" {
    "$SYNTHETIC" "$OUT/few" 3 2
    report compare "$OUT/few" --models epoll,thread-per-client --fail-if slower=5%
    [ "$status" -eq 0 ]
    [[ $stderr == *"holds for lack of numbers"* ]]
    [[ $output == *"undecided: 3 blocks more"* ]]
    report compare "$OUT/few" --models epoll,thread-per-client --fail-if slower=5% --strict
    [ "$status" -eq 3 ]
}

@test "compare --output: JSON, TSV and a forest plot" {
    report compare "$RUN" --output "$OUT/comparison"
    [ "$status" -eq 0 ]
    jq -e '.format == "muelle-compare/1"' "$OUT/comparison/compare.json"
    [ "$(awk -F'\t' '{ print NF }' "$OUT/comparison/compare.tsv" | sort -u)" -eq 19 ]
    [ "$(wc -l <"$OUT/comparison/compare.tsv")" -eq $((1 + 2 * 5 * 6)) ]
    [ -s "$OUT/comparison/forest.gp" ]
    command -v gnuplot >/dev/null || skip "no gnuplot here"
    grep -q 'equivalent' "$OUT/comparison/forest.svg"
    [ -s "$OUT/comparison/forest.png" ]
}

@test "compare: a configuration that ran twice widens what counts as equal" {
    local file

    cp -r "$RUN" "$OUT/twice"
    for file in "$RUN"/trials/*-epoll-*; do
        jq -c ".labels.model = \"epoll'\" | .throughput_per_s *=
               (1 + 0.08 * ((.labels.block | tonumber) % 2 - 0.5))" "$file" \
            >"$OUT/twice/trials/again-${file##*/}"
    done
    report compare "$OUT/twice" --models epoll,thread-pool --json
    jq -e '[.pairs[].metrics[] | select(.metric == "throughput").equivalence] | min > 0.03' <<<"$output"
    jq -e '[.pairs[].metrics[] | select(.metric == "cpu").equivalence] | max == 0.01' <<<"$output"
    report compare "$OUT/twice" --json
    jq -e "all(.pairs[]; .candidate != \"epoll'\")" <<<"$output"
}

@test "compare: results of other tools, as far as they carry the data" {
    printf '%s\n' '  2 threads and 100 connections' '  Thread Stats   Avg' '     50%    2.00ms' \
        '     99%    9.00ms' '  90000 requests in 3.00s' 'Requests/sec:  30000.00' >"$OUT/wrk.txt"
    printf '%s' '{"ActualQPS":15000,"NumThreads":100,"DurationHistogram":{"Count":45000,"Percentiles":
        [{"Percentile":50,"Value":0.004},{"Percentile":99.9,"Value":0.05}]}}' >"$OUT/fortio.json"
    report compare "$OUT/wrk.txt" "$OUT/fortio.json" --json
    [ "$status" -eq 0 ]
    jq -e '.pairs[0] | .baseline == "wrk" and .candidate == "fortio" and .level == "100"
           and (.metrics[0].ratio - 0.5 | fabs < 1e-9) and (.metrics[1].ratio - 2 | fabs < 1e-9)
           and .metrics[2].missing == "not measured"
           and all(.metrics[]; .missing or (.coverage == 0 and .verdict == "undecided"))' <<<"$output"
    jq -e '.notes | any(startswith("wrk.txt, by wrk: no p99.9, no server CPU"))
                and any(startswith("fortio.json, by fortio: no p99, no server CPU"))' <<<"$output"
    # One of ours in their format, against itself.
    "$REPORT" export --hgrm "$RUN/trials/0009-epoll-100-b1.json" >"$OUT/one.hgrm"
    report compare "$RUN/trials/0009-epoll-100-b1.json" "$OUT/one.hgrm" --json
    jq -e 'all(.pairs[0].metrics[1, 2]; .ratio > 0.99 and .ratio < 1.02)' <<<"$output"
    jq -e '.notes | any(test("not measured by the same tool"))' <<<"$output"
}

@test "compare: broken files are named and skipped, nothing at all is status 1" {
    mkdir "$OUT/mixed" "$OUT/broken"
    cp "$RUN"/trials/*-epoll-100-* "$OUT/mixed"
    head -c 3000 "$RUN/trials/0009-epoll-100-b1.json" >"$OUT/mixed/half.json"
    echo '{"metrics": {' >"$OUT/broken/a.json"
    echo 'a text' >"$OUT/broken/b.txt"
    report compare "$OUT/mixed" "$RUN" --models epoll
    [ "$status" -eq 0 ]
    [ "$(grep -c 'mixed/half.json skipped: ' <<<"$stderr")" -eq 1 ]
    for other in "$OUT/broken" "$OUT/nowhere" "$OUT/broken/b.txt" "$OUT"; do
        report compare "$RUN" "$other"
        [ "$status" -eq 1 ]
        [ -z "$output" ]
        [ -n "$stderr" ]
    done
    report compare "$RUN" --models epoll,nobody
    [ "$status" -eq 1 ]
    [[ $stderr == *"no trial of a model 'nobody'"* ]]
    changed_run '.verdict.level = "NOT TRUSTED"'
    report compare "$RUN" "$OUT/changed" --models epoll --fail-if slower=50%
    [ "$status" -eq 1 ]
    [[ $stderr == *"nothing to compare"* ]]
}

# --- list ---------------------------------------------------------------------------------------

@test "list: the runs below a folder, without those that hold nothing" {
    mkdir -p "$OUT/results/deep/er" "$OUT/results/empty/trials" "$OUT/results/.hidden"
    cp -r "$RUN" "$OUT/results/one"
    cp -r "$RUN" "$OUT/results/deep/er/two"
    cp -r "$RUN" "$OUT/results/.hidden/three"
    rm "$OUT"/results/one/trials/0001-*
    report list "$OUT/results"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[0]} == run*experiment*preset*started*models*trials*verdict ]]
    [[ ${lines[1]} == "$OUT/results/deep/er/two  connections  quick   2026-01-31T12:00:00Z  "* ]]
    [[ ${lines[2]} == *"thread-per-client, thread-pool, epoll     119  NOT TRUSTED" ]]
    [[ $stderr == *"results/empty: no valid trial in trials/"* ]]
    cd "$OUT"
    report list
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    report list "$OUT/results/empty"
    [ "$status" -eq 1 ]
    report list "$OUT/nowhere"
    [ "$status" -eq 1 ]
}

# --- show and export ------------------------------------------------------------------------------

@test "show and export: a real trial, and what each of them says of it is the same" {
    start_server --model epoll
    timeout 30 "$LOADGEN" --connections 4 --rate 2k/s --warmup 0s --duration 2s --quiet \
        --output "$OUT/trial.json" --hgrm "$OUT/real.hgrm" "127.0.0.1:$PORT" || [ $? -eq 3 ]
    local count
    count=$(json .latency.response.count)

    report show "$OUT/trial.json"
    [ "$status" -eq 0 ]
    [[ $output == *"open loop, uniform 2,000/s, echo:64; 2 s measured"* ]]
    grep -Eq "^  response +$(sed -E ':a;s/([0-9])([0-9]{3})($|,)/\1,\2\3/;ta' <<<"$count") " <<<"$output"
    [[ $output == *"response time by percentile"*"└──"*"99 %"* ]]
    [[ $output == *"second by second"*"replies/s"* ]]
    grep -q "^$(json .verdict.level)\$" <<<"$output"
    report show --latency wire "$OUT/trial.json"
    [[ $output == *"wire time by percentile"* ]]

    report export --hgrm "$OUT/trial.json"
    [ "$status" -eq 0 ]
    grep '^ ' "$OUT/real.hgrm" >"$OUT/real.rows"
    grep '^ ' <<<"$output" | diff - "$OUT/real.rows"

    report export --hlog "$OUT/trial.json" --output "$OUT/trial.hlog"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^Tag=server:4,0.000,2.000,' "$OUT/trial.hlog")" -eq 1 ]
    [ "$(sed -n 's/^Tag=.*,//p' "$OUT/trial.hlog")" = "$(json .latency.response.histogram)" ]

    report export --csv "$OUT/trial.json"
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[1]} == trial.json,* ]]
}

@test "export: a whole run" {
    report export --csv "$RUN" --output "$OUT/trials.csv"
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$OUT/trials.csv")" -eq 121 ]
    report export --hlog "$RUN"
    [ "$(grep -c '^Tag=epoll:100,' <<<"$output")" -eq 8 ]
    report export --hgrm "$RUN"
    [ "$status" -eq 2 ]
    report export --hgrm "$RUN" --output "$OUT/percentiles"
    [ "$status" -eq 0 ]
    [ "$(find "$OUT/percentiles" -name '*-b?.hgrm' | wc -l)" -eq 120 ]
    # In a closed loop nothing is ever late.
    report export --hlog --latency send_lag "$RUN"
    [ "$status" -eq 1 ]
    [[ $stderr == *"nothing of the kind was measured"* ]]
}

@test "show and export: what is no trial is named" {
    head -c 2000 "$RUN/trials/0009-epoll-100-b1.json" >"$OUT/half.json"
    report show "$RUN/trials/0009-epoll-100-b1.json" "$OUT/half.json" "$OUT/nowhere"
    [ "$status" -eq 1 ]
    [[ $output == "epoll, block 1 of connections"* ]]
    [[ $stderr == *"half.json: not JSON"*"nowhere: No such file"* ]]
    report export --csv "$OUT/half.json"
    [ "$status" -eq 1 ]
    [ -z "$output" ]
}

@test "render --output: runs of one machine are merged, and what differs is told" {
    later_run tuesday .
    jq '.preset = "default"' "$RUN/manifest.json" >"$OUT/tuesday/manifest.json"
    echo '{' >"$OUT/tuesday/trials/broken.json"

    report render "$RUN" "$OUT/tuesday" --output "$OUT/both"
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "$OUT/both/index.html" ]
    [[ $stderr == *"tuesday: trials/broken.json skipped: not JSON"* ]]
    [[ $stderr == *"Not the same in all runs is the preset: quick (run); default (tuesday)"* ]]
    [ ! -e "$RUN/report" ]
    grep -q "; 16 blocks or more of each model; " "$OUT/both/index.html"
    grep -q '<th scope="row">tuesday</th><td class="n" data-v="9">9–16</td>' "$OUT/both/index.html"
    [ "$(grep -c '^tuesday/' "$OUT/both/trials.csv")" -eq 120 ]
    [ "$(grep -c ' @ ' "$OUT/both/summary.tsv")" -eq 0 ]

    report render "$RUN" "$OUT/tuesday" --output "$OUT/again"
    diff -r "$OUT/both" "$OUT/again"
}

@test "render --output: runs of two machines stand side by side" {
    later_run large '.environment.cores = 64'
    report render "$RUN" "$OUT/large" --output "$OUT/both"
    [ "$status" -eq 0 ]
    [[ $output == *"on A: "*" cores, B: 64 cores; "* ]]
    [[ $output == *"epoll @ A "*"epoll @ B "* ]]
    grep -q "2 runs on 2 machines .*never pooled" "$OUT/both/index.html"
    grep -q "<h3>Machine B</h3>" "$OUT/both/index.html"
    grep -q 'epoll @ B' "$OUT/both/throughput.tsv"

    # Few blocks of one machine leave the intervals of the other what they are.
    rm "$OUT"/large/trials/*-b[3-8].json
    report render "$RUN" "$OUT/large" --output "$OUT/few"
    [ "$status" -eq 0 ]
    [[ $output == *"2 blocks describe only"* ]]
    grep -q "^subheading = 'ratios block by block, and 95 % interval · " "$OUT/few/ratio-throughput.gp"
}

@test "render --output: another work, and one measurement twice, are refused in a line" {
    later_run words '.config.request = "echo:1024"'
    later_run other .
    jq '.experiment = "churn"' "$RUN/manifest.json" >"$OUT/other/manifest.json"
    cp -r "$RUN" "$OUT/copy"
    for second in words other copy nowhere; do
        report render "$RUN" "$OUT/$second" --output "$OUT/both"
        [ "$status" -eq 1 ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == *"$second"* ]]
        [ ! -e "$OUT/both" ]
    done
    # Each for itself.
    report render --quiet "$OUT/words" "$OUT/other"
    [ "$status" -eq 0 ]
    [ -e "$OUT/words/report/index.html" ]
    [ -e "$OUT/other/report/index.html" ]
}

@test "a reader who leaves or a full disk costs the status" {
    for arguments in "compare $RUN" "list $RUN" "export --csv $RUN" \
        "show $RUN/trials/0009-epoll-100-b1.json"; do
        # shellcheck disable=SC2086 # the words of a command line
        run --separate-stderr bash -c '"$@" >/dev/full' - timeout 30 "$REPORT" $arguments
        [ "$status" -eq 1 ]
        [[ $stderr == *"No space left on device"* ]]
    done
}

@test "packed trials say the same, and a damaged one is named and left out" {
    cp -r "$RUN" "$OUT/packed"
    cp -r "$RUN" "$OUT/plain"
    gzip -n "$OUT"/packed/trials/*.json
    report render "$OUT/plain"
    [ "$status" -eq 0 ]
    report render "$OUT/packed"
    [ "$status" -eq 0 ]
    cmp "$OUT/plain/report/summary.tsv" "$OUT/packed/report/summary.tsv"

    local first
    first=$(find "$OUT/packed/trials" -name '*.json.gz' | sort | head -1)
    truncate -s 500 "$first"
    report render "$OUT/packed"
    [ "$status" -eq 0 ]
    [[ "$stderr$output" == *"${first##*/}"* ]]
}
