# SPDX-License-Identifier: MIT
#
# Response time against percentile, spread so that each further nine has the same width: x is
# 1 / (1 - p). A line ends where its sample does not carry a further percentile or where requests
# timed out; it is not prolonged. Of many models a few are in colour, the others grey.
#
# Columns: 1 series 2 inverse_of_rest 3 percentile 4 value_ns 5 model

set logscale x
set xrange [1:x_high]

plot for [m=1:models] data skip 1 using ($1 == m ? $2 : NaN):4 \
        with lines linewidth 1 linecolor rgb grid notitle, \
    for [m in series_with_line] data skip 1 using ($1 == int(m) ? $2 : NaN):4 \
        with lines linewidth 2 linecolor rgb model_colour[int(m)] dashtype dash[int(m)] notitle, \
    for [m in named] keyentry with lines linewidth 2 linecolor rgb model_colour[int(m)] \
        dashtype dash[int(m)] title model_name[int(m)]
