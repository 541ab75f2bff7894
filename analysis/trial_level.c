/* SPDX-License-Identifier: MIT */
#include "analysis/trial_level.h"

#include <stdio.h>

static const char *label(const struct trial *trial, const char *name)
{
    return json_string_value(json_object_get(json_object_get(trial->document, "labels"), name));
}

const char *trial_level_text(const struct trial *trial, char *text)
{
    const char *level = label(trial, "level");

    if (level && *level)
        snprintf(text, TRIAL_LEVEL_TEXT_SIZE, "%s", level);
    else
        snprintf(text, TRIAL_LEVEL_TEXT_SIZE, "%llu", (unsigned long long)trial->connections);
    return text;
}

const char *trial_level_varies(const struct trial *trial)
{
    const char *varies = label(trial, "varies");

    return varies && *varies ? varies : "connections";
}
