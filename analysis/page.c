/* SPDX-License-Identifier: MIT */
#include "analysis/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/conditions.h"
#include "analysis/document.h"
#include "analysis/escape.h"
#include "analysis/palette.h"
#include "analysis/result.h"

/* The page stays below 3 MB: the drawings of a large run take about half of it. */
enum { RESULT_SIZE_MAX = 1 << 19, TRIALS_OPEN_MAX = 60 };

static void write_title(FILE *out, const struct page *page)
{
    escape_html(out, run_title(page->summary->run));
}

/* "2026-01-31 12:00 UTC" of "2026-01-31T12:00:00Z"; anything else as it is. */
static void write_date(FILE *out, const char *utc)
{
    if (strlen(utc) == 20 && utc[10] == 'T' && utc[19] == 'Z') {
        char text[32];

        snprintf(text, sizeof text, "%.10s %.5s UTC", utc, utc + 11);
        fprintf(out, "<time datetime=\"");
        escape_html(out, utc);
        fputs("\">", out);
        escape_html(out, text);
        fputs("</time>", out);
    } else {
        escape_html(out, utc);
    }
}

static void write_byline(FILE *out, const struct page *page)
{
    static const char *const facts[] = {"cpu", "kernel"};
    const struct run *run = page->summary->run;
    json_t *machine = run_machine(run);
    json_t *cores = json_object_get(machine, "cores");
    char text[NUMBER_TEXT_SIZE];

    fputs("Experiment ", out);
    escape_html(out, run_experiment(run));
    fputs(" · ", out);
    write_date(out, run_started_utc(run));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const char *fact = json_string_value(json_object_get(machine, facts[i]));

        if (!fact)
            continue;
        fputs(" · ", out);
        escape_html(out, fact);
        if (i == 0 && json_is_integer(cores))
            fprintf(out, ", %lld core%s", (long long)json_integer_value(cores),
                    json_integer_value(cores) == 1 ? "" : "s");
    }
    if (run->machine_count > 1)
        fprintf(out, " · %zu machines", run->machine_count);
    if (run->merged_count > 0)
        fprintf(out, " · %zu runs", run->merged_count);
    fprintf(out, " · %s trials", number_count_text(run->trial_count, text));
}

static void write_level(FILE *out, const struct page *page)
{
    static const char *const classes[] = {"trusted", "caution", "not-trusted"};

    fputs(classes[page->verdict->trust], out);
}

static void write_sentence(FILE *out, const struct page *page)
{
    escape_html(out, page->verdict->sentence);
}

static void write_reason(FILE *out, const struct page *page, const struct verdict_reason *reason)
{
    fputs("<li><span class=\"code\">", out);
    escape_html(out, reason->code);
    fputs("</span><span>", out);
    escape_html(out, reason->text);
    fputs("</span>", out);
    if (reason->trial_count > 0) {
        fprintf(out, "<span class=\"where\">%zu of %zu trials%s: ", reason->trial_count,
                page->summary->used_count, reason->texts_differ ? ", quoted is the first" : "");
        escape_html(out, reason->where);
        fputs("</span>", out);
    }
    fputs("</li>\n", out);
}

static void write_reasons(FILE *out, const struct page *page)
{
    const struct run *run = page->summary->run;

    if (page->verdict->reason_count + run->note_count == 0)
        return;
    fputs("<ul>\n", out);
    for (size_t i = 0; i < page->verdict->reason_count; i++)
        write_reason(out, page, &page->verdict->reasons[i]);
    for (size_t i = 0; i < run->note_count; i++) {
        fputs("<li><span>", out);
        escape_html(out, run->notes[i]);
        fputs("</span></li>\n", out);
    }
    fputs("</ul>", out);
}

static void write_conditions(FILE *out, const struct page *page)
{
    char text[CONDITIONS_TEXT_SIZE];

    escape_html(out, conditions_text(page->summary, text));
}

static void write_interval(FILE *out, const struct page *page)
{
    char text[NUMBER_TEXT_SIZE];

    fputs(summary_interval_text(page->summary, text), out);
}

static bool has_loop(const struct run *run, enum loop loop)
{
    for (size_t i = 0; i < run->trial_count; i++) {
        if (run->trials[i].loop == loop)
            return true;
    }
    return false;
}

