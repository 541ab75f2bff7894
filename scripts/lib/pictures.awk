# SPDX-License-Identifier: MIT
# pictures.awk: reads a picture of docs/models/pictures.txt and places everything, in points.
# pictures-dot.awk draws it. The first file is analysis/palette.c, for the colours;
# -v wanted=NAME says which picture.
#
# Nothing is left to Graphviz to place, so that the pictures have one look, and do not depend on its
# version and fonts.

BEGIN {
    split("18 100 196 306 408 510", column_x) # of columns 0 to 5
    ROW = 56          # from one row to the next
    THREAD_WIDTH = 98
    THREAD_HEIGHT = 42
    KERNEL_HEIGHT = 32
    SLOTS_WIDTH = 52
    SLOTS_HEIGHT = 15
    CLIENT_SIZE = 18
    PADDING = 9       # of a process's box
}

# The palette: [GREEN] = {0x008560, 0x3CC9A0} and {"epoll", BLUE, CIRCLE, SOLID}.
FILENAME ~ /palette\.c$/ {
    line = $0
    while (match(line, /\[[A-Z]+\] = \{0x[0-9A-F]+/)) {
        split(substr(line, RSTART + 1, RLENGTH - 1), part, /\] = \{0x/)
        hue_colour[part[1]] = "#" part[2]
        line = substr(line, RSTART + RLENGTH)
    }
    if (match($0, /\{"[a-z-]+", [A-Z]+/)) {
        split(substr($0, RSTART + 2, RLENGTH - 2), part, /", /)
        model_hue[part[1]] = part[2]
    }
    next
}

/^#/ || NF == 0 { next }

$1 == "model" {
    drawing = $2 == wanted
    if (drawing) {
        name = $2
        caption = after_fields($0, 2)
        sub(/^\| /, "", caption)
    }
    next
}

!drawing { next }

$1 == "process" {
    boxes++
    text = after_fields($0, 1)
    split(text, part, / : /)
    box_label[boxes] = part[1]
    box_members[boxes] = part[2]
    next
}

$1 == "say" {
    says++
    say_x[says] = x_of($2)
    say_y[says] = y_of($3)
    say_text[says] = after_fields($0, 3)
    reach(say_x[says] + text_width(say_text[says], SMALL), say_y[says])
    next
}

$1 == "sample" {
    samples++
    sample_arrow[samples] = $2
    sample_x[samples] = x_of($3)
    sample_y[samples] = y_of($4)
    next
}

$1 == "client" || $1 == "newcomer" { place($1, $2, $3, $4, "", CLIENT_SIZE, CLIENT_SIZE); next }
$1 == "listen" || $1 == "queue" || $1 == "ring" {
    place($1, $2, $3, $4, after_fields($0, 4), SLOTS_WIDTH, SLOTS_HEIGHT)
    next
}
$1 == "kernel" || $1 == "lock" {
    text = after_fields($0, 4)
    place($1, $2, $3, $4, text, widest_part(text) * 4.6 + ($1 == "lock" ? 34 : 14), KERNEL_HEIGHT)
    next
}
$1 == "thread" || $1 == "task" {
    place($1, $2, $3, $4, after_fields($0, 4), THREAD_WIDTH, THREAD_HEIGHT)
    next
}

# ID… ARROW ID…
{
    arrow = 0
    for (i = 1; i <= NF; i++)
        if ($i in arrow_style)
            arrow = i
    if (!arrow)
        fail("neither an element nor an arrow: " $0)
    for (i = 1; i < arrow; i++)
        for (j = arrow + 1; j <= NF; j++) {
            arrows++
            arrow_from[arrows] = known($i)
            arrow_kind[arrows] = $arrow
            arrow_to[arrows] = known($j)
        }
}

END {
    if (!failed && name == "")
        fail("no picture of that name")
}

function fail(text)
{
    print "draw-models: " wanted ": " text > "/dev/stderr"
    failed = 1
    exit 1
}

function known(id)
{
    if (!(id in kind))
        fail("an arrow to '" id "', which is not there")
    return id
}

function after_fields(text, count,    i)
{
    for (i = 0; i < count; i++)
        sub(/^[ \t]*[^ \t]+/, "", text)
    sub(/^[ \t]+/, "", text)
    return text
}

function x_of(column,    whole)
{
    whole = int(column)
    return column_x[whole + 1] + (column - whole) * (column_x[whole + 2] - column_x[whole + 1])
}

# Downwards in the description, upwards in Graphviz.
function y_of(row)
{
    return -row * ROW
}

# The characters of the longest of the parts of `text`.
function widest_part(text,    part, i, width)
{
    for (i = split(text, part, / \| /); i > 0; i--)
        if (length(part[i]) > width)
            width = length(part[i])
    return width
}

# What a line of text may need at most, in points.
function text_width(text, size)
{
    return int(length(text) * size * (text ~ /^\*/ ? 0.68 : 0.6)) + 8
}

function reach(right, bottom)
{
    if (right > rightmost)
        rightmost = right
    if (bottom < lowest)
        lowest = bottom
}

function place(what, id, column, row, words, width, height)
{
    if (id in kind)
        fail("'" id "' is there twice")
    elements++
    element[elements] = id
    kind[id] = what
    x[id] = x_of(column)
    y[id] = y_of(row)
    text_of[id] = words
    half_width[id] = width / 2
    half_height[id] = height / 2
    reach(x[id] + half_width[id], y[id] - half_height[id])
}
