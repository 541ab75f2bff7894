/* SPDX-License-Identifier: MIT */
/*
 * page_table.c: the tables of the page.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/escape.h"
#include "analysis/model_name.h"
#include "analysis/page.h"

/* More rows than anybody reads, and a quarter of a megabyte; the rest is in trials.csv. */
enum { TRIALS_SHOWN_MAX = 300 };

/* Those that this run has, as summary_shows_metric() says. */
static const struct {
    enum metric metric;
    const char *heading, *second; /* its two lines */
} columns[] = {
    {METRIC_THROUGHPUT, "Replies", "a second"},
    {METRIC_RESPONSE_P50, "Response", "p50"},
    {METRIC_RESPONSE_P99, "Response", "p99"},
    {METRIC_RESPONSE_P999, "Response", "p99.9"},
    {METRIC_LIGHT_P99, "Light", "p99"},
    {METRIC_SERVICE_P50, "Service", "p50"},
    {METRIC_SERVICE_P99, "Service", "p99"},
    {METRIC_SEND_LAG_P99, "Send lag", "p99"},
    {METRIC_WIRE_P50, "Wire", "p50"},
    {METRIC_HANDSHAKE_P50, "Handshake", "p50"},
    {METRIC_HANDSHAKE_P99, "Handshake", "p99"},
    {METRIC_CPU, "CPU per", "request"},
    {METRIC_MEMORY, "Memory", ""},
    {METRIC_THREADS, "Threads", ""},
    {METRIC_SWITCHES, "Switches", "per request"},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

/* On paper a table is no wider than a sheet: what the table below has, too, is left out ("again"),
 * and one with more of these columns than this is set smaller (ten of them are 1,033 px wide in
 * `blocking`, the sheet 1,031). */
enum { COLUMNS_PRINTED_MAX = 9 };

static bool is_again(enum metric metric)
{
    return metric == METRIC_THREADS || metric == METRIC_SWITCHES;
}

static void write_heading(FILE *out, const char *class, const char *line, const char *second)
{
    fprintf(out, "<th scope=\"col\" class=\"%s\"><span>%s%s%s</span></th>", class, line,
            *second ? "<br>" : "", second);
}

static void write_metric(FILE *out, const struct cell *cell, enum metric metric)
{
    const struct estimate *estimate = &cell->metrics[metric].estimate;
    char low[NUMBER_TEXT_SIZE];
    char high[NUMBER_TEXT_SIZE];
    char text[NUMBER_TEXT_SIZE];

    fprintf(out, "<td class=\"n%s\" data-v=\"", is_again(metric) ? " again" : "");
    if (estimate->count > 0)
        fprintf(out, "%.10g", estimate->median);
    fputs("\">", out);
    escape_html(out, cell_metric_text(cell, metric, text));
    /* An interval too narrow for these digits says nothing more. */
    number_text(metric_unit(metric), estimate->low, low);
    number_text(metric_unit(metric), estimate->high, high);
    if (estimate->count > 1 && strcmp(low, high) != 0) {
        fputs("<small>", out);
        escape_html(out, cell_range_text(cell, metric, text));
        fputs("</small>", out);
    }
    fputs("</td>", out);
}

static bool has_reason(const struct cell *cell, const char *code)
{
    for (size_t i = 0; i < cell->trial_count; i++) {
        for (size_t j = 0; j < cell->trials[i]->reason_count; j++) {
            if (strcmp(cell->trials[i]->reasons[j].code, code) == 0)
                return true;
        }
    }
    return false;
}

/* The level and the codes that led to it, those of the run as a whole left out. */
static void write_trust(FILE *out, const struct page *page, const struct cell *cell)
{
    static const char *const words[] = {"trusted", "caution", "not trusted"};

    fprintf(out, "<td>%s<small>", words[cell->trust]);
    for (size_t i = 0; i < page->verdict->reason_count; i++) {
        const struct verdict_reason *reason = &page->verdict->reasons[i];

        if (reason->trial_count > 0 && has_reason(cell, reason->code))
            fprintf(out, "%s ", reason->code);
    }
    fputs("</small></td>", out);
}

/* Sorted by place, whatever the level is called. */
static void write_level(FILE *out, const struct summary *summary, const struct cell *cell)
{
    char served[NUMBER_TEXT_SIZE];

    fprintf(out, "<td class=\"n\" data-v=\"%zu\"><span class=\"name\">", cell->level);
    escape_html(out, summary->levels[cell->level].name);
    fprintf(out,
            *cell_served_text(cell, served) ? "</span><small>%s</small></td>" : "</span>%s</td>",
            served);
}

static void write_row(FILE *out, const struct page *page, const struct cell *cell, bool first)
{
    const struct summary *summary = page->summary;
    char text[NUMBER_TEXT_SIZE];

    fprintf(out, "<tr class=\"%s%s\"%s>", first ? "level " : "",
            cell->trust == TRUST_NONE ? "untrusted" : "", first ? " data-first=\"1\"" : "");
    write_level(out, summary, cell);
    fprintf(out, "<th scope=\"row\"><i class=\"dot\" style=\"background:var(--%s)\"></i>",
            cell->trust == TRUST_NONE
                ? "untrusted"
                : (snprintf(text, sizeof text, "m%zu", cell->model + 1), text));
    fputs("<span class=\"name\">", out);
    escape_html(out, summary->models[cell->model]);
    fputs("</span></th><td class=\"n\" data-v=\"", out);
    if (cell->rank)
        fprintf(out, "%u", cell->rank);
    fprintf(out, "\">%s</td>", cell_rank_text(summary, cell, text));
    write_trust(out, page, cell);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (summary_shows_metric(summary, columns[i].metric))
            write_metric(out, cell, columns[i].metric);
    }
    fputs("</tr>\n", out);
}

