/* SPDX-License-Identifier: MIT */
#include "analysis/svg.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The rest behind a colour at `text`, "rgb(  0, 104, 173)" or "#RRGGBB"; NULL when there is none.
 */
static const char *colour_read(const char *text, uint32_t *rgb)
{
    char *end;

    if (*text == '#' && strspn(text + 1, "0123456789abcdefABCDEF") == 6) {
        *rgb = (uint32_t)strtoul(text + 1, &end, 16);
        return end;
    }
    if (!starts_with(text, "rgb("))
        return NULL;
    *rgb = 0;
    text += 4;
    for (int i = 0; i < 3; i++) {
        unsigned long part = strtoul(text, &end, 10);

        if (end == text || part > 255 || *end != (i < 2 ? ',' : ')'))
            return NULL;
        *rgb = *rgb << 8 | (uint32_t)part;
        text = end + 1;
    }
    return text;
}

/* Writes what stands for the colour at `text` and returns the rest; NULL when none is there, or
 * none the page has a name for. */
static const char *colour_copy(FILE *out, const char *text, const struct svg_place *place)
{
    uint32_t rgb;
    const char *rest = colour_read(text, &rgb);

    if (!rest && (starts_with(text, "black'") || starts_with(text, "black\""))) {
        fputs("currentColor", out);
        return text + 5;
    }
    for (size_t i = 0; rest && i < place->colour_count; i++) {
        if (place->colours[i].rgb == rgb) {
            fputs(place->colours[i].css, out);
            return rest;
        }
    }
    return NULL;
}

/* What gnuplot repeats in every group although it is the default. */
static const char *default_skip(const char *text)
{
    static const char *const defaults[] = {" stroke-width=\"1.00\"", " stroke-linecap=\"butt\"",
                                           " stroke-linejoin=\"miter\""};

    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        if (starts_with(text, defaults[i]))
            return text + strlen(defaults[i]);
    }
    return NULL;
}

/* Copies a tag, up to and with its '>', and returns the rest. */
static const char *tag_copy(FILE *out, const char *text, const struct svg_place *place)
{
    static const char *const names[] = {" id='", " id=\"", "xlink:href='#", "url(#"};

    while (*text) {
        const char *rest = default_skip(text);
        size_t i = 0;

        if (!rest)
            rest = colour_copy(out, text, place);
        if (rest) {
            text = rest;
            continue;
        }
        while (i < sizeof names / sizeof names[0] && !starts_with(text, names[i]))
            i++;
        if (i < sizeof names / sizeof names[0]) {
            /* HTML knows `href` alone; the namespace was SVG 1.1's. */
            fprintf(out, "%s%s-", names[i] + (i == 2 ? strlen("xlink:") : 0), place->id);
            text += strlen(names[i]);
            continue;
        }
        fputc(*text, out);
        if (*text++ == '>')
            break;
    }
    return text;
}

/* Behind the element at `text` when it is one that does not go into the page; else `text`. */
static const char *element_skip(const char *text)
{
    static const char *const elements[][2] = {
        {"<title>", "</title>"}, {"<desc>", "</desc>"}, {"<filter ", "</filter>"}};

    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        const char *end = starts_with(text, elements[i][0]) ? strstr(text, elements[i][1]) : NULL;

        if (end)
            return end + strlen(elements[i][1]);
    }
    return text;
}

/* Most of gnuplot's groups are empty: <g ...> followed by </g>. Behind one, else `text`. */
static const char *empty_group_skip(const char *text)
{
    const char *end = starts_with(text, "<g ") ? strchr(text, '>') : NULL;

    if (!end)
        return text;
    end += 1 + strspn(end + 1, " \t\n");
    return starts_with(end, "</g>") ? end + strlen("</g>") : text;
}

void svg_inline(FILE *out, const char *svg, const struct svg_place *place)
{
    const char *text = strstr(svg, "<svg");
    const char *box = text ? strstr(text, "viewBox=\"") : NULL;
    const char *body = text ? strchr(text, '>') : NULL;

    if (!box || !body || box > body)
        return;
    box += strlen("viewBox=\"");
    fprintf(out, "<svg class=\"%s\" viewBox=\"%.*s\" role=\"img\" aria-labelledby=\"%s\">",
            place->class, (int)strspn(box, "0123456789. "), box, place->title_id);
    for (text = body + 1; *text;) {
        const char *rest = element_skip(text);

        if (rest == text)
            rest = empty_group_skip(text);
        if (rest != text) {
            text = rest;
        } else if (*text == '<') {
            text = tag_copy(out, text, place);
        } else if (isspace((unsigned char)*text)) {
            text += strspn(text, " \t\r\n");
            fputc('\n', out);
        } else {
            fputc(*text++, out);
        }
    }
}
