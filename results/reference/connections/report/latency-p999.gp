# SPDX-License-Identifier: MIT
# Made by muelle-report. `gnuplot latency-p999.gp` draws latency-p999.svg and latency-p999.png again.

reset
chart = 'latency-p999'; id = 'latency_p999'; data = 'latency-p999.tsv'
heading = 'p99.9 latency against connections'
subheading = 'median and range of 3 trials · echo:64, closed loop'
footnote = 'Open points: fewer connections served than asked, the model refused the rest. '
x_text = 'connections (log scale)'
y_text = 'response time p99.9 (log scale)'
y_is_log = 1; y_low = 51628.23211; y_high = 4399794146
x_is_log = 0; x_low = 0; x_high = 4
ticks = 5
array tick[5]
array tick_text[5]
array tick_text_narrow[5]
tick[1] = 100000; tick_text[1] = '100 µs'; tick_text_narrow[1] = '100 µs'
tick[2] = 1000000; tick_text[2] = '1 ms'; tick_text_narrow[2] = '1 ms'
tick[3] = 10000000; tick_text[3] = '10 ms'; tick_text_narrow[3] = '10 ms'
tick[4] = 100000000; tick_text[4] = '100 ms'; tick_text_narrow[4] = '100 ms'
tick[5] = 1000000000; tick_text[5] = '1 s'; tick_text_narrow[5] = '1 s'
positions = 5
array position[5]
array position_text[5]
array position_text_narrow[5]
position[1] = 0; position_text[1] = '1'; position_text_narrow[1] = '1'
position[2] = 1; position_text[2] = '10'; position_text_narrow[2] = '10'
position[3] = 2; position_text[3] = '100'; position_text_narrow[3] = '100'
position[4] = 3; position_text[4] = '1,000'; position_text_narrow[4] = '1,000'
position[5] = 4; position_text[5] = '10,000'; position_text_narrow[5] = '10,000'
models = 3
array model_name[3]
array model_colour[3]
array point_filled[3]
array point_open[3]
array dash[3]
model_name[1] = 'thread-per-client'; model_colour[1] = 0xC94F00; point_filled[1] = 5; point_open[1] = 4; dash[1] = 1
model_name[2] = 'thread-pool'; model_colour[2] = 0xA8457F; point_filled[2] = 13; point_open[2] = 12; dash[2] = 2
model_name[3] = 'epoll'; model_colour[3] = 0x0068AD; point_filled[3] = 7; point_open[3] = 6; dash[3] = 1
name_length = 17
series_with_line = '1 2 3'
named = '1 2 3'
lines = 0; rows_named = 0
array row_y[1]
array row_name[1]
array row_heading[1]
array row_note[1]

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

# SPDX-License-Identifier: MIT
#
# Draws the plot: as SVG and PNG with heading and footnote and, when muelle-report asks with
# `page`, as a wide and a narrow SVG without them for the page, which has them as text. The layout
# is in pixels from the top: heading, legend, name of the y axis, plot, footnote. A chart with rows, or
# with small panels, is as high as they are, without a legend.

if (!exists('page')) { page = 0 }

