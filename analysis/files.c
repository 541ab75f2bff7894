/* SPDX-License-Identifier: MIT */
#include "analysis/files.h"

#include <math.h>

#include "analysis/conditions.h"
#include "analysis/document.h"
#include "analysis/escape.h"

/* Nothing between two separators: not measured. */
static void write_number(FILE *out, char separator, double number)
{
    fputc(separator, out);
    if (isfinite(number))
        fprintf(out, "%.10g", number);
}

static void write_estimate(FILE *out, const struct cell_metric *metric)
{
    const struct estimate *estimate = &metric->estimate;
    bool known = estimate->count > 0;

    write_number(out, '\t', known ? estimate->median : NAN);
    write_number(out, '\t', known ? estimate->low : NAN);
    write_number(out, '\t', known ? estimate->high : NAN);
    /* 1: the median is a bound from below, the requests timed out. */
    fprintf(out, "\t%d", known && estimate->median_at_least);
}

static void write_summary(FILE *out, const struct summary *summary)
{
    fputs("model\tconnections\tvaries\tlevel\ttrials\trank\tverdict\tlimited\tinterval_coverage",
          out);
    for (enum metric m = 0; m < METRICS; m++)
        fprintf(out, "\t%s\t%s_low\t%s_high\t%s_at_least", metric_name(m), metric_name(m),
                metric_name(m), metric_name(m));
    fputc('\n', out);
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        const struct cell *cell = &summary->cells[i];

        if (cell->trial_count == 0)
            continue;
        escape_tsv(out, summary->models[cell->model]);
        fprintf(out, "\t%llu\t", (unsigned long long)cell->trials[0]->connections);
        escape_tsv(out, summary->varies);
        fputc('\t', out);
        escape_tsv(out, summary->levels[cell->level].text);
        fprintf(out, "\t%zu\t%u\t%s\t%d\t%.4f", cell->trial_count, cell->rank,
                trust_text(cell->trust), cell->is_limited,
                cell->metrics[METRIC_THROUGHPUT].estimate.coverage);
        for (enum metric m = 0; m < METRICS; m++)
            write_estimate(out, &cell->metrics[m]);
        fputc('\n', out);
    }
}

static void write_latency(FILE *out, const struct latency *latency)
{
    fprintf(out, ",%llu,%llu", (unsigned long long)latency->count,
            (unsigned long long)latency->at_least_count);
    for (enum percentile p = 0; p < PERCENTILES; p++)
        write_number(out, ',', latency->value_ns[p]);
}

static void write_resources(FILE *out, const struct resources *resources)
{
    const double values[] = {
        resources->cpu_user_s,          resources->cpu_system_s, resources->cpu_us_per_request,
        resources->rss_bytes,           resources->threads,      resources->voluntary_switches,
        resources->involuntary_switches};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        write_number(out, ',', resources->measured ? values[i] : NAN);
}

static void write_trial(FILE *out, const struct trial *trial)
{
    const uint64_t counts[] = {
        trial->connections, trial->established, trial->refused, trial->connections_failed,
        trial->lost,        trial->intended,    trial->unsent,  trial->sent,
        trial->ok,          trial->wrong,       trial->errors,  trial->timed_out};
    const struct latency *const latencies[] = {&trial->response, &trial->service,
                                               &trial->send_lag, &trial->queue_wait,
                                               &trial->wire,     &trial->handshake};

    escape_csv(out, trial->file);
    fputc(',', out);
    escape_csv(out, trial->model);
    fputc(',', out);
    escape_csv(out, trial->level);
    fprintf(out, ",%u,", trial->block);
    escape_csv(out, trial->started_utc);
    fprintf(out, ",%s,%s,%s,", trial->complete ? "true" : "false", loop_text(trial->loop),
            trust_text(trial->trust));
    for (size_t i = 0; i < trial->reason_count; i++)
        fprintf(out, "%s%s", i ? " " : "", trial->reasons[i].code);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        fprintf(out, ",%llu", (unsigned long long)counts[i]);
    write_number(out, ',', trial->rate_per_s);
    write_number(out, ',', trial->measured_s);
    write_number(out, ',', trial->throughput_per_s);
    for (size_t i = 0; i < sizeof latencies / sizeof latencies[0]; i++)
        write_latency(out, latencies[i]);
    write_resources(out, &trial->server);
    write_resources(out, &trial->client);
    fputc('\n', out);
}

