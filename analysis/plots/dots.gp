# SPDX-License-Identifier: MIT
#
# The median of each cell with its interval, a row for each model. An open upward triangle is a bound
# from below.
#
# Columns: 1 series 2 row 3 level 4 median 5 low 6 high 7 faint_share 8 trials 9 trusted 10 limited
#          11 bound 12 model

plot data skip 1 using (x_low):2:($4 - x_low):(0.0) \
        with vectors nohead linewidth 1 linecolor rgb grid notitle, \
    data skip 1 using ($11 > 0 ? NaN : $5):2:($6 - $5):(0.0):(colour($1, $9)) \
        with vectors nohead linewidth 1.6 linecolor rgb variable notitle, \
    data skip 1 using 4:2:($11 > 0 ? 8 : point($1, $10)):(colour($1, $9)) \
        with points linewidth 1.6 pointtype variable linecolor rgb variable notitle