do for [variant=1:(page ? 4 : 2)] {
    full = variant < 3
    narrow = variant == 4
    width = full ? 840 : narrow ? 400 : 620
    legend = full ? 70 : 6
    top = legend + (lines > 0 ? 8 : panels > 0 ? 36 : 22 * rows(width) + 36)
    below = 56 + (full && strlen(footnote) ? 30 : 0)
    height = lines > 0 ? top + below + 17 * lines : max(full ? 525 : 400, top + below + 240)
    if (panels > 0) {
        across = min(panels, full ? 5 : narrow ? 2 : 3)
        height = top + below + 122 * ((panels - 1) / across + 1)
    }

    if (variant == 2) {
        set terminal pngcairo size width * 9 / 7, height * 9 / 7 noenhanced \
            font 'DejaVu Sans,13' fontscale 0.963 linewidth 1.29 pointscale 1.53 dashlength 0.75
        set output chart.'.png'
    }
    if (variant == 1) {
        set terminal svg size width, height dynamic noenhanced font 'DejaVu Sans,13' \
            name id background rgb 'white'
        set output chart.'.svg'
    }
    if (variant > 2) {
        set terminal svg size width, height dynamic noenhanced font 'DejaVu Sans,13' \
            name id.(narrow ? '_narrow' : '_wide')
        set output chart.(narrow ? '-narrow' : '-wide').'.svg'
    }

    if (full) {
        set label 1 heading at screen 16.0 / width, 1 - 28.0 / height left \
            font 'DejaVu Sans Bold,16' textcolor rgb ink
        set label 2 subheading at screen 16.0 / width, 1 - 51.0 / height left \
            font 'DejaVu Sans,12' textcolor rgb muted
        set label 3 footnote at screen 16.0 / width, 16.0 / height left \
            font 'DejaVu Sans,11' textcolor rgb muted
    } else {
        unset label 1
        unset label 2
        unset label 3
    }
    set label 4 y_text at screen 16.0 / width, 1 - (top - 20.0) / height left textcolor rgb muted

    set xtics () offset 0, 0.2
    do for [i=1:positions] {
        set xtics add ((narrow ? position_text_narrow[i] : position_text[i]) position[i])
    }
    if (panels > 0) {
        down = (panels - 1) / across + 1
        set xrange [0:across]
        set yrange [-down:0]
        set xtics ()
        set ytics ()
        last = -1.0
        do for [i=1:positions] {
            at = panel_x(1, position[i]) - panel_left(1)
            if (strlen(position_text[i]) && at > 0.09 && at < 0.81 && at - last > 0.4) {
                last = at
                do for [k=1:across] { set xtics add (position_text[i] panel_x(k, position[i])) }
            }
        }
        last = -1.0
        do for [i=1:ticks] {
            if (share(tick[i]) - last > 0.3) {
                last = share(tick[i])
                do for [k=1:panels:across] { set ytics add (tick_text[i] panel_y(k, tick[i])) }
                do for [k=1:panels] {
                    set arrow 1000 + 20 * k + i from panel_left(k), panel_y(k, tick[i]) \
                        to panel_left(k) + 0.9, panel_y(k, tick[i]) nohead back linecolor rgb grid
                }
            }
        }
        do for [k=1:panels] {
            set label 600 + k model_name[int(word(named, k))] \
                at panel_left(k), panel_foot(k) + 0.75 left \
                font 'DejaVu Sans,11' textcolor rgb ink
        }
    }
    do for [i=1:rows_named] {
        unset label 500 + i
        if (!narrow) {
            set label 500 + i row_note[i] at graph 1, first row_y[i] left offset 0.8, 0 \
                font 'DejaVu Sans,11' textcolor rgb muted
        }
    }
    left = lines > 0 ? 7.4 * min(name_length, 24) + 26 : 76.0
    set lmargin at screen left / width
    # Half of the last tick's label may stand beyond the axis.
    end = positions > 0 ? (narrow ? position_text_narrow[positions] : position_text[positions]) : ''
    right = lines > 0 ? (narrow ? 30.0 : 88.0) : max(narrow ? 16.0 : 28.0, 3.8 * strlen(end) + 4)
    set rmargin at screen 1 - right / width
    # Behind long names the axis is short and far to the right: a long name of its own moves left.
    beyond = max(0, (left + width - right + 7.6 * strlen(x_text)) / 2 - width)
    set xlabel x_text offset screen -beyond / width, character 0.5 textcolor rgb muted
    set tmargin at screen 1 - 1.0 * top / height
    set bmargin at screen 1.0 * below / height
    if (lines > 0 || panels > 0) {
        unset key
    } else {
        set key at screen 10.0 / width, 1 - 1.0 * legend / height left top vertical Left reverse \
            samplen 2.6 spacing 1.18 width 0.5 maxrows rows(width) textcolor rgb ink
    }
    replot
}
set output
