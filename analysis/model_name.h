/* SPDX-License-Identifier: MIT */
/*
 * model_name.h: what the name of a model says beside the model.
 *
 * "epoll" is a model; "epoll'" is that model once more, since a campaign measures its first
 * configuration twice a block; "epoll @ B" is what the second machine of a merged report did. The
 * name is one text, so that tables and charts need no further column for it. Pure.
 */
#ifndef MUELLE_ANALYSIS_MODEL_NAME_H
#define MUELLE_ANALYSIS_MODEL_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Machines are named by letters: the name with one has to fit beside a row of a chart. */
enum { MACHINES_MAX = 26 };

struct model_name {
    size_t length; /* of the model alone, from the start of the text */
    bool is_again;
    unsigned machine; /* from 1; 0: the name says none */
};

struct model_name model_name_parse(const char *text);

/* 1 → 'A'. */
char machine_letter(unsigned machine);

/* "epoll @ B" of "epoll" and 2; freed by the caller, NULL without memory. */
char *model_name_on_machine(const char *model, unsigned machine);

#endif
