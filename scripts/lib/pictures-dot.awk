# SPDX-License-Identifier: MIT
# pictures-dot.awk: the picture that pictures.awk has read, in Graphviz's language, for `neato -n`,
# which draws lines and boxes and moves nothing.
#
# It is printed by emit(), with ' in place of ", which awk would want escaped. Sizes are in points,
# Graphviz has them in inches of 72.

BEGIN {
    CARD = "#FCFCFA"
    INK = "#24292F"
    GREY = "#5B636C"
    PALE = "#A9B0B7"
    EDGE = "#D0D4D9"   # of the card
    KERNEL = "#ECEEF0"
    FULL = "#C9CED4"   # slots of the kernel's queues
    NAME_SIZE = 8.5
    SMALL = 7.5
    SANS = "DejaVu Sans,Verdana,sans-serif"
    MONO = "DejaVu Sans Mono,Menlo,Consolas,monospace"

    arrow_style["--"] = "dir=both, arrowsize=0.5, penwidth=1.0, color='" GREY "'"
    arrow_style["->"] = "arrowsize=0.6, penwidth=1.1, color='" INK "'"
    arrow_style["<->"] = "dir=both, arrowsize=0.7, penwidth=1.1, color='" INK "'"
    arrow_style["=>"] = "arrowsize=0.75, penwidth=2.2, color='HUE'"
    arrow_style[".."] = "dir=none, style=dotted, penwidth=1.4, color='" PALE "'"
    arrow_style["~>"] = "arrowsize=0.7, style=dashed, penwidth=1.5, color='HUE'"
    arrow_style[":>"] = "arrowhead=open, arrowsize=0.5, penwidth=0.8, style=dotted, color='" INK "'"
}

END {
    if (failed)
        exit 1
    hue = name in model_hue ? hue_colour[model_hue[name]] : hue_colour["BLUE"]
    tint = mixed(hue, 0.12)
    draw()
}

function hex_value(digits,    i, value)
{
    value = 0
    for (i = 1; i <= length(digits); i++)
        value = value * 16 + index("0123456789ABCDEF", substr(digits, i, 1)) - 1
    return value
}

# As much of `colour` as `share` says, the rest white.
function mixed(colour, share,    i, mix)
{
    mix = "#"
    for (i = 2; i <= 6; i += 2)
        mix = mix sprintf("%02X", int(255.5 - (255 - hex_value(substr(colour, i, 2))) * share))
    return mix
}

