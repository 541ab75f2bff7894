/* SPDX-License-Identifier: MIT */
/*
 * chart.c: the list of charts, and their way from numbers to files.
 *
 * gnuplot works in a folder of its own inside the report's, and what it finished is moved: a report
 * never holds half a drawing.
 */
#include "analysis/chart.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/document.h"
#include "analysis/gnuplot.h"
#include "analysis/plot.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"

enum {
    DRAWING_SECONDS_MAX = 60, /* for a chart, which takes a quarter of one */
    DRAWING_SIZE_MAX = 8 << 20,
    AT_WORK_MAX = 16, /* there are not many more charts */
};

static const char *const suffixes[] = {".tsv", ".gp", ".svg", ".png"};
enum { SUFFIXES = sizeof suffixes / sizeof suffixes[0], NAME_SIZE = 64 };

static const char *file_name(char name[NAME_SIZE], const struct chart *chart, const char *suffix)
{
    snprintf(name, NAME_SIZE, "%s%s", chart->name, suffix);
    return name;
}

static void remove_file(const char *folder, const char *name)
{
    char *path = path_join(folder, name);

    if (path)
        unlink(path);
    free(path);
}

static char *read_file(const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    char *text = NULL;
    size_t size;

    if (path && file_read(path, DRAWING_SIZE_MAX, &text, &size) < 0)
        text = NULL;
    free(path);
    return text;
}

static int write_file(const char *folder, const char *name, const char *text)
{
    struct document document;
    int error = document_open(&document);

    if (error)
        return error;
    fputs(text, document.out);
    return document_save(&document, folder, name);
}

static int move_file(const char *from, const char *to, const char *name)
{
    char *old = path_join(from, name);
    char *new = path_join(to, name);
    int error = !old || !new ? -ENOMEM : rename(old, new) < 0 ? -errno : 0;

    free(old);
    free(new);
    return error;
}

static char *text_by(void (*write)(const struct plot *, FILE *), const struct plot *plot)
{
    struct document document;

    if (document_open(&document) < 0)
        return NULL;
    write(plot, document.out);
    return document_text(&document);
}

/* A chart that gnuplot is drawing. */
struct drawing {
    const struct chart *chart;
    struct figure *figure;
    struct gnuplot gnuplot;
    uint64_t deadline_ns;
};

/* What a session of drawing works with. As many charts are drawn at once as there are processors;
 * the one that was begun first is waited for first, so warnings come in the order of the page. */
struct studio {
    const struct summary *summary;
    const char *folder; /* the report's */
    char *scratch;      /* gnuplot's, inside it */
    char *closed; /* why nothing more is drawn: no gnuplot, or no time; NULL while it is open */
    struct drawing at_work[AT_WORK_MAX]; /* the oldest first */
    size_t at_work_count, at_work_max;
};

static void write_nothing(const struct plot *plot, FILE *out)
{
    (void)plot;
    (void)out;
}

/* 0 or -ENOMEM. */
static int take_texts(const struct plot *plot, struct figure *figure, char **script)
{
    const struct chart *chart = plot->chart;

    *script = text_by(plot_write_script, plot);
    figure->name = chart->name;
    figure->reading = strdup(plot->reading);
    figure->title = strdup(plot->title);
    figure->conditions = strdup(plot->conditions);
    figure->marks = text_by(plot_write_marks, plot);
    figure->description = text_by(chart->describe ? chart->describe : plot_write_description, plot);
    figure->table = text_by(chart->write_table ? chart->write_table : write_nothing, plot);
    figure->has_data = plot->row_count > 0;
    return *script && figure->title && figure->reading && figure->conditions && figure->marks &&
                   figure->description && figure->table
               ? 0
               : -ENOMEM;
}

/* The chart's texts into `figure`, its data and script into *data and *script. 0 or -errno. */
static int make_plot(const struct studio *studio, const struct chart *chart, struct figure *figure,
                     char **data, char **script)
{
    struct plot plot = {
        .chart = chart,
        .summary = studio->summary,
        .key = chart->key,
    };
    struct document rows;

    snprintf(plot.title, sizeof plot.title, "%s", chart->title);
    snprintf(plot.y_text, sizeof plot.y_text, "%s", chart->y_text);
    snprintf(plot.reading, sizeof plot.reading, "%s", chart->reading);
    int error = document_open(&rows);
    if (error)
        return error;
    error = chart->write(&plot, rows.out);
    *data = document_text(&rows);
    if (!error)
        error = take_texts(&plot, figure, script);
    plot_release(&plot);
    return error || *data ? error : -ENOMEM;
}

/* Takes what gnuplot left in the scratch folder from there. 0, or -errno and the reason in
 * `complaint`. */
static int take(const struct studio *studio, const struct chart *chart, struct figure *figure,
                char complaint[GNUPLOT_COMPLAINT_SIZE])
{
    char name[NAME_SIZE];

    figure->svg_wide = read_file(studio->scratch, file_name(name, chart, "-wide.svg"));
    figure->svg_narrow = read_file(studio->scratch, file_name(name, chart, "-narrow.svg"));
    int error = figure->svg_wide && figure->svg_narrow ? 0 : -EIO;
    if (!error)
        error = move_file(studio->scratch, studio->folder, file_name(name, chart, ".svg"));
    if (!error)
        error = move_file(studio->scratch, studio->folder, file_name(name, chart, ".png"));
    if (error)
        snprintf(complaint, GNUPLOT_COMPLAINT_SIZE, "gnuplot left no drawing: %s",
                 strerror(-error));
    return error;
}

