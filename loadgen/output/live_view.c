/* SPDX-License-Identifier: MIT */
#include "loadgen/output/live_view.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Understood by every terminal in use (ECMA-48, and DEC's private mode for the cursor). */
#define CURSOR_HIDE   "\033[?25l"
#define CURSOR_SHOW   "\033[?25h"
#define CURSOR_UP     "\r\033[%uA"
#define WIPE_LINE_END "\033[K"
#define WIPE_BELOW    "\033[J"

/* Where a terminal does not know its size. */
enum { COLUMNS_USUAL = 80, ROWS_USUAL = 24 };
/* A line a second is read; after a minute it is only scrolled through. */
enum { EVERY_LINE_S = 60, LATER_LINE_S = 10 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value && *value;
}

/* By the environment's locale, whether or not the program has taken it over. */
static bool locale_is_unicode(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

    if (locale == (locale_t)0)
        return false;
    bool unicode = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

    freelocale(locale);
    return unicode;
}

void live_view_init(struct live_view *view, FILE *out)
{
    const char *terminal = getenv("TERM");

    memset(view, 0, sizeof *view);
    view->out = out;
    view->on_screen = isatty(fileno(out)) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    view->style.coloured = view->on_screen && !is_set("NO_COLOR");
    view->style.unicode = locale_is_unicode();
}

static void measure_terminal(struct live_view *view)
{
    struct winsize size = {0};

    if (ioctl(fileno(view->out), TIOCGWINSZ, &size) < 0)
        size.ws_col = size.ws_row = 0;
    view->style.columns = size.ws_col > 0 ? size.ws_col : COLUMNS_USUAL;
    view->style.rows = size.ws_row > 0 ? size.ws_row : ROWS_USUAL;
}

/* The frame before may have been wrapped by a terminal that has become narrower since. */
static unsigned lines_now(const char *frame, unsigned lines, unsigned columns)
{
    unsigned wrapped = 0, width = 0;

    for (const char *next = frame; *next && lines > 0; next++) {
        if (*next == '\n') {
            wrapped += width > columns ? (width + columns - 1) / columns : 1;
            width = 0;
            lines--;
        } else if (*next == '\033') {
            next += strcspn(next, "m");
        } else if (((unsigned char)*next & 0xC0) != 0x80) {
            width++;
        }
    }
    return wrapped;
}

/* Over the frame before, line by line without wiping first: nothing flickers. */
static void draw_frame(struct live_view *view, const struct live_view_state *state)
{
    const char *line, *end;
    unsigned up;

    measure_terminal(view);
    up = lines_now(view->frame, view->lines, view->style.columns);
    if (up >= view->style.rows)
        up = view->style.rows - 1; /* what has left the screen is out of reach */
    if (!view->cursor_is_hidden)
        fputs(CURSOR_HIDE, view->out);
    view->cursor_is_hidden = true;
    if (up > 0)
        fprintf(view->out, CURSOR_UP, up);
    view->lines = live_view_format(view->frame, sizeof view->frame, state, &view->style);
    for (line = view->frame; (end = strchr(line, '\n')); line = end + 1)
        fprintf(view->out, "%.*s" WIPE_LINE_END "\n", (int)(end - line), line);
    fputs(WIPE_BELOW, view->out);
}

static void print_line(struct live_view *view, const struct live_view_state *state)
{
    char line[LIVE_VIEW_LINE_SIZE];

    if (state->phase != view->phase)
        view->next_line_s = 0;
    if (state->elapsed_s < view->next_line_s)
        return;
    view->phase = state->phase;
    view->next_line_s =
        (double)(uint64_t)state->elapsed_s + (state->elapsed_s < EVERY_LINE_S ? 1 : LATER_LINE_S);
    live_view_line(line, sizeof line, state);
    fprintf(view->out, "%s\n", line);
}

void live_view_draw(struct live_view *view, const struct live_view_state *state)
{
    if (view->on_screen)
        draw_frame(view, state);
    else
        print_line(view, state);
    fflush(view->out);
}

void live_view_clear(struct live_view *view)
{
    if (view->lines > 0) {
        unsigned up;

        measure_terminal(view);
        up = lines_now(view->frame, view->lines, view->style.columns);
        fprintf(view->out, CURSOR_UP WIPE_BELOW, up < view->style.rows ? up : view->style.rows - 1);
    }
    if (view->cursor_is_hidden)
        fputs(CURSOR_SHOW, view->out);
    view->lines = 0;
    view->cursor_is_hidden = false;
    fflush(view->out);
}

void live_view_restore_cursor(int fd)
{
    ssize_t ignored = write(fd, CURSOR_SHOW, sizeof CURSOR_SHOW - 1);

    (void)ignored; /* nothing is left to be done about it */
}
