#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# OpenMetrics text: a parser that is not ours takes what we write, and the check that calls it finds
# what is wrong. BUILD is the build folder.
bats_require_minimum_version 1.5.0

setup()
{
    check=$BATS_TEST_DIRNAME/check_openmetrics.py
    /usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || skip "no prometheus_client here"
}

# refused LINE TEXT: the text is wrong, and the check says so at LINE.
refused()
{
    printf '%b' "$2" >"$BATS_TEST_TMPDIR/text"
    run -1 "$check" "$BATS_TEST_TMPDIR/text"
    [[ $output == "$BATS_TEST_TMPDIR/text:$1: "* ]]
}

@test "every type of family, and labels that are hard to get right" {
    "$BUILD/tests/openmetrics/openmetrics-example" >"$BATS_TEST_TMPDIR/text"
    run -0 "$check" "$BATS_TEST_TMPDIR/text"
    [ "$output" = "8 families, 37 samples" ]
}

@test "the labels come back as they were" {
    "$BUILD/tests/openmetrics/openmetrics-example" |
        /usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
families = {family.name: family for family in text_fd_to_metric_families(sys.stdin)}
labels = families["muelle_build"].samples[0].labels
assert labels == {"class": "echo:uniform(1,9) \"{}\\ =,\n", "utf8": "mu\u00f1oz\u20ac\U0001f6a2",
                  "broken": "?? ???", "empty": ""}, labels
assert families["muelle_requests"].samples[0].value == 2 ** 64 - 1
assert families["muelle_requests"].documentation == "Requests that were sent, \"all\"\nof them \\o/."
'
}

@test "nothing but an end is a text, nothing at all is none" {
    run -0 "$check" < <(printf '# EOF\n')
    refused 1 ''
}

@test "what is not a text is refused, with the line" {
    refused 2 'a 1\n'
    refused 2 '# TYPE a gauge\na one\n# EOF\n'
    refused 1 'a 1\r\n# EOF\n'
    refused 1 'a\n# EOF\n'
    refused 1 'a{b=1} 1\n# EOF\n'
    refused 1 'a{b="1",b="2"} 1\n# EOF\n'
    refused 1 'a{b="\\" 1\n# EOF\n'
    refused 2 'a 1\n\n# EOF\n'
    refused 3 'a 1\n# EOF\n# EOF\n'
    refused 2 'a 1\nb{c="\xff"} 1\n# EOF\n'
}

@test "a text that breaks a rule is refused" {
    refused 3 '# TYPE a counter\na 1\n# EOF\n'
    refused 2 '# TYPE a counter\na_total -1\n# EOF\n'
    refused 4 '# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n'
    refused 3 '# TYPE a histogram\na_bucket{le="1.0"} 1\n# EOF\n'
    refused 4 '# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\n# EOF\n'
    refused 2 '# TYPE a summary\na{quantile="2.0"} 1\n# EOF\n'
    refused 2 'a 1\na 2\n# EOF\n'
    refused 2 'a{b="} \\" "} 1\na{b="} \\" "} 2\n# EOF\n'
    refused 4 'a 1\nb 1\na{c="1"} 1\n# EOF\n'
}

@test "called wrongly" {
    run -2 "$check" a b
    run -2 "$check" "$BATS_TEST_TMPDIR/none"
}
