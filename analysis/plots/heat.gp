# SPDX-License-Identifier: MIT
#
# A cell for each model and level, coloured by its value, which stands in it where there is room.
#
# Columns: 1 series 2 row 3 level 4 column 5 value 6 rgb 7 dark_text 8 text 9 model

set grid noxtics
set border 0
set xtics scale 0

plot data skip 1 using 4:2:($4 - 0.49):($4 + 0.49):($2 - 0.46):($2 + 0.46):6 \
        with boxxyerror fillstyle solid 1 noborder linecolor rgb variable notitle, \
    data skip 1 using 4:($7 > 0 ? $2 : NaN):(stringcolumn(8)) \
        with labels font 'DejaVu Sans,10' textcolor rgb 0x15191d notitle, \
    data skip 1 using 4:($7 > 0 ? NaN : $2):(stringcolumn(8)) \
        with labels font 'DejaVu Sans,10' textcolor rgb 0xfdfdfd notitle
