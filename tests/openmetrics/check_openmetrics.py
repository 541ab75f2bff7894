#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_openmetrics.py [FILE]: is this OpenMetrics 1.0 text?

Reads FILE, or standard input, with the parser of prometheus_client (python3-prometheus-client),
which knows the grammar and most of the rules, and adds those that it does not look at. Says how
many families and samples there are; or, with status 1, what is wrong at or before which line. Status
2: it was called wrongly or cannot read FILE; 77: there is no parser here.
"""
import io
import re
import sys

try:
    from prometheus_client.openmetrics.parser import text_fd_to_metric_families
except ImportError:
    print("check_openmetrics.py: no python3-prometheus-client here", file=sys.stderr)
    sys.exit(77)


class Lines(io.StringIO):
    """Counts the lines that the parser has taken."""

    taken = 0

    def __next__(self):
        line = super().__next__()
        self.taken += 1
        return line


# A sample's name with its labels, and all that follows.
SAMPLE = re.compile(r'([^\s{]+(?:\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})?) (.*)')


def check_families(lines):
    """Returns the numbers of families and of samples; ValueError where one is wrong."""
    families = list(text_fd_to_metric_families(lines))
    return len(families), sum(len(family.samples) for family in families)


def repeated_line(text):
    """The number of the first line whose sample came before, which the parser drops; else 0."""
    seen = set()
    for number, line in enumerate(text.split("\n"), 1):
        sample = SAMPLE.fullmatch(line)
        if line.startswith("#") or not sample or " " in sample[2]:
            continue  # several samples of one name are told apart by their timestamps
        if sample[1] in seen:
            return number
        seen.add(sample[1])
    return 0


def wrong(name, line, message):
    print(f"{name}:{line}: {message}", file=sys.stderr)
    return 1


def main(arguments):
    if len(arguments) > 1 or arguments[:1] in (["--help"], ["-h"]):
        print(__doc__, file=sys.stderr)
        return 2
    name = arguments[0] if arguments else "-"
    try:
        if arguments:
            with open(name, "rb") as file:
                data = file.read()
        else:
            data = sys.stdin.buffer.read()
    except OSError as error:
        print(f"check_openmetrics.py: {name}: {error.strerror}", file=sys.stderr)
        return 2
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return wrong(name, data.count(b"\n", 0, error.start) + 1, "not UTF-8")
    if not text.endswith("# EOF\n"):
        return wrong(name, text.count("\n") + 1, "does not end in '# EOF'")
    source = text.split("\n")
    # Nothing is translated: a carriage return is not a line break of the format.
    lines = Lines(text, newline="\n")
    try:
        families, samples = check_families(lines)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        line = max(lines.taken, 1)
        return wrong(name, line, f"{error}: at or before: {source[line - 1]}")
    line = repeated_line(text)
    if line > 0:
        return wrong(name, line, f"a sample that came before: {source[line - 1]}")
    print(f"{families} families, {samples} samples")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
