# SPDX-License-Identifier: MIT
#
# A bar of the whole for each model, cut into the parts of its workers, busiest first; neighbours
# differ in shade. Worker 0 stands for all that are too many to be drawn.
#
# Columns: 1 series 2 row 3 level 4 worker 5 from 6 to 7 trusted 8 model

half = 0.36
set xrange [0:1]

plot data skip 1 using 5:(int($4) == 0 ? $2 : NaN):5:6:($2 - half):($2 + half) \
        with boxxyerror fillstyle solid 1 noborder linecolor rgb grid notitle, \
    data skip 1 using 5:(int($4) % 2 == 1 ? $2 : NaN):5:6:($2 - half):($2 + half) \
            :(colour($1, $7)) \
        with boxxyerror fillstyle solid 1 noborder linecolor rgb variable notitle, \
    data skip 1 using 5:(int($4) > 0 && int($4) % 2 == 0 ? $2 : NaN):5:6:($2 - half):($2 + half) \
            :(colour($1, $7)) \
        with boxxyerror fillstyle transparent solid 0.45 noborder linecolor rgb variable notitle
