# SPDX-License-Identifier: MIT
#
# A forest plot: a row a metric, from above, the ratio to the baseline as a point on its interval,
# on a logarithmic axis, so that half as much is as far from 1 as twice as much. The grey box behind
# is the region of equivalence: the least difference worth a word, or what this machine shows
# between a configuration and itself. Colour says what it comes to: green faster, red slower, blue
# equivalent, grey undecided.
#
# Columns: 1 row 2 ratio 3 low 4 high 5 region_low 6 region_high 7 verdict (0 undecided, 1 faster,
#          2 slower, 3 equivalent) 8 label 9 text

set encoding utf8
set datafile separator tab
ink = 0x333a42; muted = 0x67707a; grid = 0xdfe3e8; region = 0xe9ecf0
array verdict_colour[4] = [0x8a929b, 0x1b7f4d, 0xb3361f, 0x2b62b8]
verdict(code) = verdict_colour[int(code) + 1]

width = 620 + 7.4 * label_width; top = 92.0; below = 76.0
height = top + below + 24 * rows
left = 24.0 + 7.4 * label_width

set border 1 linewidth 1 linecolor rgb ink
set tics nomirror out scale 0.5 textcolor rgb ink
set logscale x
set xrange [low:high]
set yrange [rows + 0.6:0.4]
unset key

set xtics ()
do for [at in ticks] { set xtics add (at at * 1.0) }
set grid xtics linetype 1 linewidth 1 linecolor rgb grid
set arrow 1 from 1, 0.4 to 1, rows + 0.6 nohead linewidth 1 linecolor rgb ink back

set xlabel 'B / A' textcolor rgb muted
set label 1 heading at screen 16.0 / width, 1 - 28.0 / height left \
    font 'DejaVu Sans Bold,16' textcolor rgb ink
set label 2 subheading at screen 16.0 / width, 1 - 51.0 / height left \
    font 'DejaVu Sans,12' textcolor rgb muted
set label 3 footnote at screen 16.0 / width, 14.0 / height left \
    font 'DejaVu Sans,11' textcolor rgb muted
set lmargin at screen left / width
set rmargin at screen 1 - 350.0 / width
set tmargin at screen 1 - top / height
set bmargin at screen below / height

do for [variant=1:2] {
    if (variant == 1) {
        set terminal svg size width, height dynamic noenhanced font 'DejaVu Sans,12' \
            name 'forest' background rgb 'white'
        set output 'forest.svg'
    } else {
        set terminal pngcairo size width * 9 / 7, height * 9 / 7 noenhanced \
            font 'DejaVu Sans,12' fontscale 0.963 linewidth 1.29 pointscale 1.53
        set output 'forest.png'
    }
    plot 'forest.tsv' skip 1 using 2:1:5:6:($1 - 0.42):($1 + 0.42) \
            with boxxyerror fillstyle solid 1 noborder linecolor rgb region, \
        '' skip 1 using 2:1:3:4:(verdict($7)):ytic(8) \
            with xerrorbars linewidth 2 pointtype 7 pointsize 0.8 linecolor rgb variable, \
        '' skip 1 using (high):1:9 with labels left offset character 1, 0 textcolor rgb ink
}
set output
