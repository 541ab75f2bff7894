# SPDX-License-Identifier: MIT
#
# What curves.gp draws, a small panel for each model: more lines than a few would be a tangle. All
# panels have the same two scales; `across`, how many stand side by side, is set for each drawing
# (in variants.gp), so a panel's place is computed when it is drawn.
#
# Columns: 1 series 2 measured 3 level 4 x 5 x_low 6 x_high 7 y 8 y_low 9 y_high 10 trials 11 trusted
#          12 limited 13 bound 14 model

on_line(measured) = measured == (chart eq 'scaling' ? 0 : 1)

panels = words(named)
array panel[models]
do for [i=1:panels] { panel[int(word(named, i))] = i }

# A panel is a square of 1 by 1 with a margin; its heading stands above it.
across = 1
panel_left(i) = (i - 1) % across + 0.05
panel_foot(i) = -((i - 1) / across) - 0.88
panel_x(i, x) = panel_left(i) + 0.9 * (x - x_low) / (1.0 * x_high - x_low)
share(y) = y_is_log ? log(1.0 * y / y_low) / log(1.0 * y_high / y_low) : (y - y_low) / (1.0 * y_high - y_low)
panel_y(i, y) = panel_foot(i) + 0.68 * share(y)
at_x(series, x) = panel_x(panel[int(series)], x)
at_y(series, y) = panel_y(panel[int(series)], y)

unset logscale y
set ytics ()
set border 0
set tics scale 0
set grid noxtics noytics
set pointsize 0.6

plot for [m in named] data skip 1 \
        using ($1 == int(m) && on_line($2) && $11 > 0 && $13 == 0 ? at_x($1, $4) : NaN) \
            :(at_y($1, $7)) \
        with lines linewidth 1.6 linecolor rgb model_colour[int(m)] notitle, \
    data skip 1 using ($2 == 1 ? at_x($1, $5) : NaN):(at_y($1, $7)) \
            :(at_x($1, $6) - at_x($1, $5)):(0.0):(colour($1, $11)) \
        with vectors nohead linewidth 1.2 linecolor rgb variable notitle, \
    data skip 1 using ($2 == 1 && $13 == 0 ? at_x($1, $4) : NaN):(at_y($1, $8)) \
            :(0.0):(at_y($1, $9) - at_y($1, $8)):(colour($1, $11)) \
        with vectors nohead linewidth 1.2 linecolor rgb variable notitle, \
    data skip 1 using ($2 == 1 ? at_x($1, $4) : NaN):(at_y($1, $7)) \
            :($13 > 0 ? 8 : point($1, $12)):(colour($1, $11)) \
        with points linewidth 1.2 pointtype variable linecolor rgb variable notitle
