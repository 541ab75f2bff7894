/* SPDX-License-Identifier: MIT */
/*
 * live_view_format.c: the text of a frame. Each line is made as plain text of a known width, cut to
 * the terminal's, and only then coloured: escape sequences are never cut, and count for nothing.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "common/compiler.h"
#include "common/units.h"
#include "loadgen/output/live_view.h"
#include "loadgen/record/outcome.h"

/* A character takes three bytes at most, a block of the sparkline. */
enum { LABEL_WIDTH = 12, TEXT_SIZE = 3 * LIVE_VIEW_COLUMNS_MAX + 1 };
/* Three cells and a label are what 40 columns hold; with more room they stand apart. */
enum { CELL_WIDTH = 11, CELL_WIDTH_NARROW = 9, COLUMNS_NARROW = LABEL_WIDTH + 3 * CELL_WIDTH };

/* A share of its threads above which the generator's own queues are part of what it measures. */
#define GENERATOR_BUSY 0.9
/* METHOD: offered load is sent when 98 % of it is. */
#define ACHIEVED_ENOUGH 0.98

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_YELLOW, COLOUR_RED };

static const char *const colours[] = {
    [COLOUR_BOLD] = "\033[1m",
    [COLOUR_DIM] = "\033[2m",
    [COLOUR_YELLOW] = "\033[33m",
    [COLOUR_RED] = "\033[31m",
};
#define COLOUR_END "\033[0m"

struct line {
    const char *label;
    enum colour colour;
    unsigned rank; /* 1 stays the longest on a screen that becomes lower */
    char text[TEXT_SIZE];
    size_t used;
};

struct frame {
    struct line lines[LIVE_VIEW_LINES_MAX];
    unsigned count;
};

/* --- lines ------------------------------------------------------------------------------------ */

static struct line *frame_line(struct frame *frame, unsigned rank, const char *label)
{
    struct line *line = &frame->lines[frame->count++];

    line->label = label;
    line->colour = COLOUR_NONE;
    line->rank = rank;
    line->text[0] = '\0';
    line->used = 0;
    return line;
}

PRINTF_LIKE(2, 3)
static void line_add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int size = vsnprintf(line->text + line->used, TEXT_SIZE - line->used, format, arguments);

    va_end(arguments);
    if (size > 0)
        line->used += (size_t)size;
    if (line->used > TEXT_SIZE - 1)
        line->used = TEXT_SIZE - 1;
}

/* Text from outside: what is no printable ASCII character could be of any width, or an escape
 * sequence, and is replaced by one "?" a character. */
static void line_add_foreign(struct line *line, const char *text)
{
    for (; *text && line->used < TEXT_SIZE - 1; text++) {
        unsigned char byte = (unsigned char)*text;

        if ((byte & 0xC0) == 0x80)
            continue;
        line->text[line->used++] = byte >= 0x20 && byte < 0x7F ? *text : '?';
        line->text[line->used] = '\0';
    }
}

/* Cuts `text` to `columns` characters, the last of them a mark when something is missing. The mark
 * is three bytes at most: text has places for three bytes a column. */
static void text_cut(char *text, size_t size, unsigned columns, bool unicode)
{
    unsigned width = 0;
    char *last = text;

    for (char *next = text; *next; next++) {
        if (((unsigned char)*next & 0xC0) == 0x80)
            continue;
        if (width == columns) {
            snprintf(last, size - (size_t)(last - text), "%s",
                     columns == 0 ? ""
                     : unicode    ? "…"
                                  : "~");
            return;
        }
        width++;
        last = next;
    }
}

/* --- what they say ---------------------------------------------------------------------------- */

static const char *phase_name(enum run_phase phase)
{
    switch (phase) {
    case RUN_CONNECT:
        return "connecting";
    case RUN_WARMUP:
        return "warming up";
    case RUN_MEASURE:
        return "measuring";
    case RUN_DRAIN:
        return "draining";
    default:
        return "done";
    }
}

