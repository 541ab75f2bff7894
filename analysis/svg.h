/* SPDX-License-Identifier: MIT */
/*
 * svg.h: a drawing of gnuplot's, made fit to stand inside an HTML page beside others.
 *
 * Ids get a prefix (every drawing of gnuplot's uses the same ones), fixed colours become those of
 * the page so that they follow its light and dark scheme, and what only makes sense in a file of
 * its own goes: the prolog, the size, the program's version, titles that would show as tooltips.
 */
#ifndef MUELLE_ANALYSIS_SVG_H
#define MUELLE_ANALYSIS_SVG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What takes the place of a colour, as CSS writes it: "currentColor", "var(--grid)". */
struct svg_colour {
    uint32_t rgb;
    char css[40];
};

struct svg_place {
    const char *id;       /* letters, digits, '-' and '_'; unique in the page */
    const char *class;    /* of the svg element; of ours, not escaped */
    const char *title_id; /* id of the element that names it */
    const struct svg_colour *colours;
    size_t colour_count;
};

/* Writes `svg`, the text of a file gnuplot made. Text that is not SVG comes out as nothing. */
void svg_inline(FILE *out, const char *svg, const struct svg_place *place);

#endif