function emit(text)
{
    gsub(/'/, "\"", text)
    print text
}

function escaped(text)
{
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/'/, "\\&#39;", text)
    return text
}

# Where the middle of a node is.
function at(left, middle)
{
    return sprintf("pos='%.1f,%.1f', fixedsize=true, margin=0", left, middle)
}

function sized(width, height)
{
    return sprintf("width=%.3f, height=%.3f", width / 72, height / 72)
}

function small(text)
{
    return "<FONT POINT-SIZE='" SMALL "'>" text "</FONT>"
}

# A frame with a label in a corner: left of the kernel, right of a process.
function frame(id, label, left, bottom, right, top, style,    label_left)
{
    emit("subgraph cluster_" id " {")
    emit(sprintf("bb='%.1f,%.1f,%.1f,%.1f'; %s", left, bottom, right, top, style))
    # Graphviz leaves out a frame of nothing.
    emit("in_" id " [" at(left + 1, bottom + 1) ", " sized(0.7, 0.7) ", style=invis, label=''];")
    emit("}")
    if (label == "")
        return
    label_left = id == "kernel" ? left + 5 : right - 9 - text_width(label, SMALL)
    say("label_" id, label_left, top - 7, label, SMALL, GREY, id == "kernel" ? "LEFT" : "RIGHT")
}

# A line of text, bold after a *. LEFT: begins there. CENTER: is centred there. RIGHT: ends where it
# would if it needed all it may. A cell of that width aligns it, whatever the font is.
function say(id, left, middle, text, size, colour, side,    width, words)
{
    width = text_width(text, size)
    words = text ~ /^\*/ ? "<B>" escaped(substr(text, 2)) "</B>" : escaped(text)
    emit(id " [shape=none, " at(side == "CENTER" ? left : left + width / 2, middle) ", " \
         sized(width, size * 2) ", label=<<TABLE BORDER='0' CELLBORDER='0' CELLPADDING='0' " \
         "CELLSPACING='0'><TR><TD WIDTH='" width "' ALIGN='" side "'><FONT POINT-SIZE='" size \
         "' COLOR='" colour "'>" words "</FONT></TD></TR></TABLE>>];")
}

function draw(    i, top, bottom, right)
{
    top = y_of(1) + 38
    bottom = lowest - 22
    right = rightmost + PADDING + 12
    if (right < text_width(caption, 8) + 8)
        right = text_width(caption, 8) + 8

    emit("digraph model {")
    emit("graph [bgcolor=transparent, outputorder=edgesfirst, splines=line, pad=0];")
    emit("node [fontname='" SANS "', fontsize=" NAME_SIZE ", fontcolor='" INK "', " \
         "color='" INK "'];")
    frame("card", "", -6, bottom - 8, right, top + 36, filled("rounded,", CARD, EDGE))
    say("title", 4, top + 24, name == "legend" ? "Legend" : name, 11, INK, "LEFT")
    say("caption", 4, top + 9, caption, 8, GREY, "LEFT")
    if (name != "legend")
        draw_kernel(bottom, top - 4)
    for (i = 1; i <= boxes; i++)
        draw_process(i)
    for (i = 1; i <= elements; i++)
        draw_element(element[i])
    for (i = 1; i <= arrows; i++)
        emit(arrow_from[i] port(arrow_from[i], arrow_to[i]) " -> " \
             arrow_to[i] port(arrow_to[i], arrow_from[i]) " [" style_of(arrow_kind[i]) "];")
    for (i = 1; i <= says; i++)
        say("say" i, say_x[i], say_y[i], say_text[i], SMALL, INK, "LEFT")
    for (i = 1; i <= samples; i++)
        draw_sample(i)
    emit("}")
}

function filled(shape, inside, border)
{
    return "style='" shape "filled'; fillcolor='" inside "'; color='" border "';"
}

# Round all that is the kernel's, and half of what it shares.
function draw_kernel(bottom, top,    i, id, left, right, edge)
{
    for (i = 1; i <= elements; i++) {
        id = element[i]
        if (kind[id] == "listen" || kind[id] == "kernel") {
            edge = x[id] + half_width[id] + 8
            if (left == "" || x[id] - half_width[id] - 8 < left)
                left = x[id] - half_width[id] - 8
        } else {
            edge = kind[id] == "ring" ? x[id] : 0
        }
        if (edge > right)
            right = edge
    }
    frame("kernel", "kernel", left, bottom, right, top, filled("", KERNEL, KERNEL))
}

# A frame round one thread has no room for a label, and needs one only where it is all there is.
function draw_process(number,    member, count, i, id, left, right, low, high, padding, labelled)
{
    count = split(box_members[number], member, " ")
    for (i = 1; i <= count; i++) {
        id = known(member[i])
        if (i == 1 || x[id] - half_width[id] < left)
            left = x[id] - half_width[id]
        if (i == 1 || x[id] + half_width[id] > right)
            right = x[id] + half_width[id]
        if (i == 1 || y[id] - half_height[id] < low)
            low = y[id] - half_height[id]
        if (i == 1 || y[id] + half_height[id] > high)
            high = y[id] + half_height[id]
    }
    labelled = count > 1 || box_label[number] == "process"
    padding = labelled ? PADDING : 4
    frame("process" number, labelled ? box_label[number] : "", left - padding, low - padding,
          right + padding, high + padding + (labelled ? 8 : 0), filled("rounded,", "white", GREY))
}

function node(id, style)
{
    emit(id " [" at(x[id], y[id]) ", " sized(2 * half_width[id], 2 * half_height[id]) ", " \
         style "];")
}

function draw_element(id,    part)
{
    split(text_of[id], part, / \| /)
    if (kind[id] == "client")
        node(id, "shape=circle, label='', style=filled, fillcolor='" GREY "', color='" GREY "'")
    else if (kind[id] == "newcomer")
        node(id, "shape=circle, label='', style='filled,dashed', fillcolor='" CARD "', " \
                 "color='" GREY "', penwidth=1.4")
    else if (kind[id] == "thread" || kind[id] == "task")
        draw_waiter(id, part[1], part[2], part[3])
    else if (kind[id] == "kernel")
        node(id, "shape=box, style=filled, fillcolor=white, color='" GREY "', label=<<B>" \
                 escaped(part[1]) "</B>" \
                 (part[2] != "" ? "<BR/>" small(escaped(part[2])) : "") ">")
    else if (kind[id] == "lock")
        node(id, "shape=hexagon, style=filled, fillcolor='" tint "', color='" hue "', label=<" \
                 small(escaped(part[1]) (part[2] != "" ? "<BR/>" escaped(part[2]) : "")) ">")
    else
        draw_slots(id, text_of[id])
}

# Three lines: who; the call it waits in, white on the model's colour; what it does when awake.
function draw_waiter(id, who, call, does,    runs)
{
    runs = sub(/^!/, "", call)
    node(id, "shape=box, style='rounded,filled" (kind[id] == "task" ? ",dashed" : "") \
             "', fillcolor='" tint "', color='" hue "', penwidth=1.3, label=''")
    say("who_" id, x[id], y[id] + 13, "*" who, NAME_SIZE, INK, "CENTER")
    emit("call_" id " [" at(x[id], y[id]) ", " sized(length(call) * 4.7 + 8, 11.5) ", shape=box, " \
         "style='rounded,filled', fillcolor='" (runs ? "white" : hue) "', color='" hue "', " \
         "fontcolor='" (runs ? hue : "white") "', fontname='" MONO "', fontsize=" SMALL ", " \
         "label='" call "'];")
    say("does_" id, x[id], y[id] - 13, does, SMALL, INK, "CENTER")
}

# A queue, half full if nothing else is said; its name stands above it, or below.
function draw_slots(id, label,    colour, full, i, cells, side)
{
    colour = kind[id] == "listen" ? GREY : hue
    full = kind[id] == "listen" ? FULL : mixed(hue, 0.35)
    if (sub(/ \| empty$/, "", label))
        full = "white"
    side = sub(/ \| below$/, "", label) ? -1 : 1
    for (i = 1; i <= 4; i++)
        cells = cells "<TD WIDTH='12' HEIGHT='14' FIXEDSIZE='TRUE' BGCOLOR='" \
                (i > 2 ? full : "white") "'></TD>"
    node(id, "shape=box, style=invis, label=''")
    emit("slots_" id " [shape=none, " at(x[id], y[id]) ", " sized(SLOTS_WIDTH, SLOTS_HEIGHT) ", " \
         "label=<<TABLE BORDER='0' CELLBORDER='1' CELLSPACING='0' CELLPADDING='0' COLOR='" colour \
         "'><TR>" cells "</TR></TABLE>>];")
    say("text_" id, x[id], y[id] + side * (half_height[id] + 6), label, SMALL, INK, "CENTER")
}

function style_of(what,    style)
{
    style = arrow_style[what]
    sub(/HUE/, hue, style)
    return style
}

# Queues are entered and left at their ends, unless the other is above or below.
function port(id, other)
{
    if (kind[id] !~ /^(listen|queue|ring)$/ || (x[id] - x[other]) ^ 2 < half_width[id] ^ 2)
        return ""
    return x[other] < x[id] ? ":w" : ":e"
}

# An arrow between nothing and nothing.
function draw_sample(number,    nothing)
{
    nothing = sized(0.7, 0.7) ", style=invis, label=''];"
    emit("from" number " [" at(sample_x[number] + 4, sample_y[number]) ", " nothing)
    emit("to" number " [" at(sample_x[number] + 64, sample_y[number]) ", " nothing)
    emit("from" number " -> to" number " [" style_of(sample_arrow[number]) "];")
}
