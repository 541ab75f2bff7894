# SPDX-License-Identifier: MIT
# figures.jq: the tables of docs/findings.md, each a filter over the trials of a run (scripts/figures).

# Of a trial, what the tables need.
def facts: {
    model: .labels.model,
    level: (.labels.level // ""),
    bad: (.verdict.level == "NOT TRUSTED"),
    cpu: .server.cpu_us_per_request,
    rate: .throughput_per_s,
    served: .connections.established,
    user_bytes: (.server | if . then .pss_bytes + .page_tables_bytes else null end),
    handshake_ms: (.latency.handshake.p99_ns | if . then . / 1e6 else null end),
    light_ms: (first(.classes[]? | select(.name == "echo:64") | .response.p99_ns) // null
        | if . then . / 1e6 else null end),
    shares: [.server.counters.workers[]? | .requests | select(. > 0)]
};

def known: map(select(. != null)) | sort;
def median: known | if length == 0 then null
    elif length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def digits: if . == null then "—" elif . >= 100 then round
    elif . >= 10 then . * 10 | round | . / 10
    else . * 100 | round | . / 100 end | tostring;
# "12.3 (11.9–14)"
def ranged: known as $all | if ($all | length) == 0 then "—"
    else "\($all | median | digits) (\($all[0] | digits)–\($all[-1] | digits))" end;

def cell($model; $level): map(select(.model == $model and .level == $level));
def models: map(.model) | unique | map(select(endswith("'") | not));
# An asterisk where most trials of the cell are not to be trusted.
def name: "`\(.[0].model)`" + (if (map(select(.bad)) | length) * 2 > length then " *" else "" end);
# Jain's index of how the requests were shared.
def jain: if length == 0 then null else (add * add) / (length * (map(. * .) | add)) end;
# `row` is given a model's name and the trials of all.
def rows(row): . as $all | models | map(. as $model | [$model, $all] | row) | sort_by(.key) | .[].row;
def of($level): .[0] as $model | .[1] | cell($model; $level);

def churn:
    "| model | CPU µs a connection | handshake p99, ms |",
    "|---|---:|---:|",
    rows(of("32") | {
        key: (map(.cpu) | median),
        row: "| \(name) | \(map(.cpu) | ranged) | \(map(.handshake_ms) | ranged) |"
    });

def idle:
    "| model | CPU µs a request | with 5,000 idle | served of 5,064 |",
    "|---|---:|---:|---:|",
    rows(of("0") as $few | of("5000") | {
        key: (map(.cpu) | median),
        row: "| \(name) | \($few | map(.cpu) | ranged) | \(map(.cpu) | ranged) | \(map(.served) | median) |"
    });

def blocking:
    "| model | replies a second | with 5 % blocking | echo p99 then, ms |",
    "|---|---:|---:|---:|",
    rows(of("0") as $none | of("5") | {
        key: -(map(.rate) | median),
        row: "| \(name) | \($none | map(.rate) | ranged) | \(map(.rate) | ranged) | \(map(.light_ms) | ranged) |"
    });

# What the memory of a trial is above `$alone`, for each client that it has more: KiB.
def grown($alone; $clients): map(
    if .user_bytes == null or $alone == null or .served <= $clients then null
    else (.user_bytes - $alone) / (.served - $clients) / 1024 end);
def memory:
    "| model | with one client, MiB | KiB a silent client | KiB a busy client | served of 1,000 |",
    "|---|---:|---:|---:|---:|",
    rows(of("1/0") as $one | of("1000/0") as $busy | of("1/1000") |
        ($one | map(.user_bytes) | median) as $alone |
        ($one | map(.served) | median) as $clients | {
        key: (grown($alone; $clients) | median // infinite),
        row: ("| \(name) | \($one | map(.user_bytes | if . then . / 1048576 else null end) | ranged) | "
            + "\(grown($alone; $clients) | ranged) | \($busy | grown($alone; $clients) | ranged) | "
            + "\($busy | map(.served) | median) |")
    });

# Only models whose work was shared by several workers.
def balance:
    "| model | Jain, 8 connections | 256 connections |",
    "|---|---:|---:|",
    (map(select(.shares | length >= 3)) | map(.model) | unique) as $shared |
    map(select(.model as $model | $shared | index($model))) |
    rows(of("8") as $few | of("256") | {
        key: -($few | map(.shares | jain) | median),
        row: "| \(name) | \($few | map(.shares | jain) | ranged) | \(map(.shares | jain) | ranged) |"
    });
