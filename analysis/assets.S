/* SPDX-License-Identifier: MIT */
/*
 * assets.S: see assets.h. Paths are relative to this folder, which is on the assembler's path.
 */
    .section .rodata

    .macro asset name, path
    .global asset_\name
asset_\name:
    .incbin "\path"
    .byte 0
    .endm

    asset style_gp, plots/style.gp
    asset bars_gp, plots/bars.gp
    asset cpu_gp, plots/cpu.gp
    asset curves_gp, plots/curves.gp
    asset forest_gp, plots/forest.gp
    asset dots_gp, plots/dots.gp
    asset heat_gp, plots/heat.gp
    asset levels_gp, plots/levels.gp
    asset panels_gp, plots/panels.gp
    asset percentiles_gp, plots/percentiles.gp
    asset ratios_gp, plots/ratios.gp
    asset rows_gp, plots/rows.gp
    asset segments_gp, plots/segments.gp
    asset time_gp, plots/time.gp
    asset variants_gp, plots/variants.gp

    asset page_html, page/page.html
    asset page_css, page/page.css
    asset page_js, page/page.js

/* Nothing here needs an executable stack. */
    .section .note.GNU-stack, "", %progbits
