# SPDX-License-Identifier: MIT
#
# A forest plot: the ratio of each model to the baseline with its interval, a row for each model, on a
# logarithmic axis, so that half as much is as far from 1 as twice as much. The band behind is what
# counts as equal: the least difference worth a word, or what this machine shows between a
# configuration and itself. The line at 1 is drawn row by row: it does not strike out headings.
#
# Columns: 1 series 2 row 3 level 4 ratio 5 low 6 high 7 region_low 8 region_high 9 blocks 10 coverage
#          11 trusted 12 limited 13 verdict 14 model

plot data skip 1 using 4:2:7:8:($2 - 0.5):($2 + 0.5) \
        with boxxyerror fillstyle solid 1 noborder linecolor rgb grid notitle, \
    data skip 1 using (1):($2 - 0.5):(0):(1) \
        with vectors nohead linewidth 1 linecolor rgb ink notitle, \
    data skip 1 using 5:2:($6 - $5):(0.0):(colour($1, $11)) \
        with vectors nohead linewidth 1.8 linecolor rgb variable notitle, \
    data skip 1 using 4:2:(point($1, $12)):(colour($1, $11)) \
        with points linewidth 1.6 pointtype variable linecolor rgb variable notitle