static void write_level_heading(FILE *out, const struct summary *summary)
{
    char text[NUMBER_TEXT_SIZE];

    summary_quantity_text(summary, text);
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    fputs("<th scope=\"col\" class=\"n wrap\"><span>", out);
    escape_html(out, text);
    fputs("</span></th>", out);
}

static size_t columns_printed(const struct summary *summary)
{
    size_t count = 0;

    for (size_t i = 0; i < COLUMNS; i++)
        count += !is_again(columns[i].metric) && summary_shows_metric(summary, columns[i].metric);
    return count;
}

void page_write_summary(FILE *out, const struct page *page)
{
    const struct cell *cells[MODELS_MAX];

    fprintf(out, "<table class=\"sortable%s\">\n<thead><tr>",
            columns_printed(page->summary) > COLUMNS_PRINTED_MAX ? " dense" : "");
    write_level_heading(out, page->summary);
    write_heading(out, "", "Model", "");
    write_heading(out, "n", "Rank", "");
    write_heading(out, "", "Verdict", "");
    for (size_t i = 0; i < COLUMNS; i++) {
        if (summary_shows_metric(page->summary, columns[i].metric))
            write_heading(out, is_again(columns[i].metric) ? "n again" : "n", columns[i].heading,
                          columns[i].second);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t level = 0; level < page->summary->level_count; level++) {
        size_t count = summary_level_cells(page->summary, level, cells);

        for (size_t i = 0; i < count; i++)
            write_row(out, page, cells[i], i == 0);
    }
    fputs("</tbody>\n</table>", out);
}

void page_write_legend(FILE *out, const struct page *page)
{
    bool limited = false;
    bool unobserved = false;

    for (size_t i = 0; i < page->summary->level_count * page->summary->model_count; i++) {
        const struct cell *cell = &page->summary->cells[i];

        limited = limited || cell->is_limited;
        unobserved = unobserved ||
                     (cell->trial_count > 0 && cell->metrics[METRIC_MEMORY].estimate.count == 0);
    }
    fputs("<p class=\"note\">Response time runs from the instant a request was due", out);
    fputs(summary_has_own_response(page->summary)
              ? ", service time from the instant it was sent. "
              : "; in a closed loop that is when it was sent, so it equals service time. ",
          out);
    if (summary_shows_metric(page->summary, METRIC_WIRE_P50))
        fputs("Wire time ends when the answer reached the kernel, not when it was read. ", out);
    if (limited)
        fputs("“200 of 1,000”: the model refused the other connections; not ranked. ", out);
    if (unobserved)
        fputs("“—” for the server: it was not observed. ", out);
    fputs("</p>", out);
}

static size_t level_of(const struct summary *summary, const struct trial *trial)
{
    size_t level = 0;

    while (level + 1 < summary->level_count &&
           strcmp(summary->levels[level].text, trial->level) != 0)
        level++;
    return level;
}

static void write_trial(FILE *out, const struct summary *summary, const struct trial *trial)
{
    char text[NUMBER_TEXT_SIZE];
    bool used = trial->complete;

    fprintf(out, "<tr class=\"%s\"><td>", used && trial->trust != TRUST_NONE ? "" : "untrusted");
    escape_html(out, trial->file);
    fputs("</td><td><span class=\"name\">", out);
    escape_html(out, trial->model);
    size_t level = level_of(summary, trial);
    fprintf(out, "</span></td><td class=\"n\" data-v=\"%zu\"><span class=\"name\">", level);
    escape_html(out, summary->levels[level].name);
    fputs("</span></td>", out);
    fprintf(out, "<td class=\"n\">%u</td>", trial->block);
    fprintf(out, "<td class=\"n\" data-v=\"%.10g\">%s</td>", trial->throughput_per_s,
            number_text(UNIT_RATE, trial->throughput_per_s, text));
    fprintf(out, "<td class=\"n\" data-v=\"%llu\">%s</td>", (unsigned long long)trial->sent,
            number_count_text(trial->sent, text));
    uint64_t bad = trial->sent - trial->ok;
    fprintf(out, "<td class=\"n\" data-v=\"%llu\">%s</td><td>", (unsigned long long)bad,
            number_count_text(bad, text));
    fputs(used ? trust_text(trial->trust) : "incomplete, not used", out);
    fputs("</td><td class=\"text\">", out);
    for (size_t i = 0; i < trial->reason_count; i++) {
        fprintf(out, "%s%s: ", i ? "<br>" : "", trial->reasons[i].code);
        escape_html(out, trial->reasons[i].text);
    }
    fputs("</td></tr>\n", out);
}