static char *percentile_format(const struct live_percentiles *percentiles, uint64_t value_ns,
                               bool at_least, char *text)
{
    char value[UNITS_TEXT_SIZE];

    if (!percentiles->known)
        snprintf(text, UNITS_TEXT_SIZE, "-");
    else if (value_ns == UINT64_MAX)
        snprintf(text, UNITS_TEXT_SIZE, ">1 h");
    else
        snprintf(text, UNITS_TEXT_SIZE, "%s%.*s", at_least ? ">" : "", UNITS_TEXT_SIZE - 2,
                 duration_format(value_ns, value));
    return text;
}

static void add_title(struct frame *frame, const struct live_view_state *state)
{
    struct line *line = frame_line(frame, 4, NULL);

    line->colour = COLOUR_BOLD;
    line_add_foreign(line, state->target);
    line_add(line, "  ");
    line_add_foreign(line, state->load_text);
}

static void add_phase(struct frame *frame, const struct live_view_state *state, unsigned columns)
{
    enum { BAR_WIDTH_MAX = 40 };
    struct line *line = frame_line(frame, 1, phase_name(state->phase));
    double whole = state->elapsed_s + state->left_s;

    line_add(line, "%.0f s", fmax(state->elapsed_s, 0));
    if (!(state->left_s >= 0))
        return;
    line_add(line, ", %.0f s left", state->left_s);
    unsigned used = LABEL_WIDTH + (unsigned)line->used + 4;
    unsigned width = columns > used ? columns - used : 0;

    if (width > BAR_WIDTH_MAX)
        width = BAR_WIDTH_MAX;
    if (width < 5 || !(whole > 0))
        return;
    unsigned done = (unsigned)(fmin(fmax(state->elapsed_s / whole, 0), 1) * width);

    line_add(line, "  [");
    for (unsigned i = 0; i < width; i++)
        line_add(line, "%c", i < done ? '#' : '.');
    line_add(line, "]");
}

static void add_rate(struct frame *frame, const struct live_view_state *state)
{
    struct line *line = frame_line(frame, 2, "rate");
    char text[UNITS_TEXT_SIZE];

    if (!(state->offered_per_s >= 0)) {
        line_add(line, "%s/s achieved", count_format(state->achieved_per_s, text));
        return;
    }
    /* What was achieved first: it is still there where the line is cut. */
    line_add(line, "%s/s of ", count_format(state->achieved_per_s, text));
    line_add(line, "%s/s offered", count_format(state->offered_per_s, text));
    if (state->offered_per_s <= 0)
        return;
    double share = state->achieved_per_s / state->offered_per_s;

    line_add(line, " (%.1f %%)", 100 * share);
    if (state->phase == RUN_MEASURE && share < ACHIEVED_ENOUGH)
        line->colour = COLOUR_YELLOW;
}

static void add_percentiles(struct frame *frame, unsigned rank, const char *label,
                            const struct live_percentiles *percentiles, int width)
{
    struct line *line = frame_line(frame, rank, label);
    char p50[UNITS_TEXT_SIZE], p99[UNITS_TEXT_SIZE], p999[UNITS_TEXT_SIZE];

    line_add(
        line, "%*s%*s%*s", width,
        percentile_format(percentiles, percentiles->p50_ns, percentiles->p50_at_least, p50), width,
        percentile_format(percentiles, percentiles->p99_ns, percentiles->p99_at_least, p99), width,
        percentile_format(percentiles, percentiles->p999_ns, percentiles->p999_at_least, p999));
}

static void add_latency(struct frame *frame, const struct live_view_state *state, unsigned columns)
{
    int width = columns < COLUMNS_NARROW ? CELL_WIDTH_NARROW : CELL_WIDTH;
    struct line *line = frame_line(frame, 3, "latency");

    line->colour = COLOUR_DIM;
    line_add(line, "%*s%*s%*s", width, "p50", width, "p99", width, "p99.9");
    add_percentiles(frame, 2, "last second", &state->second, width);
    add_percentiles(frame, 3, "run", &state->run, width);
}

