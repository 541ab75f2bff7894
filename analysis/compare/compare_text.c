/* SPDX-License-Identifier: MIT */
#include "analysis/compare/compare_text.h"

#include <string.h>

#include "analysis/escape.h"
#include "analysis/number.h"
#include "analysis/terminal.h"

char *compare_verdict_text(enum compared compared, const struct pair_metric *metric, char *text)
{
    const struct comparison *comparison = &metric->comparison;
    char number[NUMBER_TEXT_SIZE];
    const char *unit = comparison->is_interleaved ? "block" : "trial";

    if (metric->needs > 0) {
        snprintf(text, COMPARE_VERDICT_SIZE, "%s: a trial needs %.40s", metric->missing,
                 number_count_text(metric->needs, number));
    } else if (metric->missing) {
        snprintf(text, COMPARE_VERDICT_SIZE, "%s", metric->missing);
    } else if (comparison->verdict == COMPARISON_EQUIVALENT) {
        snprintf(text, COMPARE_VERDICT_SIZE, "equivalent within %.40s",
                 number_text(UNIT_SHARE, comparison->equivalence, number));
    } else if (comparison->verdict != COMPARISON_UNDECIDED) {
        bool is_cost = compared_is_cost(compared);
        bool is_better = comparison->verdict == COMPARISON_FASTER;

        snprintf(text, COMPARE_VERDICT_SIZE, "%s",
                 is_cost ? (is_better ? "cheaper" : "dearer")
                         : comparison_verdict_text(comparison->verdict));
    } else if (metric->is_noisy) {
        snprintf(text, COMPARE_VERDICT_SIZE, "undecided: noise of %.40s",
                 number_text(UNIT_SHARE, comparison->equivalence, number));
    } else if (comparison->needed >= COMPARISON_NEEDED_MAX) {
        snprintf(text, COMPARE_VERDICT_SIZE, "undecided: no number of %ss is enough", unit);
    } else if (comparison->needed > comparison->count) {
        size_t more = comparison->needed - comparison->count;

        snprintf(text, COMPARE_VERDICT_SIZE, "undecided: %.40s %s%s more",
                 number_count_text(more, number), unit, more == 1 ? "" : "s");
    } else {
        snprintf(text, COMPARE_VERDICT_SIZE, "undecided: requests timed out");
    }
    return text;
}

static enum terminal_style verdict_style(const struct pair_metric *metric)
{
    if (metric->missing)
        return TERMINAL_DIM;
    switch (metric->comparison.verdict) {
    case COMPARISON_FASTER:
        return TERMINAL_GOOD;
    case COMPARISON_SLOWER:
        return TERMINAL_BAD;
    case COMPARISON_EQUIVALENT:
        return TERMINAL_BOLD;
    case COMPARISON_UNDECIDED:
        break;
    }
    return TERMINAL_PLAIN;
}

static void add_value(struct terminal_table *table, enum compared compared,
                      const struct pair_metric *metric, size_t which)
{
    bool is_bound = which == CANDIDATE ? metric->ratio_at_least : metric->ratio_at_most;
    char number[NUMBER_TEXT_SIZE];
    char text[NUMBER_TEXT_SIZE];

    snprintf(text, sizeof text, "%s%.60s", is_bound ? ">" : "",
             number_text(metric_unit(compared_metric(compared)), metric->median[which], number));
    terminal_table_add(table, metric->missing ? "" : text, TERMINAL_PLAIN);
}

static void add_ratio(struct terminal_table *table, const struct pair_metric *metric)
{
    const struct comparison *comparison = &metric->comparison;
    const char *bound = metric->ratio_at_least ? ">" : "";
    char ratio[48] = "";
    char interval[64] = "";
    char p[24] = "";

    if (!metric->missing) {
        snprintf(ratio, sizeof ratio, "%s%.3f",
                 *bound                  ? bound
                 : metric->ratio_at_most ? "<"
                                         : "",
                 comparison->ratio);
        /* Without coverage it is a mere range, which shows nothing. */
        snprintf(interval, sizeof interval,
                 comparison->coverage > 0 ? "%.3f\xE2\x80\x93%.3f" : "(%.3f\xE2\x80\x93%.3f)",
                 comparison->low, comparison->high);
        snprintf(p, sizeof p, comparison->p_adjusted < 0.001 ? "<0.001" : "%.3f",
                 comparison->p_adjusted);
    }
    terminal_table_add(table, ratio, TERMINAL_PLAIN);
    terminal_table_add(table, interval, TERMINAL_PLAIN);
    terminal_table_add(table, p, TERMINAL_PLAIN);
}

static void add_names(struct terminal_table *table, const struct pair *pair, enum pair_names names)
{
    terminal_table_add(table, pair->level, TERMINAL_PLAIN);
    if (names != PAIR_NAMES_NONE)
        terminal_table_add(table, pair->models[BASELINE], TERMINAL_PLAIN);
    if (names == PAIR_NAMES_BOTH)
        terminal_table_add(table, pair->models[CANDIDATE], TERMINAL_PLAIN);
}

static void add_metric(struct terminal_table *table, const struct pair *pair,
                       enum compared compared, enum pair_names names)
{
    const struct pair_metric *metric = &pair->metrics[compared];
    char verdict[COMPARE_VERDICT_SIZE];

