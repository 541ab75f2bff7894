# SPDX-License-Identifier: MIT
#
# Two measured quantities against each other, or a law against what was measured: points with the
# interval of both, and lines, which join the measured points or are the law. Grey points are not
# joined; an open upward triangle is a bound from below.
#
# Columns: 1 series 2 measured 3 level 4 x 5 x_low 6 x_high 7 y 8 y_low 9 y_high 10 trials 11 trusted
#          12 limited 13 bound 14 model

on_line(measured) = measured == (chart eq 'scaling' ? 0 : 1)

set grid xtics linetype 1 linewidth 1 linecolor rgb grid
set xrange [x_low:x_high]

plot for [m in named] data skip 1 \
        using ($1 == int(m) && on_line($2) && $11 > 0 && $13 == 0 ? $4 : NaN):7 \
        with lines linewidth 2 linecolor rgb model_colour[int(m)] dashtype dash[int(m)] notitle, \
    data skip 1 using ($2 == 1 ? $5 : NaN):7:($6 - $5):(0.0):(colour($1, $11)) \
        with vectors nohead linewidth 1.4 linecolor rgb variable notitle, \
    data skip 1 using ($2 == 1 ? $4 : NaN):7:($13 > 0 ? $7 : $8):($13 > 0 ? $7 : $9) \
            :($13 > 0 ? 8 : point($1, $12)):(colour($1, $11)) \
        with yerrorbars linewidth 1.4 pointtype variable linecolor rgb variable notitle, \
    for [m in named] keyentry with linespoints linewidth 2 linecolor rgb model_colour[int(m)] \
        dashtype dash[int(m)] pointtype point_filled[int(m)] title model_name[int(m)]
