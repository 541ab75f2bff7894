/* SPDX-License-Identifier: MIT */
/*
 * assets.h: files of plots/ and page/ inside the program, each a NUL-terminated text.
 *
 * assets.S takes them in as they are, so the installed program needs no folder of data, and the
 * files stay what they are while being edited: gnuplot, HTML, CSS, JavaScript.
 */
#ifndef MUELLE_ANALYSIS_ASSETS_H
#define MUELLE_ANALYSIS_ASSETS_H

extern const char asset_style_gp[];
extern const char asset_bars_gp[];
extern const char asset_cpu_gp[];
extern const char asset_curves_gp[];
extern const char asset_forest_gp[];
extern const char asset_dots_gp[];
extern const char asset_heat_gp[];
extern const char asset_levels_gp[];
extern const char asset_panels_gp[];
extern const char asset_percentiles_gp[];
extern const char asset_ratios_gp[];
extern const char asset_rows_gp[];
extern const char asset_segments_gp[];
extern const char asset_time_gp[];
extern const char asset_variants_gp[];

extern const char asset_page_html[];
extern const char asset_page_css[];
extern const char asset_page_js[];

#endif
