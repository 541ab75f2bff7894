# SPDX-License-Identifier: MIT
#
# A bar for each model, faint part first, as long together as the median of the whole; the line is
# its interval. Open frames: the model served fewer than asked. Grey: not trusted.
#
# Columns: 1 series 2 row 3 level 4 median 5 low 6 high 7 faint_share 8 trials 9 trusted 10 limited
#          11 bound 12 model

half = 0.34

plot data skip 1 using (0.5 * $4 * $7):2:(0.0):($4 * $7):($2 - half):($2 + half) \
            :(colour($1, $9)) \
        with boxxyerror fillstyle transparent solid 0.35 noborder linecolor rgb variable notitle, \
    data skip 1 using 4:($10 > 0 ? NaN : $2):($4 * $7):4:($2 - half):($2 + half) \
            :(colour($1, $9)) \
        with boxxyerror fillstyle solid 1 noborder linecolor rgb variable notitle, \
    data skip 1 using 4:2:(0.0):4:($2 - half):($2 + half):(colour($1, $9)) \
        with boxxyerror fillstyle empty linewidth 1 linecolor rgb variable notitle, \
    data skip 1 using 5:2:($6 - $5):(0.0):(interval($1)) \
        with vectors nohead linewidth 2 linecolor rgb variable notitle