void page_write_trials(FILE *out, const struct page *page)
{
    const struct run *run = page->summary->run;
    size_t shown = run->trial_count < TRIALS_SHOWN_MAX ? run->trial_count : TRIALS_SHOWN_MAX;

    fputs("<table class=\"sortable\">\n<thead><tr>", out);
    write_heading(out, "", "File", "");
    write_heading(out, "", "Model", "");
    write_level_heading(out, page->summary);
    write_heading(out, "n", "Block", "");
    write_heading(out, "n", "Replies a second", "");
    write_heading(out, "n", "Requests", "");
    write_heading(out, "n", "Failed", "");
    write_heading(out, "", "Verdict", "");
    write_heading(out, "", "Reasons", "");
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < shown; i++)
        write_trial(out, page->summary, &run->trials[i]);
    fputs("</tbody>\n</table>", out);
    if (shown < run->trial_count)
        fprintf(out, "<p class=\"note\">%zu more are in trials.csv.</p>", run->trial_count - shown);
}

/* What the machine's and the manifest's members are called, where an underscore made a space is not
 * enough. */
static const char *fact_name(const char *member, char text[64])
{
    static const char *const names[][2] = {
        {"cpu", "CPU"},
        {"memory_bytes", "memory"},
        {"descriptors", "open files, at most"},
        {"somaxconn", "listen queue, at most"},
        {"affinity", "cores allowed"},
        {"machine", "architecture"},
        {"clocksource", "clock source"},
        {"started_utc", "started"},
        {"finished_utc", "finished"},
    };
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i][0], member) == 0)
            return names[i][1];
    }
    for (i = 0; member[i] && i < 63; i++)
        text[i] = (char)(member[i] == '_' ? ' ' : member[i]);
    text[i] = '\0';
    return text;
}

static void write_value(FILE *out, const char *name, const json_t *value)
{
    bool is_number = json_is_integer(value) && json_integer_value(value) >= 0;
    char text[NUMBER_TEXT_SIZE];

    if (json_is_string(value)) {
        escape_html(out, json_string_value(value));
    } else if (is_number && strcmp(name, "memory_bytes") == 0) {
        fputs(number_text(UNIT_MEMORY, (double)json_integer_value(value), text), out);
    } else if (is_number && strcmp(name, "seed") != 0) {
        fputs(number_count_text((uint64_t)json_integer_value(value), text), out);
    } else {
        char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

        escape_html(out, json ? json : "");
        free(json);
    }
}

static void write_fact(FILE *out, const char *name, json_t *value)
{
    char text[64];
    const char *member;
    json_t *part;
    bool first = true;

    if (!value || json_is_null(value))
        return;
    fputs("<div><dt>", out);
    escape_html(out, fact_name(name, text));
    fputs("</dt><dd>", out);
    if (!json_is_object(value))
        write_value(out, name, value);
    json_object_foreach(value, member, part)
    {
        fputs(first ? "" : ", ", out);
        escape_html(out, member);
        fputc(' ', out);
        write_value(out, member, part);
        first = false;
    }
    fputs("</dd></div>\n", out);
}

static void write_environment(FILE *out, json_t *environment)
{
    const char *name;
    json_t *value;

    json_object_foreach(environment, name, value)
    {
        if (strcmp(name, "revision") != 0)
            write_fact(out, name, value);
    }
}

/* Each with the letter that its models have. */
static void write_machines(FILE *out, const json_t *machines)
{
    json_t *environment;
    size_t i;

    json_array_foreach(machines, i, environment)
    {
        fprintf(out, "<h3>Machine %c</h3>\n<dl class=\"facts\">\n",
                machine_letter((unsigned)i + 1));
        write_environment(out, environment);
        fputs("</dl>\n", out);
    }
    fputs("<h3>All runs</h3>\n", out);
}

void page_write_machine(FILE *out, const struct page *page)
{
    static const char *const planned[] = {"command", "preset",   "seed",        "blocks",
                                          "pinning", "revision", "started_utc", "finished_utc"};
    const struct run *run = page->summary->run;

    if (run->merged_count > 0)
        page_write_runs(out, page);
    if (run->machine_count > 1)
        write_machines(out, json_object_get(run->manifest, "machines"));
    fputs("<dl class=\"facts\">\n", out);
    write_environment(out, run_machine(run));
    for (size_t i = 0; i < sizeof planned / sizeof planned[0]; i++)
        write_fact(out, planned[i], json_object_get(run->manifest, planned[i]));
    fputs("</dl>", out);
}
