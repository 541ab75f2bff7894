/* SPDX-License-Identifier: MIT */
#include "tests/truth/reply_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int reply_log_init(struct reply_log *log)
{
    *log = (struct reply_log){.replies = calloc(REPLY_LOG_MAX, sizeof *log->replies)};
    return log->replies ? 0 : -1;
}

void reply_log_add(struct reply_log *log, uint64_t arrived_ns, uint64_t left_ns)
{
    if (log->replies && log->count < REPLY_LOG_MAX)
        log->replies[log->count++] = (struct logged_reply){arrived_ns, left_ns - arrived_ns};
}

int reply_log_write(const struct reply_log *log, const char *path)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return -errno;
    for (size_t i = 0; i < log->count; i++)
        fprintf(file, "%" PRIu64 " %" PRIu64 "\n", log->replies[i].arrived_ns,
                log->replies[i].took_ns);
    int failed = ferror(file) ? -EIO : 0;

    if (fclose(file) != 0 && failed == 0)
        failed = -errno;
    return failed;
}

void reply_log_release(struct reply_log *log)
{
    free(log->replies);
    *log = (struct reply_log){0};
}
