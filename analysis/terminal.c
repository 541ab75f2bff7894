/* SPDX-License-Identifier: MIT */
#include "analysis/terminal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analysis/escape.h"
#include "common/log.h"

enum { WIDTH_UNKNOWN = 80, CELL_WIDTH_MAX = 64 };

/* Owns the text. */
struct terminal_cell {
    char *text;
    enum terminal_style style;
};

bool terminal_has_colour(FILE *out)
{
    const char *no_colour = getenv("NO_COLOR");

    return isatty(fileno(out)) && (!no_colour || !*no_colour);
}

size_t terminal_width(FILE *out)
{
    struct winsize size;

    if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDTH_UNKNOWN;
    return size.ws_col;
}

const char *terminal_code(enum terminal_style style, bool colour)
{
    static const char *const codes[TERMINAL_STYLES] = {
        [TERMINAL_PLAIN] = "\033[0m", [TERMINAL_BOLD] = "\033[1m", [TERMINAL_DIM] = "\033[2m",
        [TERMINAL_GOOD] = "\033[32m", [TERMINAL_BAD] = "\033[31m",
    };

    return colour ? codes[style] : "";
}

static bool is_coloured(enum terminal_style style, bool colour)
{
    return colour && style != TERMINAL_PLAIN;
}

void terminal_write_line(FILE *out, const char *text, enum terminal_style style, bool colour)
{
    fputs(terminal_code(style, is_coloured(style, colour)), out);
    escape_terminal(out, text);
    fputs(terminal_code(TERMINAL_PLAIN, is_coloured(style, colour)), out);
    fputc('\n', out);
}

int standard_output_close(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    log_error("standard output: %s", strerror(errno));
    return -1;
}

void terminal_table_init(struct terminal_table *table, const char *columns)
{
    *table = (struct terminal_table){0};
    for (const char *rest = columns; rest;) {
        char heading[CELL_WIDTH_MAX];
        const char *comma = strchr(rest, ',');
        bool is_right = *rest == '>';
        size_t size = comma ? (size_t)(comma - rest) : strlen(rest);

        assert(table->column_count < TERMINAL_COLUMNS_MAX && size < sizeof heading);
        memcpy(heading, rest + is_right, size - is_right);
        heading[size - is_right] = '\0';
        table->is_left[table->column_count++] = !is_right;
        terminal_table_add(table, heading, TERMINAL_PLAIN);
        rest = comma ? comma + 1 : NULL;
    }
}

void terminal_table_add(struct terminal_table *table, const char *text, enum terminal_style style)
{
    char *copy = table->has_failed ? NULL : strdup(text);
    struct terminal_cell *cells =
        copy ? reallocarray(table->cells, table->cell_count + 1, sizeof *cells) : NULL;

    if (!cells) {
        free(copy);
        table->has_failed = true;
        return;
    }
    table->cells = cells;
    cells[table->cell_count++] = (struct terminal_cell){copy, style};
}

static size_t cell_width(const struct terminal_cell *cell)
{
    size_t width = escape_width(cell->text);

    /* A text that is cut ends with an ellipsis. */
    return width <= CELL_WIDTH_MAX ? width : CELL_WIDTH_MAX + 1;
}

static void write_cell(FILE *out, const struct terminal_cell *cell, size_t width, bool is_left,
                       bool is_last, bool colour)
{
    size_t used = cell_width(cell);
    int pad = (int)(width > used ? width - used : 0);

    fprintf(out, "%*s", is_left ? 0 : pad, "");
    fputs(terminal_code(cell->style, is_coloured(cell->style, colour)), out);
    escape_terminal_cut(out, cell->text, CELL_WIDTH_MAX);
    fputs(terminal_code(TERMINAL_PLAIN, is_coloured(cell->style, colour)), out);
    fprintf(out, "%*s", is_left && !is_last ? pad : 0, "");
}

static size_t used_columns(const struct terminal_table *table, size_t row)
{
    size_t used = table->column_count;

    while (used > 0 && *table->cells[row * table->column_count + used - 1].text == '\0')
        used--;
    return used;
}

int terminal_table_write(const struct terminal_table *table, FILE *out, bool colour)
{
    size_t widths[TERMINAL_COLUMNS_MAX] = {0};
    size_t columns = table->column_count;

    if (table->has_failed)
        return -ENOMEM;
    assert(table->cell_count % columns == 0);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = cell_width(&table->cells[i]);

        widths[i % columns] = width > widths[i % columns] ? width : widths[i % columns];
    }
    for (size_t row = 0; row < table->cell_count / columns; row++) {
        size_t used = used_columns(table, row);

        for (size_t c = 0; c < used; c++) {
            fputs(c ? "  " : "", out);
            write_cell(out, &table->cells[row * columns + c], widths[c], table->is_left[c],
                       c + 1 == used, colour);
        }
        fputc('\n', out);
    }
    return 0;
}

void terminal_table_release(struct terminal_table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i].text);
    free(table->cells);
    *table = (struct terminal_table){0};
}
