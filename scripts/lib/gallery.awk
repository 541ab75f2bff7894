# SPDX-License-Identifier: MIT
# gallery.awk: is docs/models.md what the models are? Reads server/models.c, the pages, and the
# document, in this order. Prints "file:line: rule" for every breach and exits 1 if there is one.
#
# Every model of the table has a row, a section "### `NAME`" with its picture (and words for those
# who cannot see it) and a link to its page, and says which options its `.tunings` obeys.

FILENAME ~ /models\.c$/ {
    line = $0
    while (match(line, /&model_[a-z_]+/)) {
        name = substr(line, RSTART + 7, RLENGTH - 7)
        gsub(/_/, "-", name)
        models[++models_count] = name
        line = substr(line, RSTART + RLENGTH)
    }
    next
}

# A page: `.tunings` and what follows, up to the comma.
FILENAME ~ /\.c$/ {
    if (FNR == 1) {
        page = FILENAME
        sub(/.*\//, "", page)
        sub(/\.c$/, "", page)
        gsub(/_/, "-", page)
        in_tunings = 0
    }
    if (/^ *\.tunings =/)
        in_tunings = 1
    if (in_tunings) {
        line = $0
        while (match(line, /TUNING_[A-Z_]+/)) {
            option = tolower(substr(line, RSTART + 7, RLENGTH - 7))
            gsub(/_/, "-", option)
            obeys[page, "--" option] = 1
            line = substr(line, RSTART + RLENGTH)
        }
        if (/,/)
            in_tunings = 0
    }
    next
}

{ document = FILENAME }

/^\| \[/ {
    row = $0
    sub(/^\| \[/, "", row)
    sub(/\].*/, "", row)
    has_row[row] = 1
}

/^#/ {
    section = ""
    if ($0 ~ /^### `[a-z-]+`$/) {
        section = substr($0, 6, length($0) - 6)
        section_line[section] = FNR
    }
    in_alt = in_obeys = 0
    next
}

section == "" { next }

# A picture's text may go over several lines.
/^!\[/ {
    in_alt = 1
    alt = ""
}
in_alt {
    alt = alt $0
    if (match(alt, /\]\(models\/[a-z-]+\.svg\)/)) {
        if (substr(alt, RSTART, RLENGTH) == "](models/" section ".svg)" && RSTART > 3)
            has_picture[section] = 1
        in_alt = 0
    }
}

/^\*\*Obeys\*\*/ { in_obeys = 1 }
in_obeys {
    line = $0
    while (match(line, /`--[a-z-]+`/)) {
        says[section, substr(line, RSTART + 1, RLENGTH - 2)] = 1
        line = substr(line, RSTART + RLENGTH)
    }
    file = section
    gsub(/-/, "_", file)
    if (index($0, "](../server/models/" file ".c)"))
        has_link[section] = 1
}
/^$/ { in_obeys = 0 }

END {
    count = split("--workers --queue --stack-size --requests-per-turn --ring-entries", options, " ")
    for (i = 1; i <= models_count; i++) {
        name = models[i]
        if (!(name in section_line)) {
            found(1, "no section \"### `" name "`\"")
            continue
        }
        at = section_line[name]
        if (!(name in has_row))
            found(at, name " has no row in the table")
        if (!(name in has_picture))
            found(at, name " has no picture models/" name ".svg with words for it")
        if (!(name in has_link))
            found(at, name " has no link to its page behind what it obeys")
        for (j = 1; j <= count; j++) {
            if (((name, options[j]) in obeys) && !((name, options[j]) in says))
                found(at, name " obeys " options[j] ", and the section does not say so")
            if (!((name, options[j]) in obeys) && ((name, options[j]) in says))
                found(at, name " does not obey " options[j])
        }
    }
    exit breaches > 0
}

function found(line, rule)
{
    printf "%s:%d: %s\n", document, line, rule
    breaches++
}
