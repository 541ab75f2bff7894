/* SPDX-License-Identifier: MIT */
/*
 * counters_json.c: counters as JSON, written with system calls alone.
 *
 * It runs in a signal handler, where neither a lock nor an allocation nor stdio may be used, and on
 * any stack: so numbers are made by hand and a small buffer is emptied as often as need be.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/counters.h"

struct output {
    int fd, failed; /* failed: 0 or -errno; sticky */
    size_t size;
    char buffer[1024];
};

static void flush(struct output *output)
{
    for (size_t done = 0; done < output->size && output->failed == 0;) {
        ssize_t written = write(output->fd, output->buffer + done, output->size - done);

        if (written >= 0)
            done += (size_t)written;
        else if (errno != EINTR)
            output->failed = -errno;
    }
    output->size = 0;
}

static void put_text(struct output *output, const char *text)
{
    for (; *text; text++) {
        if (output->size == sizeof output->buffer)
            flush(output);
        output->buffer[output->size++] = *text;
    }
}

static void put_number(struct output *output, uint64_t number)
{
    char text[24], *first = text + sizeof text - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put_text(output, first);
}

static void put_values(struct output *output, const uint64_t *values, const char *separator)
{
    uint64_t gone = values[COUNTER_REJECTS] + values[COUNTER_CLOSES];

    for (int i = 0; i < COUNTERS_COUNT; i++) {
        put_text(output, "\"");
        put_text(output, counter_names[i]);
        put_text(output, "\": ");
        put_number(output, values[i]);
        put_text(output, separator);
    }
    /* A worker that is given connections closes more than it accepts. */
    put_text(output, "\"live\": ");
    put_number(output, values[COUNTER_ACCEPTS] > gone ? values[COUNTER_ACCEPTS] - gone : 0);
}

static void put_rows(struct output *output, const struct counters_set *set)
{
    const char *separator = "\n";

    for (unsigned i = 1, count = atomic_load(&set->slots_count); i < count; i++) {
        const struct counters *row = &set->slots[i];
        const char *role = atomic_load_explicit(&row->role, memory_order_relaxed);
        uint64_t values[COUNTERS_COUNT];

        if (!role)
            continue;
        for (int k = 0; k < COUNTERS_COUNT; k++)
            values[k] = counters_get(row, (enum counter)k);
        put_text(output, separator);
        put_text(output, "    {\"role\": \"");
        put_text(output, role);
        put_text(output, "\", ");
        put_values(output, values, ", ");
        put_text(output, "}");
        separator = ",\n";
    }
}

static void put_set(struct output *output, const struct counters_set *set, const uint64_t *totals)
{
    put_text(output, "{\n  ");
    put_values(output, totals, ",\n  ");
    put_text(output, ",\n  \"workers\": [");
    put_rows(output, set);
    put_text(output, "\n  ]\n}\n");
    flush(output);
}

/* "path.partial"; false when that is too long for a name. */
static bool name_partial(const char *path, char partial[PATH_MAX])
{
    static const char SUFFIX[] = ".partial";
    size_t size = strlen(path);

    if (size + sizeof SUFFIX > PATH_MAX)
        return false;
    stpcpy(stpcpy(partial, path), SUFFIX);
    return true;
}

int counters_write(struct counters_set *set, const char *path)
{
    enum { TRIES = 1000 };
    char partial[PATH_MAX];
    uint64_t totals[COUNTERS_COUNT];
    struct output output = {0};
    struct stat status;
    bool is_special = stat(path, &status) == 0 && !S_ISREG(status.st_mode), summed = false;

    for (int i = 0; i < TRIES && !summed; i++)
        summed = counters_try_sum(set, totals);
    if (!summed)
        return -EAGAIN;
    if (!is_special && !name_partial(path, partial))
        return -ENAMETOOLONG;
    output.fd = is_special ? open(path, O_WRONLY | O_CLOEXEC)
                           : open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output.fd < 0)
        return -errno;
    put_set(&output, set, totals);
    if (close(output.fd) < 0 && output.failed == 0)
        output.failed = -errno;
    if (is_special)
        return output.failed;
    if (output.failed == 0 && rename(partial, path) < 0)
        output.failed = -errno;
    if (output.failed < 0)
        unlink(partial);
    return output.failed;
}
