/* SPDX-License-Identifier: MIT */
/*
 * palette.c: the catalogue of models, each with a hue, a shape and a dash.
 *
 * The hues start from Okabe and Ito's colour-blind safe set (2008), darkened for a white page where
 * they would fall below a contrast of 3:1, lightened for a dark one.
 */
#include "analysis/palette.h"

#include <stdbool.h>
#include <string.h>

#include "analysis/model_name.h"

enum hue { BLUE, SKY, VERMILLION, PURPLE, GREEN, AMBER, VIOLET, BROWN, OLIVE, SLATE, HUES };
enum shape { CIRCLE, SQUARE, DIAMOND, DOWN, PENTAGON, SHAPES };
enum dash { SOLID = 1, DASHED, DOTTED, DASH_DOT, DASH_DOT_DOT, DASHES = DASH_DOT_DOT };

static const struct {
    uint32_t light, dark;
} hues[HUES] = {
    [BLUE] = {0x0068AD, 0x5AA9E6},       [SKY] = {0x2F8FC2, 0x8FD3F5},
    [VERMILLION] = {0xC94F00, 0xFF8A4C}, [PURPLE] = {0xA8457F, 0xE38FC0},
    [GREEN] = {0x008560, 0x3CC9A0},      [AMBER] = {0xA87400, 0xF0B93A},
    [VIOLET] = {0x5D3FA8, 0xA994EE},     [BROWN] = {0x7A4A26, 0xC99A74},
    [OLIVE] = {0x6B7000, 0xB9BE4A},      [SLATE] = {0x44515E, 0xB3BFCC},
};

static const struct {
    int filled, open;
} shapes[SHAPES] = {
    [CIRCLE] = {7, 6}, [SQUARE] = {5, 4},     [DIAMOND] = {13, 12},
    [DOWN] = {11, 10}, [PENTAGON] = {15, 14},
};

static const struct {
    const char *name;
    enum hue hue;
    enum shape shape;
    enum dash dash;
} catalogue[] = {
    {"iterative", BROWN, CIRCLE, DASHED},
    {"fork-per-client", VIOLET, SQUARE, SOLID},
    {"prefork", VIOLET, DIAMOND, DASHED},
    {"prefork-locked", VIOLET, DOWN, DOTTED},
    {"prefork-fdpass", VIOLET, PENTAGON, DASH_DOT},
    {"thread-per-client", VERMILLION, SQUARE, SOLID},
    {"thread-pool", PURPLE, DIAMOND, DASHED},
    {"prethreaded", VERMILLION, DOWN, DOTTED},
    {"select", OLIVE, SQUARE, DASHED},
    {"poll", OLIVE, PENTAGON, SOLID},
    {"epoll", BLUE, CIRCLE, SOLID},
    {"epoll-edge", BLUE, SQUARE, DASHED},
    {"epoll-shared", SKY, DIAMOND, SOLID},
    {"epoll-exclusive", BLUE, DOWN, DOTTED},
    {"epoll-herd", SKY, PENTAGON, DOTTED},
    {"epoll-reuseport", SKY, CIRCLE, DASHED},
    {"epoll-reuseport-fork", VIOLET, CIRCLE, DASH_DOT_DOT},
    {"epoll-handoff", BLUE, PENTAGON, DASH_DOT},
    {"epoll-pool", PURPLE, CIRCLE, SOLID},
    {"epoll-offload", PURPLE, SQUARE, DOTTED},
    {"leader-follower", BROWN, DIAMOND, SOLID},
    {"staged", BROWN, SQUARE, DASH_DOT},
    {"coroutines", AMBER, DOWN, SOLID},
    {"libuv", AMBER, CIRCLE, DASHED},
    {"libuv-work", AMBER, DIAMOND, DOTTED},
    {"io-uring", GREEN, DIAMOND, SOLID},
    {"io-uring-multishot", GREEN, CIRCLE, DASHED},
    {"io-uring-reuseport", GREEN, SQUARE, DOTTED},
    {"null", SLATE, CIRCLE, DOTTED},
};

static struct style style_of(enum hue hue, enum shape shape, enum dash dash)
{
    return (struct style){
        .light = hues[hue].light,
        .dark = hues[hue].dark,
        .point_filled = shapes[shape].filled,
        .point_open = shapes[shape].open,
        .dash = (int)dash,
    };
}

/* FNV-1a, 32 bits: stable for all time, spreads short names well. */
static uint32_t name_hash(const char *name, size_t length)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return hash;
}

/* Three further for each machine: a solid line does not become a dotted one, which a model run
 * again has, before the fifth. */
static enum dash dash_on_machine(enum dash dash, unsigned machine)
{
    unsigned turns = machine > 0 ? machine - 1 : 0;

    return (enum dash)((dash - SOLID + 3 * turns) % DASHES + SOLID);
}

/* `length` of the name count. */
static struct style look(const char *model, size_t length)
{
    for (size_t i = 0; i < sizeof catalogue / sizeof catalogue[0]; i++) {
        if (strlen(catalogue[i].name) == length && memcmp(catalogue[i].name, model, length) == 0)
            return style_of(catalogue[i].hue, catalogue[i].shape, catalogue[i].dash);
    }
    /* Without SLATE, which is near the grey of what is not trusted. */
    uint32_t hash = name_hash(model, length);
    return style_of((enum hue)(hash % SLATE), (enum shape)(hash / SLATE % SHAPES),
                    (enum dash)(hash / SLATE / SHAPES % DASHES + SOLID));
}

struct style palette_style(const char *model)
{
    struct model_name name = model_name_parse(model);
    struct style style = look(model, name.length);

    style.dash =
        (int)(name.is_again ? DOTTED : dash_on_machine((enum dash)style.dash, name.machine));
    return style;
}

static bool is_taken(const struct style styles[], size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (styles[i].light == styles[index].light)
            return true;
    }
    return false;
}

void palette_styles(const char *const models[], size_t count, struct style styles[])
{
    for (size_t i = 0; i < count; i++) {
        styles[i] = palette_style(models[i]);
        while (is_taken(styles, i))
            styles[i].light++;
    }
}

uint32_t palette_mark(uint32_t grey, size_t series)
{
    return grey + (uint32_t)(series % 4 + (series / 4 % 4 << 8) + (series / 16 << 16));
}
