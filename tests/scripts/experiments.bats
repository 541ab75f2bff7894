#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What an experiment can state, and what becomes of it: levels, labels, options of both programs.
# shellcheck disable=SC2154 # bats sets stderr, the helpers bench and dir
bats_require_minimum_version 1.5.0
load common

setup()
{
    fakes_prepare
    mine=$BATS_TEST_TMPDIR/mine
    fast=("${patient[@]}" --set blocks=1 --set duration=1ms --set warmup=0 --set seed=7
        --set again=no --output "$dir")
}

# experiment LINE…: $mine states these lines beside what every experiment does.
experiment()
{
    printf '%s\n' "title 'Mine'" 'models alpha beta' 'request echo:64' 'connections 64' "$@" >"$mine"
}

# asked MODEL LEVEL: the arguments the generator was given for that trial.
asked()
{
    sed -n "s#^asked $1 $2: ##p" "$FAKE_LOG"
}

@test "what varies is told apart by its level" {
    experiment 'vary idle' 'levels quick 0 1000'
    run -0 "$bench" "$mine" "${fast[@]}"

    [[ $output == *"4 trials (2 models × 2 levels × 1 blocks)"* ]]
    [[ $(asked alpha 0) == *"--connections 64 "* && $(asked alpha 0) != *--idle* ]]
    [[ $(asked alpha 1000) == *"--connections 64 "*"--idle-connections 1000 "* ]]
    [ "$(jq -r '.labels | "\(.varies) \(.level)"' "$dir"/trials/*-beta-1000-b1.json)" = 'idle 1000' ]
    jq -e '.varies == "idle" and .levels == ["0", "1000"] and .connections == [64]' \
        "$dir/manifest.json"
}

@test "connections as what varies: the level and the connections are one" {
    "$bench" --models alpha --set connections=5 "${fast[@]}"
    [ "$(jq -r '.labels | "\(.varies) \(.level)"' "$dir"/trials/0001-alpha-5-b1.json)" = \
        'connections 5' ]
}

@test "every option of the generator can be stated" {
    experiment 'vary rate' 'levels quick 1k/s 2k/s' 'arrival poisson' 'requests-per-connection 3' \
        'pipeline 4' 'think 5ms' 'timeout 2s' 'idle 10' 'threads 2' 'protocol native'
    "$bench" "$mine" "${fast[@]}"

    for option in '--rate 1k/s' '--arrival poisson' '--requests-per-connection 3' '--pipeline 4' \
        '--think 5ms' '--timeout 2s' '--idle-connections 10' '--threads 2' '--protocol native' \
        '--connections 64' '--request echo:64' '--label varies=rate' '--label level=1k/s'; do
        [[ " $(asked alpha 1k/s) " == *" $option "* ]]
    done
    # A name of a file has no slash in it.
    [ "$(jq -r .labels.level "$dir"/trials/*-alpha-2k_s-b1.json)" = 2k/s ]
    grep -q '^serves alpha: .*--protocol native' "$FAKE_LOG"
}

@test "a template takes the level, and what it lacks to 100; classes of weight 0 are left out" {
    experiment 'vary share' 'levels quick 0 5 100' "request '{100-level}*echo:64,{level}*work:cpu=1ms,block=5ms'"
    "$bench" "$mine" "${fast[@]}"

    [[ $(asked alpha 0) == *" --request 100*echo:64 "* ]]
    [[ $(asked alpha 5) == *" --request 95*echo:64,5*work:cpu=1ms,block=5ms "* ]]
    [[ $(asked alpha 100) == *" --request 100*work:cpu=1ms,block=5ms "* ]]
    jq -e '.varies == "share" and (.request | startswith("{100-level}"))' "$dir/manifest.json"
}

@test "requests vary as they are, commas and all" {
    experiment 'vary request' 'levels quick echo:64 9*echo:64,1*persona'
    sed -i '/^request/d' "$mine"
    "$bench" "$mine" "${fast[@]}"
    [ "$(files_in "$dir/trials")" -eq 4 ]
    [[ $(asked beta '9\*echo:64,1\*persona') == *" --request 9*echo:64,1*persona "* ]]

    rm -r "$dir"
    "$bench" "$mine" "${fast[@]}" --set 'levels=echo:1 1*echo:2,1*echo:3'
    [[ $(asked beta echo:1) == *" --request echo:1 "* ]]
}

@test "a tuning goes to the models that obey it; the others are named once" {
    experiment 'vary connections' 'levels quick 1 2' 'workers 4' 'queue 9'
    sed -i '/^connections/d' "$mine"
    run -0 "$bench" "$mine" "${fast[@]}" --set blocks=2

    [ "$(grep -c '^serves alpha: .*--queue 9\( \|$\)' "$FAKE_LOG")" -eq 4 ]
    [ "$(grep -c '^serves alpha: .*--workers 4\( \|$\)' "$FAKE_LOG")" -eq 4 ]
    [ "$(grep -c '^no use for workers, so it is not set: beta$' <<<"$output")" -eq 1 ]
    [ "$(grep -c '^no use for queue, so it is not set: beta$' <<<"$output")" -eq 1 ]
    jq -e '.workers == 4 and .options.queue == "9"' "$dir/manifest.json"
    run ! grep -q '^serves beta: .*--\(workers\|queue\)' "$FAKE_LOG"
}

@test "workers can vary" {
    experiment 'vary workers' 'levels quick 1 2'
    "$bench" "$mine" "${fast[@]}" --models alpha
    [ "$(grep -o -- '--workers [0-9]*' "$FAKE_LOG" | sort -u | tr '\n' ' ')" = '--workers 1 --workers 2 ' ]
    [ "$(jq .workers "$dir/manifest.json")" = null ]
}