/* Waits for the oldest of those at work. */
static void finish_one(struct studio *studio)
{
    struct drawing drawing = studio->at_work[0];
    char complaint[GNUPLOT_COMPLAINT_SIZE];

    studio->at_work_count--;
    memmove(studio->at_work, studio->at_work + 1, studio->at_work_count * sizeof drawing);
    int error = gnuplot_finish(&drawing.gnuplot, drawing.deadline_ns, complaint);
    if (!error)
        error = take(studio, drawing.chart, drawing.figure, complaint);
    if (!error)
        return;
    if (studio->closed) {
        drawing.figure->missing = strdup(studio->closed);
        return;
    }
    log_warning("%s: %s", drawing.chart->name, complaint);
    drawing.figure->missing = strdup(complaint);
    if (error == -ENOENT || error == -ETIMEDOUT)
        studio->closed = strdup(complaint);
}

static void begin_to_draw(struct studio *studio, const struct chart *chart, struct figure *figure)
{
    char name[NAME_SIZE];

    if (studio->at_work_count == studio->at_work_max)
        finish_one(studio);
    if (studio->closed) {
        figure->missing = strdup(studio->closed);
        return;
    }
    struct drawing *drawing = &studio->at_work[studio->at_work_count++];
    *drawing = (struct drawing){
        .chart = chart,
        .figure = figure,
        .deadline_ns = clock_now_ns() + DRAWING_SECONDS_MAX * NS_PER_S,
    };
    gnuplot_start(&drawing->gnuplot, studio->scratch, file_name(name, chart, ".gp"));
}

/* What this run has no use for leaves nothing behind of an earlier report's either. */
static void remove_figure(const char *folder, const struct chart *chart)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < SUFFIXES; i++)
        remove_file(folder, file_name(name, chart, suffixes[i]));
}

static int make_figure(struct studio *studio, const struct chart *chart, struct figure *figure)
{
    char name[NAME_SIZE];
    char *script = NULL;
    char *data = NULL;

    int error = make_plot(studio, chart, figure, &data, &script);
    remove_figure(studio->folder, chart);
    if (!error && !figure->has_data)
        figure->missing = strdup(chart->absent);
    if (!error && figure->has_data) {
        const char *texts[] = {data, script};

        for (size_t i = 0; i < 2 && !error; i++) {
            error = write_file(studio->folder, file_name(name, chart, suffixes[i]), texts[i]);
            if (!error)
                error = write_file(studio->scratch, name, texts[i]);
        }
        if (!error)
            begin_to_draw(studio, chart, figure);
    }
    free(script);
    free(data);
    return error;
}

static void remove_scratch(const struct studio *studio)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < plot_charts_count; i++) {
        remove_figure(studio->scratch, &plot_charts[i]);
        remove_file(studio->scratch, file_name(name, &plot_charts[i], "-wide.svg"));
        remove_file(studio->scratch, file_name(name, &plot_charts[i], "-narrow.svg"));
    }
    rmdir(studio->scratch);
}

/* Processors this process may run on, 1 to AT_WORK_MAX. */
static size_t processors_allowed(void)
{
    cpu_set_t allowed;
    int count = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;

    return count < AT_WORK_MAX ? (size_t)count : AT_WORK_MAX;
}

int figures_draw(struct figures *figures, const struct summary *summary, const char *folder)
{
    struct studio studio = {
        .summary = summary,
        .folder = folder,
        .scratch = path_join(folder, ".drawing-XXXXXX"),
    };
    int error = 0;

    studio.at_work_max = processors_allowed();
    *figures = (struct figures){0};
    if (!studio.scratch || !mkdtemp(studio.scratch)) {
        error = studio.scratch ? -errno : -ENOMEM;
        log_error("%s: %s", folder, strerror(-error));
        free(studio.scratch);
        return error;
    }
    assert(plot_charts_count <= CHARTS_MAX);
    for (size_t i = 0; i < plot_charts_count && !error; i++) {
        const struct chart *chart = &plot_charts[i];

        if (chart->applies && !chart->applies(summary))
            remove_figure(folder, chart);
        else
            error = make_figure(&studio, chart, &figures->list[figures->count++]);
    }
    while (studio.at_work_count > 0)
        finish_one(&studio);
    remove_scratch(&studio);
    free(studio.closed);
    free(studio.scratch);
    return error;
}

void figures_release(struct figures *figures)
{
    for (size_t i = 0; i < figures->count; i++) {
        struct figure *figure = &figures->list[i];

        free(figure->title);
        free(figure->reading);
        free(figure->conditions);
        free(figure->marks);
        free(figure->description);
        free(figure->table);
        free(figure->missing);
        free(figure->svg_wide);
        free(figure->svg_narrow);
    }
    *figures = (struct figures){0};
}
