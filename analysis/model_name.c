/* SPDX-License-Identifier: MIT */
#include "analysis/model_name.h"

#include <stdio.h>
#include <string.h>

static const char SEPARATOR[] = " @ ";

struct model_name model_name_parse(const char *text)
{
    enum { SUFFIX = sizeof SEPARATOR }; /* its letter in the place of the NUL */
    struct model_name name = {.length = strlen(text)};
    const char *end = text + name.length;

    if (name.length > SUFFIX && strncmp(end - SUFFIX, SEPARATOR, SUFFIX - 1) == 0 &&
        end[-1] >= 'A' && end[-1] <= 'Z') {
        name.machine = (unsigned)(end[-1] - 'A') + 1;
        name.length -= SUFFIX;
    }
    name.is_again = name.length > 1 && text[name.length - 1] == '\'';
    name.length -= name.is_again;
    return name;
}

char machine_letter(unsigned machine)
{
    return (char)('A' + (int)machine - 1);
}

char *model_name_on_machine(const char *model, unsigned machine)
{
    char *name;

    if (asprintf(&name, "%s%s%c", model, SEPARATOR, machine_letter(machine)) < 0)
        return NULL;
    return name;
}
