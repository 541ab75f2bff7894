/* SPDX-License-Identifier: MIT */
#include "analysis/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD };

/* Reads one character of UTF-8 at `text`, which is not at its end; returns its bytes. Anything that
 * is not well formed is one byte of REPLACEMENT (overlong forms and surrogates included). */
static size_t character_read(const char *text, uint32_t *character)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *byte = (const unsigned char *)text;
    size_t size = byte[0] < 0x80 ? 1 : byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;

    *character = byte[0];
    if (size == 1)
        return 1;
    *character &= 0x7Fu >> size;
    for (size_t i = 1; i < size; i++) {
        if ((byte[i] & 0xC0u) != 0x80) { /* the terminating NUL stops here too */
            *character = REPLACEMENT;
            return 1;
        }
        *character = *character << 6 | (byte[i] & 0x3Fu);
    }
    bool surrogate = *character >= 0xD800 && *character <= 0xDFFF;
    if (byte[0] < 0xC2 || byte[0] > 0xF4 || *character < lowest[size] || *character > 0x10FFFF ||
        surrogate) {
        *character = REPLACEMENT;
        return 1;
    }
    return size;
}

/* C0, DEL, C1, and the marks that reorder what surrounds them. */
static bool character_is_harmful(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0) ||
           (character >= 0x200E && character <= 0x200F) ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* Copies the character at `text`, or U+FFFD for one that must not be shown; returns the rest. */
static const char *character_copy(FILE *out, const char *text)
{
    uint32_t character;
    size_t size = character_read(text, &character);

    if (character == REPLACEMENT || character_is_harmful(character))
        fputs("\xEF\xBF\xBD", out);
    else
        fwrite(text, 1, size, out);
    return text + size;
}

void escape_html(FILE *out, const char *text)
{
    while (*text) {
        static const char special[] = "&<>\"'";
        static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        const char *found = strchr(special, *text);

        if (found) {
            fputs(entities[found - special], out);
            text++;
        } else {
            text = character_copy(out, text);
        }
    }
}

void escape_script(FILE *out, const char *json)
{
    for (; *json; json++) {
        if (*json == '<')
            fputs("\\u003c", out);
        else
            fputc(*json, out);
    }
}

/* Latin, Greek, Cyrillic, punctuation, currency, arrows, mathematics: DejaVu Sans has them all. */
static bool font_has(uint32_t character)
{
    return character < 0x500 || (character >= 0x2010 && character < 0x2300) ||
           character == REPLACEMENT;
}

static const char *drawn_copy(FILE *out, const char *text)
{
    uint32_t character;
    size_t size = character_read(text, &character);

    if (character != '\'' && font_has(character))
        return character_copy(out, text);
    fputs(character == '\'' ? "''" : "?", out);
    return text + size;
}

/* Copies at most `characters_max` characters by `copy`; an ellipsis says that there are more. */
static void copy_cut(FILE *out, const char *text, size_t characters_max,
                     const char *(*copy)(FILE *, const char *))
{
    for (size_t i = 0; *text && i < characters_max; i++)
        text = copy(out, text);
    if (*text)
        fputs("\xE2\x80\xA6", out);
}

void escape_gnuplot(FILE *out, const char *text, size_t characters_max)
{
    fputc('\'', out);
    copy_cut(out, text, characters_max, drawn_copy);
    fputc('\'', out);
}

void escape_tsv(FILE *out, const char *text)
{
    while (*text) {
        if (*text == '"') {
            fputc('\'', out);
            text++;
        } else {
            text = character_copy(out, text);
        }
    }
}

void escape_csv(FILE *out, const char *text)
{
    bool quoted = strpbrk(text, ",\"\r\n\t ") != NULL;

    if (quoted)
        fputc('"', out);
    while (*text) {
        if (*text == '"')
            fputc('"', out);
        text = character_copy(out, text);
    }
    if (quoted)
        fputc('"', out);
}

void escape_markdown(FILE *out, const char *text)
{
    while (*text) {
        if (*text == '<') {
            fputs("&lt;", out);
            text++;
            continue;
        }
        if (strchr("\\`*_[]|#&", *text))
            fputc('\\', out);
        text = character_copy(out, text);
    }
}

void escape_terminal(FILE *out, const char *text)
{
    while (*text)
        text = character_copy(out, text);
}

void escape_terminal_cut(FILE *out, const char *text, size_t characters_max)
{
    copy_cut(out, text, characters_max, character_copy);
}

void escape_plain(char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

size_t escape_width(const char *text)
{
    size_t width = 0;

    while (*text) {
        uint32_t character;

        text += character_read(text, &character);
        width++;
    }
    return width;
}
