/* SPDX-License-Identifier: MIT */
#include "loadgen/request.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/random.h"
#include "common/units.h"

enum { TAG_SIZE = 12, PAYLOAD_SIZE_MAX = 1 << 30, ERROR_REPLY_MAX = 1024 };

static const char PERSONA_NOMBRE[] = "Ada Lovelace";
enum { PERSONA_NOMBRE_SIZE = sizeof PERSONA_NOMBRE - 1 };

/* --- as the command line says it -------------------------------------------------------------- */

static int parse_microseconds(const char *text, uint32_t *time_us)
{
    uint64_t time_ns;

    if (duration_parse(text, &time_ns) < 0 || time_ns > WORK_TIME_MAX_US * NS_PER_US)
        return -EINVAL;
    *time_us = (uint32_t)(time_ns / NS_PER_US);
    return 0;
}

static int parse_size(const char *text, size_t *size)
{
    uint64_t value;

    if (size_parse(text, &value) < 0 || value > PAYLOAD_SIZE_MAX)
        return -EINVAL;
    *size = (size_t)value;
    return 0;
}

/* "cpu=100us,block=1ms,reply=64", in any order. */
static int parse_work(char *text, struct work *work)
{
    enum { CPU, BLOCK, REPLY };
    char *const names[] = {[CPU] = "cpu", [BLOCK] = "block", [REPLY] = "reply", NULL};
    size_t reply_size = 0;
    int failed = 0;

    while (*text != '\0' && failed == 0) {
        char *value = NULL;

        switch (getsubopt(&text, names, &value)) {
        case CPU:
            failed = value ? parse_microseconds(value, &work->cpu_us) : -EINVAL;
            break;
        case BLOCK:
            failed = value ? parse_microseconds(value, &work->block_us) : -EINVAL;
            break;
        case REPLY:
            failed = value ? parse_size(value, &reply_size) : -EINVAL;
            break;
        default:
            failed = -EINVAL;
        }
    }
    work->reply_size = (uint32_t)reply_size;
    return failed;
}

int request_kind_parse(const char *text, struct request_kind *kind)
{
    *kind = (struct request_kind){0};
    if (strcmp(text, "persona") == 0) {
        kind->operation = OPERATION_PERSONA;
        kind->size = PERSONA_FIXED_SIZE + PERSONA_NOMBRE_SIZE;
        return 0;
    }
    if (strncmp(text, "echo:", 5) == 0) {
        kind->operation = OPERATION_ECHO;
        return parse_size(text + 5, &kind->size);
    }
    if (strncmp(text, "work:", 5) == 0) {
        char *arguments = strdup(text + 5);
        int failed = arguments && *arguments ? parse_work(arguments, &kind->work) : -EINVAL;

        free(arguments);
        kind->operation = OPERATION_WORK;
        kind->size = WORK_FIXED_SIZE;
        return failed;
    }
    return -EINVAL;
}

size_t request_kind_reply_max(const struct request_kind *kind)
{
    size_t size = kind->operation == OPERATION_WORK ? kind->work.reply_size : kind->size;

    return size > ERROR_REPLY_MAX ? size : ERROR_REPLY_MAX;
}

/* --- payloads --------------------------------------------------------------------------------- */

int request_source_init(struct request_source *source, const struct request_kind *kind,
                        uint64_t seed)
{
    struct random random = random_seeded(seed);

    source->kind = *kind;
    source->payload = malloc(kind->size + 1); /* an echo of nothing has a payload, too */
    if (!source->payload)
        return -ENOMEM;
    for (size_t i = 0; i < kind->size; i++)
        source->payload[i] = (uint8_t)random_next(&random);
    if (kind->operation == OPERATION_WORK) {
        ssize_t size = work_encode(&kind->work, (struct space){source->payload, kind->size});

        assert(size == WORK_FIXED_SIZE);
    }
    return 0;
}

void request_source_release(struct request_source *source)
{
    free(source->payload);
}

/* Writes what distinguishes this request from all others into the payload. */
static struct bytes request_source_fill(struct request_source *source, uint32_t connection_id,
                                        uint64_t sequence)
{
    struct space space = {source->payload, source->kind.size};

    if (source->kind.operation == OPERATION_ECHO) {
        uint8_t tag[TAG_SIZE];

        u32_store(tag, connection_id);
        u64_store(tag + 4, sequence);
        memcpy(space.data, tag, space.size < TAG_SIZE ? space.size : TAG_SIZE);
    } else if (source->kind.operation == OPERATION_PERSONA) {
        struct persona persona = {.dni = connection_id,
                                  .edad = (uint8_t)(sequence % 100),
                                  .pasaporte = (uint32_t)sequence,
                                  .nombre = {(const uint8_t *)PERSONA_NOMBRE, PERSONA_NOMBRE_SIZE}};
        ssize_t size = persona_encode(&persona, space);

        assert(size == (ssize_t)space.size);
    }
    return (struct bytes){space.data, space.size};
}

struct message request_source_make(struct request_source *source, uint32_t connection_id,
                                   uint64_t sequence)
{
    return (struct message){source->kind.operation,
                            request_source_fill(source, connection_id, sequence)};
}

/* Its checksum depends on the server's machine; everything behind it is zero. */
static bool is_work_reply(const struct work *work, struct bytes payload)
{
    if (payload.size != work->reply_size)
        return false;
    for (size_t i = WORK_CHECKSUM_SIZE; i < payload.size; i++) {
        if (payload.data[i] != 0)
            return false;
    }
    return true;
}

bool request_source_verify(struct request_source *source, uint32_t connection_id, uint64_t sequence,
                           const struct message *reply)
{
    if (reply->operation != source->kind.operation)
        return false;
    if (reply->operation == OPERATION_WORK)
        return is_work_reply(&source->kind.work, reply->payload);

    struct bytes right = request_source_fill(source, connection_id, sequence);

    return reply->payload.size == right.size &&
           (right.size == 0 || memcmp(reply->payload.data, right.data, right.size) == 0);
}
