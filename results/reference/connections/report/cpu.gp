# SPDX-License-Identifier: MIT
# Made by muelle-report. `gnuplot cpu.gp` draws cpu.svg and cpu.png again.

reset
chart = 'cpu'; id = 'cpu'; data = 'cpu.tsv'
heading = 'Server CPU time per request against connections'
subheading = 'median and range of 3 trials · echo:64, closed loop'
footnote = 'Full colour: user time, faint: system time. Open bars: fewer connections served than asked, the model refused the rest. '
x_text = 'connections'
y_text = 'CPU time per request'
y_is_log = 0; y_low = 0; y_high = 80000
x_is_log = 0; x_low = 0; x_high = 4
ticks = 5
array tick[5]
array tick_text[5]
array tick_text_narrow[5]
tick[1] = 0; tick_text[1] = '0'; tick_text_narrow[1] = '0'
tick[2] = 20000; tick_text[2] = '20 µs'; tick_text_narrow[2] = '20 µs'
tick[3] = 40000; tick_text[3] = '40 µs'; tick_text_narrow[3] = '40 µs'
tick[4] = 60000; tick_text[4] = '60 µs'; tick_text_narrow[4] = '60 µs'
tick[5] = 80000; tick_text[5] = '80 µs'; tick_text_narrow[5] = '80 µs'
positions = 5
array position[5]
array position_text[5]
array position_text_narrow[5]
position[1] = 1; position_text[1] = '1'; position_text_narrow[1] = '1'
position[2] = 2; position_text[2] = '10'; position_text_narrow[2] = '10'
position[3] = 3; position_text[3] = '100'; position_text_narrow[3] = '100'
position[4] = 4; position_text[4] = '1,000'; position_text_narrow[4] = '1,000'
position[5] = 5; position_text[5] = '10,000'; position_text_narrow[5] = '10,000'
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