void files_write_trials(FILE *out, const struct run *run)
{
    static const char *const latencies[] = {"response",   "service", "send_lag",
                                            "queue_wait", "wire",    "handshake"};
    static const char *const ends[] = {"server", "client"};

    fputs("file,model,level,block,started_utc,complete,loop,verdict,codes,connections,established,"
          "refused,failed,lost,intended,unsent,sent,ok,wrong,errors,timed_out,rate_per_s,"
          "measured_s,throughput_per_s",
          out);
    for (size_t i = 0; i < sizeof latencies / sizeof latencies[0]; i++)
        fprintf(out,
                ",%s_count,%s_at_least_count,%s_p50_ns,%s_p90_ns,%s_p99_ns,%s_p999_ns,"
                "%s_p9999_ns,%s_max_ns",
                latencies[i], latencies[i], latencies[i], latencies[i], latencies[i], latencies[i],
                latencies[i], latencies[i]);
    for (size_t i = 0; i < 2; i++)
        fprintf(out,
                ",%s_cpu_user_s,%s_cpu_system_s,%s_cpu_us_per_request,%s_rss_bytes,%s_threads,"
                "%s_voluntary_switches,%s_involuntary_switches",
                ends[i], ends[i], ends[i], ends[i], ends[i], ends[i], ends[i]);
    fputc('\n', out);
    for (size_t i = 0; i < run->trial_count; i++)
        write_trial(out, &run->trials[i]);
}

static void write_trials(FILE *out, const struct summary *summary)
{
    files_write_trials(out, summary->run);
}

static void write_windows(FILE *out, const struct summary *summary)
{
    fputs("file,model,level,connections,block,start_s,duration_s,sent,ok,errors,p50_ns,p99_ns,"
          "max_ns\n",
          out);
    for (size_t i = 0; i < summary->run->trial_count; i++) {
        const struct trial *trial = &summary->run->trials[i];

        for (size_t j = 0; j < trial->window_count; j++) {
            const struct window *window = &trial->windows[j];

            escape_csv(out, trial->file);
            fputc(',', out);
            escape_csv(out, trial->model);
            fputc(',', out);
            escape_csv(out, trial->level);
            fprintf(out, ",%llu,%u,%.6g,%.6g", (unsigned long long)trial->connections, trial->block,
                    window->start_s, window->duration_s);
            write_number(out, ',', window->sent);
            fprintf(out, ",%llu,%llu", (unsigned long long)window->ok,
                    (unsigned long long)window->errors);
            write_number(out, ',', window->p50_ns);
            write_number(out, ',', window->p99_ns);
            write_number(out, ',', window->max_ns);
            fputc('\n', out);
        }
    }
}

/* Of the table in report.md, those that summary_shows_metric(). */
static const struct {
    enum metric metric;
    const char *heading;
} markdown_columns[] = {
    {METRIC_THROUGHPUT, "Replies a second"},
    {METRIC_RESPONSE_P50, "p50"},
    {METRIC_RESPONSE_P99, "p99"},
    {METRIC_RESPONSE_P999, "p99.9"},
    {METRIC_LIGHT_P99, "Light p99"},
    {METRIC_SERVICE_P50, "Service p50"},
    {METRIC_SERVICE_P99, "Service p99"},
    {METRIC_CPU, "CPU per request"},
    {METRIC_MEMORY, "Memory"},
};

enum { MARKDOWN_COLUMNS = sizeof markdown_columns / sizeof markdown_columns[0] };