    add_names(table, pair, names);
    terminal_table_add(table, compared_name(compared), TERMINAL_PLAIN);
    add_value(table, compared, metric, BASELINE);
    add_value(table, compared, metric, CANDIDATE);
    add_ratio(table, metric);
    terminal_table_add(table, compare_verdict_text(compared, metric, verdict),
                       verdict_style(metric));
}

static void add_pair(struct terminal_table *table, const struct pair *pair, enum pair_names names)
{
    bool is_empty = pair->used[BASELINE] == 0 || pair->used[CANDIDATE] == 0;

    if (!is_empty) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++) {
            /* Nobody misses it who did not ask for one core. */
            if (c != COMPARED_CPU_RATIO || !pair->metrics[c].missing)
                add_metric(table, pair, c, names);
        }
        return;
    }
    /* All its metrics lack the same: once is enough. */
    add_names(table, pair, names);
    for (size_t i = 0; i < 6; i++)
        terminal_table_add(table, i == 0 ? "all" : "", TERMINAL_DIM);
    terminal_table_add(table, pair->metrics[0].missing, TERMINAL_DIM);
}

static void write_count(FILE *out, const struct pairs *pairs, enum comparison_verdict verdict,
                        const char *separator)
{
    size_t count = 0;

    for (size_t p = 0; p < pairs->count; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++)
            count += !pairs->list[p].metrics[c].missing &&
                     pairs->list[p].metrics[c].comparison.verdict == verdict;
    }
    fprintf(out, "%zu %s%s", count, comparison_verdict_text(verdict), separator);
}

/* "10 trials on each side", or how few and how many where there are any. */
static void write_sizes(FILE *out, const struct pairs *pairs)
{
    size_t fewest = SIZE_MAX;
    size_t most = 0;

    for (size_t i = 0; i < 2 * pairs->count; i++) {
        size_t used = pairs->list[i / 2].used[i % 2];

        fewest = used > 0 && used < fewest ? used : fewest;
        most = used > most ? used : most;
    }
    if (fewest == most)
        fprintf(out, "%zu trial%s on each side", most, most == 1 ? "" : "s");
    else
        fprintf(out, "%zu to %zu trials on a side", fewest, most);
}

static void write_heading(FILE *out, const struct pairs *pairs, bool colour)
{
    bool is_one = pairs_names(pairs) == PAIR_NAMES_NONE;

    for (size_t which = 0; which < 2; which++) {
        fputs(which == BASELINE ? "A  " : "B  ", out);
        escape_terminal(out, is_one ? pairs->list[0].models[which] : "");
        fputs(is_one ? "  " : "", out);
        terminal_write_line(out, pairs->sides[which]->path, TERMINAL_BOLD, colour);
    }
    fputs(pairs->is_interleaved ? "one campaign, paired by block; "
                                : "separate sessions, not interleaved: weaker; ",
          out);
    write_sizes(out, pairs);
    fputs("; medians, and B / A with its 95 % interval\n\n", out);
}

/* Chance alone makes some of many comparisons differ. */
static void write_chance(FILE *out, const struct pairs *pairs)
{
    size_t differences = 0;
    size_t doubtful = 0;

    for (size_t p = 0; p < pairs->count; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++) {
            const struct pair_metric *metric = &pairs->list[p].metrics[c];

            if (metric->missing || (metric->comparison.verdict != COMPARISON_FASTER &&
                                    metric->comparison.verdict != COMPARISON_SLOWER))
                continue;
            differences++;
            doubtful += metric->comparison.p_adjusted > 0.05;
        }
    }
    if (doubtful > 0)
        fprintf(out,
                "  %zu of the %zu differences would not stand if chance had tried each of the %zu "
                "comparisons (p by Holm above 0.05)\n",
                doubtful, differences, pairs_comparison_count(pairs));
}

static void write_counts(FILE *out, const struct pairs *pairs)
{
    write_count(out, pairs, COMPARISON_FASTER, ", ");
    write_count(out, pairs, COMPARISON_SLOWER, ", ");
    write_count(out, pairs, COMPARISON_EQUIVALENT, ", ");
    write_count(out, pairs, COMPARISON_UNDECIDED, "\n");
    write_chance(out, pairs);
}

int compare_write_table(FILE *out, const struct pairs *pairs, bool colour)
{
    static const char *const columns[] = {
        [PAIR_NAMES_BOTH] = "A,B,", [PAIR_NAMES_SHARED] = "model,", [PAIR_NAMES_NONE] = ""};
    enum pair_names names = pairs_names(pairs);
    struct terminal_table table;
    char headings[160];

    snprintf(headings, sizeof headings, ">%.30s,%smetric,>A,>B,>B / A,>interval,>p (Holm),verdict",
             pairs->varies, columns[names]);
    /* Commas separate headings. */
    for (char *comma = headings + 1; comma < headings + 1 + strnlen(pairs->varies, 30); comma++)
        *comma = *comma == ',' ? ' ' : *comma;
    write_heading(out, pairs, colour);
    terminal_table_init(&table, headings);
    for (size_t p = 0; p < pairs->count; p++)
        add_pair(&table, &pairs->list[p], names);
    int error = terminal_table_write(&table, out, colour);
    terminal_table_release(&table);
    fputc('\n', out);
    write_counts(out, pairs);
    for (size_t i = 0; i < pairs->notes->count; i++) {
        fputs("  ", out);
        terminal_write_line(out, pairs->notes->list[i], TERMINAL_PLAIN, colour);
    }
    return error;
}
