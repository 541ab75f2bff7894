/* SPDX-License-Identifier: MIT */
/*
 * palette.h: how a model looks, the same in every chart of every report.
 *
 * Colour, point and dash all tell models apart, so that none of them is needed alone: the charts
 * read in grey and with any colour vision. Models of one kind share a hue (loops on epoll are blue,
 * threads warm, processes violet, completion rings green); the variants differ in shape and dash.
 */
#ifndef MUELLE_ANALYSIS_PALETTE_H
#define MUELLE_ANALYSIS_PALETTE_H

#include <stddef.h>
#include <stdint.h>

/* Shapes, each filled and open; the upward triangle is left for values that are bounds from below,
 * grey for what is not trusted. */
struct style {
    uint32_t light, dark; /* 0xRRGGBB on a light page and on a dark one, contrast 3:1 or more */
    int point_filled, point_open; /* gnuplot's numbers */
    int dash;
};

/* Names outside the catalogue get a look that depends on the name alone. A model run again
 * (`epoll'`) has the colour and point of the model and dots for a line; on the second machine of a
 * merged report (`epoll @ B`) it has the colour and point of the model and another line. */
struct style palette_style(const char *model);

/* The looks of models that stand in one chart, `styles[i]` that of `models[i]`. Two of one hue
 * differ in the last bits of `light`, which nobody sees: a colour in a drawing names its model. */
void palette_styles(const char *const models[], size_t count, struct style styles[]);

/* `grey` with the number of a series, at most 64, in the last bits of its channels, as mark() in
 * plots/style.gp: what is drawn grey or black still tells whose it is. */
uint32_t palette_mark(uint32_t grey, size_t series);

#endif
