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
