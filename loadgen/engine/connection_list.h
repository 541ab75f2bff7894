/* SPDX-License-Identifier: MIT */
/*
 * connection_list.h: connections in the order in which something happened to them, oldest first.
 */
#ifndef MUELLE_LOADGEN_CONNECTION_LIST_H
#define MUELLE_LOADGEN_CONNECTION_LIST_H

#include <stddef.h>

struct connection;
struct connection_list {
    struct connection *first, *last;
};

/* Within a connection: where it stands, in one list at a time. */
struct connection_place {
    struct connection_list *list; /* NULL: in none */
    struct connection *previous, *next;
};

/* It is in no list. */
void connection_list_append(struct connection_list *list, struct connection *connection);
/* Out of the list it is in, if it is in one. */
void connection_list_leave(struct connection *connection);

#endif
