/* SPDX-License-Identifier: MIT */
#include "analysis/counted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double requests_of_role(json_t *workers, const char *role)
{
    double sum = 0;
    json_t *worker;
    size_t i;

    json_array_foreach(workers, i, worker)
    {
        const char *other = json_string_value(json_object_get(worker, "role"));

        if (other && strcmp(other, role) == 0)
            sum += json_number_value(json_object_get(worker, "requests"));
    }
    return sum;
}

/* A model has a few roles; rows that alternate without end are not looked at for ever. */
enum { ROLES_LOOKED_AT_MAX = 32 };

/* Acceptors answer nothing by design, and the executors of a model that offloads only what blocks
 * do other work than its loop: only workers of one role are held against each other. */
static const char *find_busiest_role(json_t *workers)
{
    const char *checked = NULL; /* rows of a role mostly stand together */
    const char *best = NULL;
    size_t looked_at = 0;
    double most = 0;
    json_t *worker;
    size_t i;

    json_array_foreach(workers, i, worker)
    {
        const char *role = json_string_value(json_object_get(worker, "role"));

        if (!role || (checked && strcmp(role, checked) == 0))
            continue;
        if (looked_at++ == ROLES_LOOKED_AT_MAX)
            break;
        double sum = requests_of_role(workers, role);
        checked = role;
        if (sum > most) {
            best = role;
            most = sum;
        }
    }
    return best;
}

static int compare_descending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return a < b ? 1 : a > b ? -1 : 0;
}

static void read_workers(struct json_reader *reader, json_t *workers, struct counted *counted)
{
    const char *busiest = find_busiest_role(workers);
    json_t *worker;
    size_t i;

    if (!busiest)
        return;
    counted->worker_requests = calloc(json_array_size(workers), sizeof(double));
    if (!counted->worker_requests) {
        json_reader_fail(reader, "out of memory");
        return;
    }
    json_array_foreach(workers, i, worker)
    {
        const char *role = json_string_value(json_object_get(worker, "role"));

        if (role && strcmp(role, busiest) == 0)
            counted->worker_requests[counted->worker_count++] =
                (double)json_reader_count(reader, worker, "requests");
    }
    qsort(counted->worker_requests, counted->worker_count, sizeof(double), compare_descending);
}

/* Servers came to count more and more. */
static double count_or_nan(struct json_reader *reader, json_t *object, const char *name)
{
    return json_object_get(object, name) ? (double)json_reader_count(reader, object, name) : NAN;
}

void counted_read(struct json_reader *reader, json_t *object, struct counted *counted)
{
    if (!object || json_is_null(object))
        return;
    const char *where = reader->where;

    reader->where = "server.counters";
    counted->measured = true;
    counted->accepts = count_or_nan(reader, object, "accepts");
    counted->requests = count_or_nan(reader, object, "requests");
    counted->io_calls = count_or_nan(reader, object, "io_calls");
    counted->wakeups = count_or_nan(reader, object, "wakeups");
    counted->empty_wakeups = count_or_nan(reader, object, "empty_wakeups");
    counted->handoffs = count_or_nan(reader, object, "handoffs");
    counted->queue_max = count_or_nan(reader, object, "queue_max");
    if (json_object_get(object, "workers"))
        read_workers(reader, json_reader_array(reader, object, "workers"), counted);
    reader->where = where;
}

void counted_release(struct counted *counted)
{
    free(counted->worker_requests);
    *counted = (struct counted){0};
}

double counted_balance(const struct counted *counted)
{
    double sum = 0;
    double squares = 0;

    for (size_t i = 0; i < counted->worker_count; i++) {
        sum += counted->worker_requests[i];
        squares += counted->worker_requests[i] * counted->worker_requests[i];
    }
    return counted->worker_count > 1 && squares > 0
               ? sum * sum / ((double)counted->worker_count * squares)
               : NAN;
}
