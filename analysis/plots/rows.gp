# SPDX-License-Identifier: MIT
#
# What charts with a row for each model share: the value runs along x, the rows go down. Names stand
# left of their rows, numbers right of them (in variants.gp, where there is room), the heading of a
# panel inside.

unset logscale y
set yrange [-lines - 0.7 : -0.3]
unset ytics
set grid noytics xtics linetype 1 linewidth 1 linecolor rgb grid
set border 1
if (x_is_log) { set logscale x }
set xrange [x_low:x_high]
do for [i=1:rows_named] {
    if (row_heading[i]) {
        set label 100 + i row_name[i] at graph 0, first row_y[i] left offset 0.4, 0 \
            font 'DejaVu Sans Bold,12' textcolor rgb ink front
    } else {
        set label 100 + i row_name[i] at graph 0, first row_y[i] right offset -0.8, 0 \
            textcolor rgb ink
    }
}
