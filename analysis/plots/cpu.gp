# SPDX-License-Identifier: MIT
#
# A quantity of two parts, a group of bars for each level: the faint part below, the full one on top,
# as high together as the median of both; the line is its interval. Open frames: the model served
# fewer than asked. Grey: not trusted.
#
# Columns: 1 series 2 position 3 level 4 median 5 low 6 high 7 full 8 faint 9 trials
#          10 trusted 11 limited 12 model

bar = 0.84 / models
left(series, x) = x - 0.42 + bar * (series - 1)
middle(series, x) = left(series, x) + bar / 2
gap = models > 8 ? 0 : bar * 0.06
# Medians of the parts need not add up to the median of the whole: the whole is cut in their ratio.
cut(whole, full, faint) = whole * faint / (full + faint)

set xrange [0.4:positions + 0.6]
set xtics scale 0

plot data skip 1 using (middle($1, $2)):(0.5 * cut($4, $7, $8)):(left($1, $2) + gap) \
            :(left($1, $2) + bar - gap):(0.0):(cut($4, $7, $8)):(colour($1, $10)) \
        with boxxyerror fillstyle transparent solid 0.35 noborder linecolor rgb variable notitle, \
    data skip 1 using (middle($1, $2)):($11 > 0 ? NaN : $4):(left($1, $2) + gap) \
            :(left($1, $2) + bar - gap):(cut($4, $7, $8)):4:(colour($1, $10)) \
        with boxxyerror fillstyle solid 1 noborder linecolor rgb variable notitle, \
    data skip 1 using (middle($1, $2)):4:(left($1, $2) + gap) \
            :(left($1, $2) + bar - gap):(0.0):4:(colour($1, $10)) \
        with boxxyerror fillstyle empty linewidth 1 linecolor rgb variable notitle, \
    data skip 1 using (middle($1, $2)):5:(0.0):($6 - $5):(interval($1)) \
        with vectors nohead linewidth 2 linecolor rgb variable notitle, \
    for [m in named] keyentry with boxes fillstyle solid 1 noborder \
        linecolor rgb model_colour[int(m)] title model_name[int(m)]
