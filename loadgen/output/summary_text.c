/* SPDX-License-Identifier: MIT */
#include "loadgen/output/summary_text.h"

#include <inttypes.h>
#include <string.h>

const char *summary_grouped(uint64_t number, char *text)
{
    char plain[SUMMARY_NUMBER_SIZE];
    int size = snprintf(plain, sizeof plain, "%" PRIu64, number), used = 0;

    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = plain[i];
    }
    text[used] = '\0';
    return text;
}

void summary_label(FILE *out, const char *label)
{
    fprintf(out, "  %-*s ", SUMMARY_LABEL_WIDTH, label);
}

void summary_wrapped(FILE *out, int column, const char *text)
{
    const int indent = column;

    for (const char *word = text; *word;) {
        size_t size = strcspn(word, " ");

        if (word != text && column + 1 + (int)size > SUMMARY_LINE_WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (word != text) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)size, word);
        column += (int)size;
        word += size;
        word += strspn(word, " ");
    }
    fprintf(out, "\n");
}

const char *summary_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void summary_note(FILE *out, const char *label, const char *text)
{
    summary_label(out, label);
    fprintf(out, "%s\n", text);
}