static void add_errors(struct frame *frame, const struct live_view_state *state)
{
    uint64_t failed = failures_total(state->errors);
    struct line *line = frame_line(frame, 2, "errors");

    line_add(line, "%" PRIu64 " failed, %" PRIu64 " timed out, %" PRIu64 " wrong", failed,
             state->timed_out, state->wrong);
    if (failed + state->timed_out + state->wrong > 0)
        line->colour = COLOUR_RED;
    if (failed == 0)
        return;
    line = frame_line(frame, 5, "");
    line->colour = COLOUR_RED;
    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (state->errors[i] > 0)
            line_add(line, "%s%" PRIu64 " %s", line->used > 0 ? ", " : "", state->errors[i],
                     failure_name((enum failure)i));
    }
}

static void add_generator(struct frame *frame, const struct live_view_state *state)
{
    double share = state->threads > 0 ? state->generator_cores / state->threads : 0;
    struct line *line = frame_line(frame, 3, "generator");

    line_add(line, "%.2f cores, %.0f %% of %u thread%s", state->generator_cores, 100 * share,
             state->threads, state->threads == 1 ? "" : "s");
    if (share >= GENERATOR_BUSY) {
        line->colour = COLOUR_YELLOW;
        line_add(line, ": near its limit");
    }
}

/* --- the sparkline ---------------------------------------------------------------------------- */