@test "the times of a preset are the experiment's to state, the command line's to change" {
    experiment 'vary idle' 'levels quick 0' 'duration quick 1500ms' 'warmup quick 300ms' \
        'blocks quick 2' 'duration paper 9s'
    run -0 "$bench" "$mine" --dry-run --set again=no
    [[ $output == *"2 blocks), 1500ms each after 300ms of warm-up"* ]]
    run -0 "$bench" "$mine" --dry-run --set again=no --set duration=2s
    [[ $output == *"2 blocks), 2s each after 300ms of warm-up"* ]]
}

@test "all stands for the catalogue; what this server lacks of it is named and skipped" {
    run -0 "$bench" churn --dry-run
    [[ $output == *"87 trials (28 models × 1 levels × 3 blocks + epoll' at 32 in each)"* ]]
    [[ $output != *null* ]]

    sed 's/^models.*/models gamma delta epsilon alpha/' "${bench%/*}/experiments/churn" >"$mine"
    run -0 "$bench" "$mine" "${fast[@]}"
    [ "$(grep -c 'has none of them: delta epsilon$' <<<"$output")" -eq 1 ]
    [ "$(files_in "$dir/trials")" -eq 2 ]
    jq -e '.models == ["gamma", "alpha"] and .planned_trials == 2' "$dir/manifest.json"
    # Only what is there is in the command that makes it again.
    eval "words=($(jq -r .command "$dir/manifest.json"))"
    "$bench" "$mine" "${words[@]:2}" --output "$dir-again"

    run -2 "$bench" churn --models all --output "$dir-none"
    [[ $output == *"has none of the models: iterative "* ]]
}

@test "a run that was stopped goes on with all of its settings" {
    experiment 'vary idle' 'levels quick 0 7' 'workers 3' 'timeout 2s' 'think 1ms'
    "$bench" "$mine" "${fast[@]}" --set stop-timeout=9s
    names=$(ls "$dir/trials")
    before=$(grep '^asked' "$FAKE_LOG" | sed 's/ --observe .*//' | sort)
    rm "$mine" "$dir"/trials/*
    : >"$FAKE_LOG"

    run -0 "$bench" --resume "$dir"
    [ "$(ls "$dir/trials")" = "$names" ]
    [ "$(grep '^asked' "$FAKE_LOG" | sed 's/ --observe .*//' | sort)" = "$before" ]
    [ "$(grep -c '^serves alpha: .*--workers 3' "$FAKE_LOG")" -eq 2 ]
}

@test "a run of before anything but connections varied goes on" {
    "$bench" --models alpha,beta --set connections=1,10 --set workers=3 "${fast[@]}"
    names=$(ls "$dir/trials")
    jq 'del(.varies, .levels, .options, .externals)' "$dir/manifest.json" >"$dir/old"
    mv "$dir/old" "$dir/manifest.json"
    rm "$dir"/trials/000[12]*

    run -0 "$bench" --resume "$dir"
    [[ $output == *"2 of them are measured already"* ]]
    [ "$(ls "$dir/trials")" = "$names" ]
    grep -q '^serves alpha: .*--workers 3' "$FAKE_LOG"
}

@test "the recorded run can be read" {
    cp -r "$BATS_TEST_DIRNAME/../../results/reference/connections" "$dir"
    run -0 "$bench" --resume "$dir" --dry-run
    [[ $output == *"45 of them are measured already"* ]]
    [ "$(grep -c '  measured$' <<<"$output")" -eq 45 ]
}

@test "the time a model would have taken is not waited for when it is skipped" {
    experiment 'vary idle' 'levels quick 0 1000'
    FAKE_SERVER='alpha missing' run -0 "$bench" "$mine" "${fast[@]}" --set blocks=40
    [ "$(files_in "$dir/trials")" -eq 80 ]
    [[ ${lines[*]} == *"[160/160]"* || ${lines[*]} == *"[159/160]"* ]]
}

@test "what an experiment cannot mean is one line and status 2" {
    refused()
    {
        experiment "$@"
        misuse "$mine" --output "$dir"
    }
    refused 'vary idle'
    refused 'levels quick 1'
    refused 'vary nonsense' 'levels quick 1'
    refused 'vary idle' 'levels quick 1 1'
    refused 'vary idle' 'levels quick -1'
    refused 'vary workers' 'levels quick 0'
    refused 'vary connections' 'levels quick 1 x'
    refused 'vary idle' 'levels quick 1' 'connections quick 5'
    refused 'vary share' 'levels quick 1 101' "request '{100-level}*echo:1'"
    refused 'vary idle' 'levels quick 1' 'duration quick soon'
    refused 'vary idle' 'levels quick 1' 'pipeline 0'
    experiment 'vary idle' 'levels quick 1'
    misuse "$mine" --set connections=1,2
    misuse "$mine" --set ready-timeout=soon
    misuse "$mine" --preset paper
    sed -i '/^request/d' "$mine"
    misuse "$mine"
}

@test "the four quick runs over all models take less than 25 minutes" {
    seconds=0
    for name in churn idle blocking balance; do
        run -0 "$bench" "$name" --dry-run
        [[ $output == *"× 3 blocks + epoll' at "* ]]
        [[ $output =~ about\ ([0-9]+)\ min\ ([0-9]+)\ s ]]
        seconds=$((seconds + 10#${BASH_REMATCH[1]} * 60 + 10#${BASH_REMATCH[2]}))
    done
    ((seconds < 25 * 60))
}