/* What the loops of this run mean for its numbers. */
static void write_loops(FILE *out, const struct page *page)
{
    static const char *const texts[] = {
        [LOOP_CLOSED] =
            "<dt>Closed loop</dt>\n"
            "<dd>Each connection sends its next request when the reply to the last has come. While "
            "a server is stuck, nothing is sent, so a stall is felt by one request of each "
            "connection and not by all those that would have come meanwhile: tails of a closed "
            "loop are shorter than users would see. With no intended time to start from, response "
            "time equals service time: from the send to the whole reply.</dd>\n",
        [LOOP_THINK] =
            "<dt>Closed loop with think time</dt>\n"
            "<dd>Each connection sends its next request some time after the reply to the last has "
            "come: that instant is when it is due, and where its response time begins. While a "
            "server is stuck, nothing becomes due, so tails are shorter than users would "
            "see.</dd>\n",
        [LOOP_OPEN] =
            "<dt>Open loop</dt>\n"
            "<dd>Requests are due by a schedule, whatever was answered, as when independent users "
            "send them. Response time runs from the instant a request was due, service time from "
            "the instant it was sent; between the two lies what it waited for a free connection, "
            "or for the generator (send lag). A stall is felt by every request that becomes due "
            "meanwhile: response time shows it, service time hides it (coordinated omission). The "
            "replies a second are the offered load as long as the server keeps up.</dd>\n",
    };
    for (enum loop loop = LOOP_CLOSED; loop <= LOOP_OPEN; loop++) {
        if (has_loop(page->summary->run, loop))
            fputs(texts[loop], out);
    }
}

static void write_ranking(FILE *out, const struct page *page)
{
    const struct run *run = page->summary->run;

    if (has_loop(run, LOOP_CLOSED) || has_loop(run, LOOP_THINK))
        fputs("Within a level, models whose throughput intervals overlap share a "
              "rank (“1=”). ",
              out);
    if (has_loop(run, LOOP_OPEN))
        fputs("Models in an open loop are not ranked: the throughput of each is what was offered "
              "to it.",
              out);
}

static void write_colours(FILE *out, const struct page *page)
{
    fputs(":root {", out);
    for (size_t i = 0; i < page->summary->model_count; i++)
        fprintf(out, " --m%zu: #%06x;", i + 1,
                (unsigned)palette_style(page->summary->models[i]).light);
    fputs(" }\n@media screen and (prefers-color-scheme: dark) { :root {", out);
    for (size_t i = 0; i < page->summary->model_count; i++)
        fprintf(out, " --m%zu: #%06x;", i + 1,
                (unsigned)palette_style(page->summary->models[i]).dark);
    fputs(" } }", out);
}

static void write_css(FILE *out, const struct page *page)
{
    (void)page;
    fputs(asset_page_css, out);
}

static void write_js(FILE *out, const struct page *page)
{
    (void)page;
    fputs(asset_page_js, out);
}

static void write_result(FILE *out, const struct page *page)
{
    escape_script(out, page->result->text);
}

static void write_left_out(FILE *out, const struct page *page)
{
    if (*page->result->left_out)
        fprintf(out, ", %s: this run has more than a page has room for", page->result->left_out);
}

/* A long list is there for who asks. */
static void write_trials_open(FILE *out, const struct page *page)
{
    if (page->summary->run->trial_count <= TRIALS_OPEN_MAX)
        fputs(" open", out);
}

static const struct {
    const char *name;
    void (*write)(FILE *out, const struct page *page);
} slots[] = {
    {"title", write_title},
    {"byline", write_byline},
    {"level", write_level},
    {"sentence", write_sentence},
    {"reasons", write_reasons},
    {"conditions", write_conditions},
    {"interval", write_interval},
    {"loops", write_loops},
    {"ranking", write_ranking},
    {"colours", write_colours},
    {"css", write_css},
    {"js", write_js},
    {"result", write_result},
    {"left-out", write_left_out},
    {"summary", page_write_summary},
    {"legend", page_write_legend},
    {"findings", page_write_findings},
    {"why", page_write_why},
    {"series", page_write_series},
    {"figures", page_write_figures},
    {"machine", page_write_machine},
    {"trials", page_write_trials},
    {"trials-open", write_trials_open},
};

/* Copies the template; "{{name}}" is replaced by what its slot writes. What a slot writes is not
 * looked at again, so a label that says "{{js}}" stays one. */
static void write_page(FILE *out, const char *template, const struct page *page)
{
    const char *open;

    while ((open = strstr(template, "{{")) != NULL) {
        const char *name = open + 2;
        const char *close = strstr(name, "}}");
        size_t i = 0;

        fwrite(template, 1, (size_t)(open - template), out);
        while (i < sizeof slots / sizeof slots[0] &&
               (strlen(slots[i].name) != (size_t)(close - name) ||
                strncmp(slots[i].name, name, (size_t)(close - name)) != 0))
            i++;
        /* The template is a part of this program: a slot nobody fills is a mistake in it. */
        if (i < sizeof slots / sizeof slots[0])
            slots[i].write(out, page);
        template = close + 2;
    }
    fputs(template, out);
}

int page_save(const struct page *page, const char *folder)
{
    struct page whole = *page;
    struct document document;
    struct result result;

    int error = result_init(&result, page->summary, page->verdict, page->findings, RESULT_SIZE_MAX);
    if (!error)
        error = document_open(&document);
    if (!error) {
        whole.result = &result;
        write_page(document.out, asset_page_html, &whole);
        error = document_save(&document, folder, "index.html");
    }
    result_release(&result);
    return error;
}
