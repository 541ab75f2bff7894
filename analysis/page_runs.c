/* SPDX-License-Identifier: MIT */
/*
 * page_runs.c: of which runs a merged report was made.
 */
#include <string.h>

#include "analysis/escape.h"
#include "analysis/page.h"

static void write_text(FILE *out, const json_t *run, const char *name)
{
    const char *text = json_string_value(json_object_get(run, name));

    fputs("<td>", out);
    escape_html(out, text ? text : "\xE2\x80\x94");
    fputs("</td>", out);
}

/* "4–6"; "—" of trials without blocks. */
static void write_blocks(FILE *out, const json_t *run)
{
    const json_t *blocks = json_object_get(run, "blocks");
    json_int_t first = json_integer_value(json_array_get(blocks, 0));
    json_int_t last = json_integer_value(json_array_get(blocks, 1));

    fprintf(out, "<td class=\"n\" data-v=\"%lld\">", (long long)first);
    if (first == 0)
        fputs("\xE2\x80\x94", out);
    else if (first == last)
        fprintf(out, "%lld", (long long)first);
    else
        fprintf(out, "%lld\xE2\x80\x93%lld", (long long)first, (long long)last);
    fputs("</td>", out);
}

static void write_run(FILE *out, const json_t *run, bool has_machines)
{
    json_int_t trials = json_integer_value(json_object_get(run, "trials"));
    char text[NUMBER_TEXT_SIZE];

    fputs("<tr><th scope=\"row\">", out);
    escape_html(out, json_string_value(json_object_get(run, "name")));
    fputs("</th>", out);
    if (has_machines)
        write_text(out, run, "machine");
    write_blocks(out, run);
    fprintf(out, "<td class=\"n\" data-v=\"%lld\">%s</td>", (long long)trials,
            number_count_text((uint64_t)trials, text));
    write_text(out, run, "started_utc");
    write_text(out, run, "preset");
    write_text(out, run, "revision");
    fputs("</tr>\n", out);
}

void page_write_runs(FILE *out, const struct page *page)
{
    const struct run *merged = page->summary->run;
    bool has_machines = merged->machine_count > 1;
    json_t *run;
    size_t i;

    fprintf(out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The runs of this "
            "report\">\n<table class=\"sortable\">\n<thead><tr><th scope=\"col\"><span>Run</span>"
            "</th>%s<th scope=\"col\" class=\"n\"><span>Blocks</span></th><th scope=\"col\" "
            "class=\"n\"><span>Trials</span></th><th scope=\"col\"><span>Started</span></th><th "
            "scope=\"col\"><span>Preset</span></th><th scope=\"col\"><span>Revision</span></th>"
            "</tr></thead>\n<tbody>\n",
            has_machines ? "<th scope=\"col\"><span>Machine</span></th>" : "");
    json_array_foreach(json_object_get(merged->manifest, "runs"), i, run)
        write_run(out, run, has_machines);
    fputs("</tbody>\n</table>\n</div>\n", out);
}