enum { SPARK_LEVELS = 8 };
static const char *const spark_blocks[SPARK_LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const spark_ascii[SPARK_LEVELS] = {"_", ".", "-", "~", "=", "+", "*", "#"};

/* The 1, 2 or 5 times a power of ten, of nanoseconds, at or below `value`, or above it: a scale
 * that stands still while values move a little. */
static double scale_end(double value, bool above)
{
    static const double steps[] = {1, 2, 5, 10, 20};
    double power = pow(10, floor(log10(value)));
    size_t i = 0;

    while (value >= steps[i + 1] * power)
        i++;
    return steps[above ? i + 1 : i] * power;
}

/* The scale of what is shown; false when nothing is. */
static bool spark_scale(const uint64_t *values, size_t count, double *low, double *high)
{
    uint64_t min = UINT64_MAX, max = 0;

    for (size_t i = 0; i < count; i++) {
        if (values[i] == 0 || values[i] == UINT64_MAX)
            continue;
        min = values[i] < min ? values[i] : min;
        max = values[i] > max ? values[i] : max;
    }
    if (max == 0)
        return false;
    *low = scale_end((double)min, false);
    *high = scale_end((double)max, true);
    return true;
}

static void add_sparkline(struct frame *frame, const struct live_view_state *state,
                          const struct live_view_style *style)
{
    const char *const *glyphs = style->unicode ? spark_blocks : spark_ascii;
    size_t width = style->columns > LABEL_WIDTH ? style->columns - LABEL_WIDTH : 0;
    size_t count = state->p99_history_count < width ? state->p99_history_count : width;
    const uint64_t *values =
        count > 0 ? state->p99_history_ns + state->p99_history_count - count : NULL;
    char low_text[UNITS_TEXT_SIZE], high_text[UNITS_TEXT_SIZE];
    double low, high;

    if (!spark_scale(values, count, &low, &high))
        return;
    struct line *line = frame_line(frame, 4, "p99");

    for (size_t i = 0; i < count; i++) {
        double height = log((double)values[i] / low) / log(high / low);

        line_add(line, "%s",
                 values[i] == 0 ? " " : glyphs[(size_t)(fmin(height, 0.999) * SPARK_LEVELS)]);
    }
    line = frame_line(frame, 5, "");
    line->colour = COLOUR_DIM;
    line_add(line, "%s to %s, log scale, a second each", duration_format((uint64_t)low, low_text),
             duration_format((uint64_t)high, high_text));
}

/* --- the frame -------------------------------------------------------------------------------- */

/* Leaves out the last of the least important lines until `lines` are left. */
static void frame_shorten(struct frame *frame, unsigned lines)
{
    while (frame->count > lines) {
        unsigned worst = 0;

        for (unsigned i = 1; i < frame->count; i++)
            if (frame->lines[i].rank >= frame->lines[worst].rank)
                worst = i;
        memmove(&frame->lines[worst], &frame->lines[worst + 1],
                (frame->count - worst - 1) * sizeof frame->lines[0]);
        frame->count--;
    }
}

static const char *colour_begin(enum colour colour, bool coloured)
{
    return coloured && colour != COLOUR_NONE ? colours[colour] : "";
}

static const char *colour_end(enum colour colour, bool coloured)
{
    return coloured && colour != COLOUR_NONE ? COLOUR_END : "";
}

/* One line with its colours; returns its size, or more than `size` when it does not fit. */
static size_t line_print(struct line *line, const struct live_view_style *style, char *out,
                         size_t size)
{
    char label[LABEL_WIDTH + 1] = "";
    unsigned columns = style->columns;
    enum colour label_colour = line->rank == 1 ? COLOUR_BOLD : COLOUR_DIM;
    int used;

    if (line->label) {
        snprintf(label, sizeof label, "%-*s", LABEL_WIDTH, line->label);
        text_cut(label, sizeof label, columns, false);
        columns -= (unsigned)strlen(label);
    }
    text_cut(line->text, sizeof line->text, columns, style->unicode);
    used = snprintf(out, size, "%s%s%s%s%s%s\n",
                    line->label ? colour_begin(label_colour, style->coloured) : "", label,
                    line->label ? colour_end(label_colour, style->coloured) : "",
                    colour_begin(line->colour, style->coloured), line->text,
                    colour_end(line->colour, style->coloured));
    return used < 0 ? size : (size_t)used;
}

unsigned live_view_format(char *out, size_t size, const struct live_view_state *state,
                          const struct live_view_style *asked)
{
    struct live_view_style style = *asked;
    struct frame frame = {.count = 0};
    unsigned printed = 0;

    if (style.columns > LIVE_VIEW_COLUMNS_MAX)
        style.columns = LIVE_VIEW_COLUMNS_MAX;
    add_title(&frame, state);
    add_phase(&frame, state, style.columns);
    add_rate(&frame, state);
    line_add(frame_line(&frame, 3, "connections"), "%" PRIu64 " of %" PRIu64 " open",
             state->connections_open, state->connections_asked);
    add_latency(&frame, state, style.columns);
    add_sparkline(&frame, state, &style);
    add_errors(&frame, state);
    add_generator(&frame, state);
    frame_shorten(&frame, style.rows > 0 && style.columns > 0 ? style.rows - 1 : 0);
    if (size > 0)
        out[0] = '\0';
    for (; printed < frame.count; printed++) {
        size_t used = line_print(&frame.lines[printed], &style, out, size);

        if (used >= size) {
            if (size > 0)
                out[0] = '\0'; /* half a line is none */
            break;
        }
        out += used;
        size -= used;
    }
    return printed;
}

size_t live_view_line(char *out, size_t size, const struct live_view_state *state)
{
    char rate[UNITS_TEXT_SIZE], p50[UNITS_TEXT_SIZE], p99[UNITS_TEXT_SIZE];
    uint64_t failed = failures_total(state->errors) + state->timed_out + state->wrong;
    int used = snprintf(
        out, size, "%s %.0f s  %s/s  p50 %s  p99 %s  %" PRIu64 " connection%s  %" PRIu64 " failed",
        phase_name(state->phase), floor(fmax(state->elapsed_s, 0)),
        count_format(state->achieved_per_s, rate),
        percentile_format(&state->second, state->second.p50_ns, state->second.p50_at_least, p50),
        percentile_format(&state->second, state->second.p99_ns, state->second.p99_at_least, p99),
        state->connections_open, state->connections_open == 1 ? "" : "s", failed);

    if (used < 0 || size == 0)
        return 0;
    return (size_t)used < size ? (size_t)used : size - 1;
}
