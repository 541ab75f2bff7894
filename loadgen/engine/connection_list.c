/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/connection_list.h"

#include <assert.h>

#include "loadgen/engine/connection.h"

void connection_list_append(struct connection_list *list, struct connection *connection)
{
    struct connection_place *place = &connection->place;

    assert(!place->list);
    *place = (struct connection_place){.list = list, .previous = list->last};
    if (list->last)
        list->last->place.next = connection;
    else
        list->first = connection;
    list->last = connection;
}

void connection_list_leave(struct connection *connection)
{
    struct connection_place *place = &connection->place;

    if (!place->list)
        return;
    if (place->previous)
        place->previous->place.next = place->next;
    else
        place->list->first = place->next;
    if (place->next)
        place->next->place.previous = place->previous;
    else
        place->list->last = place->previous;
    place->list = NULL;
}
