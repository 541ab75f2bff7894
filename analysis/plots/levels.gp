# SPDX-License-Identifier: MIT
#
# A quantity against the level: the median of each cell with its interval. Lines join what is trusted
# and exact; an open upward triangle is a bound from below. `place` is where a level stands on the
# axis: its logarithm on a logarithmic one.
#
# Columns: 1 series 2 place 3 level 4 median 5 low 6 high 7 trials 8 trusted 9 limited 10 bound
#          11 model

# The models of a level stand a little apart, within an eighth of the way to the next level, so that
# their bars do not hide each other; between two levels alone it is a long way.
span = positions > 1 ? position[positions] - position[1] : 1
gap = span / 3
do for [i=2:positions] { gap = min(gap, position[i] - position[i - 1]) }
spread = 0.12 * gap / models
at(series, place) = place + spread * (series - (models + 1) / 2.0)
pad = 0.05 * span

set xrange [position[1] - pad : position[positions] + pad]

plot for [m in series_with_line] data skip 1 \
        using ($1 == int(m) && $8 > 0 && $10 == 0 ? at($1, $2) : NaN):4 \
        with lines linewidth 2 linecolor rgb model_colour[int(m)] dashtype dash[int(m)] notitle, \
    data skip 1 using (at($1, $2)):4:($10 > 0 ? $4 : $5):($10 > 0 ? $4 : $6) \
            :($10 > 0 ? 8 : point($1, $9)):(colour($1, $8)) \
        with yerrorbars linewidth 1.4 pointtype variable linecolor rgb variable notitle, \
    for [m in named] keyentry with linespoints linewidth 2 linecolor rgb model_colour[int(m)] \
        dashtype dash[int(m)] pointtype point_filled[int(m)] title model_name[int(m)]
