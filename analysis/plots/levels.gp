# SPDX-License-Identifier: MIT
#
# A quantity against the number of connections: the median of each cell with its interval. Lines
# join what is trusted and exact; an open upward triangle is a bound from below.
#
# Columns: 1 series 2 connections 3 median 4 low 5 high 6 trials 7 trusted 8 limited 9 bound 10 model

# The models of a level stand a little apart, within an eighth of the way to the next level, so that
# their bars do not hide each other; with one level alone, side by side.
gap = positions > 1 ? position[positions] / position[1] : 0
do for [i=2:positions] { gap = min(gap, position[i] / position[i - 1]) }
spread = positions > 1 ? gap**(0.12 / models) : 1.12
at(series, connections) = connections * spread**(series - (models + 1) / 2.0)
pad = positions > 1 ? (position[positions] / position[1])**0.05 : spread**(models / 2.0 + 1.5)

set logscale x
set xrange [position[1] / pad : position[positions] * pad]

plot for [m in series_with_line] data skip 1 \
        using ($1 == int(m) && $7 > 0 && $9 == 0 ? at($1, $2) : NaN):3 \
        with lines linewidth 2 linecolor rgb model_colour[int(m)] dashtype dash[int(m)] notitle, \
    data skip 1 using (at($1, $2)):3:($9 > 0 ? $3 : $4):($9 > 0 ? $3 : $5) \
            :($9 > 0 ? 8 : point($1, $8)):(colour($1, $7)) \
        with yerrorbars linewidth 1.4 pointtype variable linecolor rgb variable notitle, \
    for [m=1:models] keyentry with linespoints linewidth 2 linecolor rgb model_colour[m] \
        dashtype dash[m] pointtype point_filled[m] title model_name[m]
