# SPDX-License-Identifier: MIT
#
# Throughput of each second of the measured window, a line for each trial: a steady state is flat.
#
# Columns: 1 series 2 block 3 second 4 throughput_per_s 5 trusted 6 model; an empty line between
# trials lifts the pen. Of many models a few are in colour, the others grey.

set xrange [0:x_high]

plot data skip 1 using 3:4 with lines linewidth 1 linecolor rgb grid notitle, \
    for [m in series_with_line] data skip 1 \
        using ($1 == int(m) ? $3 : NaN):4:(colour($1, $5)) \
        with lines linewidth 1.4 linecolor rgb variable dashtype dash[int(m)] notitle, \
    for [m in named] keyentry with lines linewidth 2 linecolor rgb model_colour[int(m)] \
        dashtype dash[int(m)] title model_name[int(m)]
