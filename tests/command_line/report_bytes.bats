#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The same trials give the same report, byte by byte, wherever and whenever it is made; and what a
# page has no room for it names.
# shellcheck disable=SC2154 # bats sets output, stderr and lines, common.bash the rest
bats_require_minimum_version 1.5.0

load common

setup_file() {
    export RUN=$BATS_FILE_TMPDIR/run
    "$BUILD/analysis/muelle-synthetic-run" "$RUN" 8 2
}

setup() {
    OUT=$BATS_TEST_TMPDIR
    export NO_COLOR=
}

# copy_backwards RUN COPY: its files made in the other order, so that a folder that is read as it
# lies gives them in another.
copy_backwards() {
    mkdir -p "$2/trials"
    cp "$1/manifest.json" "$2"
    (cd "$1/trials" && printf '%s\0' * | sort -zr | xargs -0 cp -t "$2/trials")
}

# many_trials FOLDER COUNT: a run of so many, in blocks; its trials differ in block and number alone.
many_trials() {
    mkdir -p "$1/trials"
    cp "$RUN/manifest.json" "$1"
    zcat -f "$RUN"/trials/*.json |
        jq -nr --argjson count "$2" '
            [inputs] as $trials | range($count) as $i | $trials[$i % ($trials | length)] |
            ($i / ($trials | length) | floor) as $round |
            .labels.block = ((.labels.block | tonumber) + 8 * $round | tostring) |
            "\(100000 + $i).json\t\(tojson)"' |
        (cd "$1/trials" && awk -F'\t' '{ print $2 >$1; close($1) }')
}

@test "render: the same bytes in another folder, order of files, language and time zone" {
    copy_backwards "$RUN" "$OUT/copy/run"
    timeout 120 "$REPORT" render --quiet "$RUN"
    cd "$OUT/copy"
    # A language that may not be there must not matter either.
    LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 TZ=Pacific/Auckland MALLOC_PERTURB_=85 \
        timeout 120 "$REPORT" render --quiet run
    diff -r "$RUN/report" run/report
    [ -s run/report/index.html ]
}

@test "render: drawings on one processor and on all are the same" {
    timeout 120 "$REPORT" render --quiet --output "$OUT/all" "$RUN"
    timeout 120 taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" \
        "$REPORT" render --quiet --output "$OUT/one" "$RUN"
    diff -r "$OUT/all" "$OUT/one"
}

@test "render: a run with more trials than a page has room for says what the page lacks" {
    many_trials "$OUT/many" 600
    PATH=/nonexistent "$REPORT" render --quiet --output "$OUT/report" "$OUT/many" 2>/dev/null
    grep -q 'without the trials, which trials.csv and windows.csv have' "$OUT/report/index.html"
    result=$(sed -n 's/.*<script type="application\/json" id="result">\(.*\)<\/script>/\1/p' \
        "$OUT/report/index.html")
    [ "$(jq -c '[.left_out, (.trials | length)]' <<<"$result")" = '[["trials"],0]' ]
    # There they are.
    [ "$(wc -l <"$OUT/report/trials.csv")" = 601 ]
    (($(stat -c %s "$OUT/report/index.html") < 3000000))
}

@test "render: a small run is whole in its page" {
    "$BUILD/analysis/muelle-synthetic-run" "$OUT/small" 2 2
    PATH=/nonexistent "$REPORT" render --quiet --output "$OUT/report" "$OUT/small" 2>/dev/null
    result=$(sed -n 's/.*<script type="application\/json" id="result">\(.*\)<\/script>/\1/p' \
        "$OUT/report/index.html")
    count=$(find "$OUT/small/trials" -name '*.json' | wc -l)
    [ "$(jq -c '[.left_out, (.trials | length)]' <<<"$result")" = "[[],$count]" ]
    run ! grep -q 'has more than a page has room for' "$OUT/report/index.html"
}
