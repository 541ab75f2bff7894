/* SPDX-License-Identifier: MIT */
/* The table of protocols: a new one is one file and one line here. */
#include "protocol/protocol.h"

#include <string.h>

#include "protocol/native.h"

const struct protocol *const protocols[] = {
    &protocol_native,
    NULL,
};

const struct protocol *protocol_find(const char *name)
{
    for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
        if (strcmp((*protocol)->name, name) == 0)
            return *protocol;
    }
    return NULL;
}
