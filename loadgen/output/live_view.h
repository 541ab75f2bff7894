/* SPDX-License-Identifier: MIT */
/*
 * live_view.h: one screen that is redrawn while a run lasts, or one line a second where nobody can
 * look at a screen.
 *
 * What is shown is a struct that the caller fills; making text of it is pure, and never wider or
 * higher than the terminal. Drawing stays on the main screen: what was there before remains above,
 * and the last frame is wiped, so that the summary follows where the frame was.
 *
 * Not here: how often; what the numbers mean; reading them from the threads that count.
 */
#ifndef MUELLE_LOADGEN_LIVE_VIEW_H
#define MUELLE_LOADGEN_LIVE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "loadgen/phase.h"

struct live_percentiles {
    uint64_t p50_ns, p99_ns, p999_ns; /* UINT64_MAX: beyond the histogram's range */
    bool known;
    bool p50_at_least, p99_at_least, p999_at_least; /* only bounds from below: ">5.00 s" */
};

/* Pointers are the caller's and only read during the call. */
struct live_view_state {
    const char *target;    /* "127.0.0.1:4444" */
    const char *load_text; /* "echo:64, open loop, poisson 50k/s" */
    enum run_phase phase;
    double elapsed_s;
    double left_s;        /* < 0: not known */
    double offered_per_s; /* < 0: a closed loop offers none */
    double achieved_per_s;
    uint64_t connections_open, connections_asked;
    struct live_percentiles second, run; /* of the last second, and of all so far */
    const uint64_t *p99_history_ns;      /* oldest first, one a second; 0: nothing was measured */
    size_t p99_history_count;
    const uint64_t *errors; /* [FAILURES_COUNT], by enum failure of outcome.h */
    uint64_t timed_out, wrong;
    double generator_cores; /* how many its threads keep busy, spinning not counted: 1.5 */
    unsigned threads;
};

/* How a frame may look. */
struct live_view_style {
    unsigned columns, rows;
    bool coloured; /* with escape sequences of colour, which take no column */
    bool unicode;  /* the sparkline in blocks instead of ASCII characters */
};

/* More than any frame takes. */
enum { LIVE_VIEW_COLUMNS_MAX = 240, LIVE_VIEW_LINES_MAX = 16, LIVE_VIEW_SIZE = 32768 };

/* Writes a frame to `out`: lines that each end with "\n", at most `columns` wide (and never more
 * than LIVE_VIEW_COLUMNS_MAX), at most `rows` - 1 of them; what matters least is left out first.
 * Returns how many lines. `size` = LIVE_VIEW_SIZE holds every frame; a smaller buffer gets the
 * lines that fit as a whole. Pure. */
unsigned live_view_format(char *out, size_t size, const struct live_view_state *state,
                          const struct live_view_style *style);

/* One line without its end: "measuring 12 s  52.1 k/s  p50 21.3 us  p99 104 us  100 connections  0
 * failed". Returns its length, less than `size`. Pure. */
enum { LIVE_VIEW_LINE_SIZE = 256 };
size_t live_view_line(char *out, size_t size, const struct live_view_state *state);

/* A stream that is drawn upon. Does not own it. */
struct live_view {
    FILE *out;
    bool on_screen; /* a terminal that can move its cursor; else one line a second */
    struct live_view_style style;
    unsigned lines; /* of the frame that stands there; the cursor is below it */
    bool cursor_is_hidden;
    double next_line_s;   /* `elapsed_s` at which the next line is due */
    enum run_phase phase; /* of the line before */
    char frame[LIVE_VIEW_SIZE];
};

/* Looks at the stream and the environment: a terminal or not, TERM, NO_COLOR, the locale's
 * character set. Draws nothing. */
void live_view_init(struct live_view *view, FILE *out);
/* Draws the frame in the place of the one before; or prints a line when the next is due: once a
 * second in the first minute of a phase, then every ten seconds. */
void live_view_draw(struct live_view *view, const struct live_view_state *state);
/* Wipes the frame and gives the cursor back. May be called at any time, and again. */
void live_view_clear(struct live_view *view);
/* Gives the cursor of a terminal back, for an end in a signal handler: write(2) alone. */
void live_view_restore_cursor(int fd);

#endif