static void write_markdown_row(FILE *out, const struct summary *summary, const struct cell *cell)
{
    char text[NUMBER_TEXT_SIZE];

    fputs("| ", out);
    escape_markdown(out, cell_level_text(summary, cell, text));
    fputs(" | ", out);
    escape_markdown(out, summary->models[cell->model]);
    fprintf(out, " | %s |", cell_rank_text(summary, cell, text));
    for (size_t i = 0; i < MARKDOWN_COLUMNS; i++) {
        enum metric metric = markdown_columns[i].metric;

        if (!summary_shows_metric(summary, metric))
            continue;
        fprintf(out, " %s", cell_metric_text(cell, metric, text));
        if (metric == METRIC_THROUGHPUT)
            fprintf(out, " (%s)", cell_range_text(cell, metric, text));
        fputs(" |", out);
    }
    fprintf(out, " %s |\n", trust_text(cell->trust));
}

static void write_markdown_headings(FILE *out, const struct summary *summary)
{
    char quantity[NUMBER_TEXT_SIZE];
    size_t numbers = 0;

    fputs("| ", out);
    escape_markdown(out, summary_quantity_text(summary, quantity));
    fputs(" | Model | Rank |", out);
    for (size_t i = 0; i < MARKDOWN_COLUMNS; i++) {
        if (!summary_shows_metric(summary, markdown_columns[i].metric))
            continue;
        fprintf(out, " %s |", markdown_columns[i].heading);
        numbers++;
    }
    fputs(" Verdict |\n|---:|---|---:|", out);
    for (size_t i = 0; i < numbers; i++)
        fputs("---:|", out);
    fputs("---|\n", out);
}

static void write_markdown(FILE *out, const struct summary *summary, const struct verdict *verdict,
                           const struct findings *findings, const struct figures *figures)
{
    const struct cell *cells[MODELS_MAX];
    char conditions[CONDITIONS_TEXT_SIZE];
    char text[NUMBER_TEXT_SIZE];

    fputs("# ", out);
    escape_markdown(out, run_title(summary->run));
    fputs("\n\n**", out);
    escape_markdown(out, verdict->sentence);
    fputs("**\n\n", out);
    for (size_t i = 0; i < verdict->reason_count; i++) {
        fprintf(out, "- %s: ", verdict->reasons[i].code);
        escape_markdown(out, verdict->reasons[i].text);
        if (verdict->reasons[i].trial_count > 0)
            fprintf(out, " (%zu trials)", verdict->reasons[i].trial_count);
        fputc('\n', out);
    }
    fputc('\n', out);
    for (size_t i = 0; i < findings->count; i++) {
        fputs("- ", out);
        escape_markdown(out, findings->list[i].text);
        fputc('\n', out);
    }
    fputs(findings->count > 0 ? "\n" : "", out);
    escape_markdown(out, findings->basis);
    fputs("\n\nConditions: ", out);
    escape_markdown(out, conditions_text(summary, conditions));
    fprintf(out, ". Medians; in brackets the %s. Percentiles of response time.\n\n",
            summary_interval_text(summary, text));
    write_markdown_headings(out, summary);
    for (size_t level = 0; level < summary->level_count; level++) {
        size_t count = summary_level_cells(summary, level, cells);

        for (size_t i = 0; i < count; i++)
            write_markdown_row(out, summary, cells[i]);
    }
    for (size_t i = 0; i < figures->count; i++) {
        if (figures->list[i].missing)
            continue;
        fputs("\n![", out);
        escape_markdown(out, figures->list[i].title);
        fprintf(out, "](%s.png)\n", figures->list[i].name);
    }
}

static int save(const char *folder, const char *name, const struct summary *summary,
                void (*write)(FILE *, const struct summary *))
{
    struct document document;
    int error = document_open(&document);

    if (error)
        return error;
    write(document.out, summary);
    return document_save(&document, folder, name);
}

int files_write(const struct summary *summary, const struct verdict *verdict,
                const struct findings *findings, const struct figures *figures, const char *folder)
{
    struct document markdown;
    int error = save(folder, "summary.tsv", summary, write_summary);

    if (!error)
        error = save(folder, "trials.csv", summary, write_trials);
    if (!error)
        error = save(folder, "windows.csv", summary, write_windows);
    if (!error)
        error = document_open(&markdown);
    if (error)
        return error;
    write_markdown(markdown.out, summary, verdict, findings, figures);
    return document_save(&markdown, folder, "report.md");
}
