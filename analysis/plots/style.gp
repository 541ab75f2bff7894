# SPDX-License-Identifier: MIT
#
# What all charts share: colours, type, the y axis and the size of the legend. The variables above
# were written by muelle-report; everything from here on is the same in every report.

set terminal svg                # the plot is made once here and drawn again, by `replot`, for each
set output chart.'.svg'         # size at the end
set encoding utf8
set datafile separator tab
set datafile missing NaN

ink = 0x333a42; muted = 0x67707a; grid = 0xdfe3e8; untrusted = 0x9aa1a9
set border 3 linewidth 1 linecolor rgb ink
set tics nomirror out scale 0.5 textcolor rgb ink
set grid ytics linetype 1 linewidth 1 linecolor rgb grid
set pointsize 0.85
set errorbars small

if (y_is_log) { set logscale y }
set yrange [y_low:y_high]
set ytics ()
do for [i=1:ticks] { set ytics add (tick_text[i] tick[i]) }

# The legend has as many columns as its longest name leaves room for.
max(a, b) = a > b ? a : b
min(a, b) = a < b ? a : b
columns(width) = max(1, min(words(named), int((width - 10) / (7.7 * name_length + 66))))
rows(width) = int(ceil(words(named) / (1.0 * columns(width))))

# A point of a model: open where the model served fewer than asked, grey where it is not trusted.
point(series, limited) = limited > 0 ? point_open[int(series)] : point_filled[int(series)]
colour(series, trusted) = trusted > 0 ? model_colour[int(series)] : untrusted + mark(int(series))

# What is grey or black has the number of its series in the last bits of red, green and blue: nobody
# sees it, but the page can tell whose it is.
mark(series) = series % 4 + 256 * (series / 4 % 4) + 65536 * (series / 16)
interval(series) = ink + mark(int(series))

# Of small multiples, how many: panels.gp sets it.
panels = 0
