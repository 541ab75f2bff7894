/* SPDX-License-Identifier: MIT */
#include "loadgen/load/request.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"

enum { TAG_SIZE = 12 };

/* The independent streams that are derived from the run's seed, far from those that are numbered
 * as the threads are. */
enum { STREAM_CLASS = 1 << 20, STREAM_SIZE, STREAM_FILLING };

/* Bytes of the largest echo; 0 when there is none. */
static size_t echo_size_max(const struct request_mix *mix)
{
    size_t size = 0;

    for (unsigned i = 0; i < mix->count; i++) {
        const struct request_kind *kind = &mix->classes[i].kind;

        if (kind->operation == OPERATION_ECHO && kind->size.max > size)
            size = kind->size.max;
    }
    return size;
}

int request_source_init(struct request_source *source, const struct request_mix *mix, uint64_t seed)
{
    struct random filling = random_seeded(random_mix(seed, STREAM_FILLING));
    size_t echo_size = echo_size_max(mix);

    assert(mix->count >= 1 && mix->count <= REQUEST_CLASSES_MAX);
    *source = (struct request_source){
        .mix = mix,
        .class_seed = random_mix(seed, STREAM_CLASS),
        .size_seed = random_mix(seed, STREAM_SIZE),
        .is_constant = mix->count == 1 && mix->classes[0].kind.size.kind == SIZE_FIXED,
        .echo_size = echo_size,
        .echo = malloc(echo_size + 1), /* an echo of nothing has a payload, too */
    };
    if (!source->echo)
        return -ENOMEM;
    for (size_t i = 0; i < echo_size; i++)
        source->echo[i] = (uint8_t)random_next(&filling);
    for (unsigned i = 0; i < mix->count; i++) {
        ssize_t size = work_encode(&mix->classes[i].kind.work,
                                   (struct space){source->work[i], WORK_FIXED_SIZE});

        assert(size == WORK_FIXED_SIZE);
    }
    return 0;
}

void request_source_release(struct request_source *source)
{
    free(source->echo);
}

/* --- which one -------------------------------------------------------------------------------- */

static unsigned choose_class(const struct request_source *source, uint64_t key)
{
    const struct request_mix *mix = source->mix;
    struct random random = random_seeded(random_mix(source->class_seed, key));
    uint64_t rest = random_below(&random, mix->total_weight);
    unsigned i = 0;

    while (rest >= mix->classes[i].weight) {
        rest -= mix->classes[i].weight;
        i++;
    }
    return i;
}

void request_source_choose(const struct request_source *source, uint64_t key,
                           struct request *request)
{
    if (source->is_constant) {
        request->class_index = 0;
        request->size = source->mix->classes[0].kind.size.min;
        return;
    }
    request_source_choose_of(source, choose_class(source, key), key, request);
}

void request_source_choose_of(const struct request_source *source, unsigned class_index,
                              uint64_t key, struct request *request)
{
    assert(class_index < source->mix->count);

    const struct size_distribution *size = &source->mix->classes[class_index].kind.size;
    struct random random = random_seeded(random_mix(source->size_seed, key));

    request->class_index = (uint8_t)class_index;
    request->size = size_distribution_draw(size, &random);
}

/* --- payloads --------------------------------------------------------------------------------- */

/* Writes what distinguishes this request from all others into its payload. */
static struct bytes request_source_fill(struct request_source *source,
                                        const struct request *request)
{
    if (source->mix->classes[request->class_index].kind.operation == OPERATION_ECHO) {
        uint8_t tag[TAG_SIZE];

        assert(request->size <= source->echo_size);
        u32_store(tag, request->connection_id);
        u64_store(tag + 4, request->sequence);
        memcpy(source->echo, tag, request->size < TAG_SIZE ? request->size : TAG_SIZE);
        return (struct bytes){source->echo, request->size};
    }
    if (source->mix->classes[request->class_index].kind.operation == OPERATION_PERSONA) {
        static const char nombre[] = REQUEST_PERSONA_NOMBRE;
        struct persona persona = {.dni = request->connection_id,
                                  .edad = (uint8_t)(request->sequence % 100),
                                  .pasaporte = (uint32_t)request->sequence,
                                  .nombre = {(const uint8_t *)nombre, sizeof nombre - 1}};
        ssize_t size =
            persona_encode(&persona, (struct space){source->persona, sizeof source->persona});

        assert(size == (ssize_t)sizeof source->persona);
        return (struct bytes){source->persona, sizeof source->persona};
    }
    return (struct bytes){source->work[request->class_index], WORK_FIXED_SIZE};
}

struct message request_source_make(struct request_source *source, const struct request *request)
{
    return (struct message){source->mix->classes[request->class_index].kind.operation,
                            request_source_fill(source, request)};
}

/* Its checksum depends on the server's machine; everything behind it is zero. */
static bool is_work_reply(const struct work *work, struct bytes payload)
{
    if (payload.size != work->reply_size)
        return false;
    if (payload.size <= WORK_CHECKSUM_SIZE)
        return true;

    const uint8_t *zeros = payload.data + WORK_CHECKSUM_SIZE;

    /* The first is zero and every one is what the next one is: memcmp(3) tells many bytes a cycle,
     * a loop of our own that ends at the first difference tells one. */
    return zeros[0] == 0 && memcmp(zeros, zeros + 1, payload.size - WORK_CHECKSUM_SIZE - 1) == 0;
}

bool request_source_verify(struct request_source *source, const struct request *request,
                           const struct message *reply)
{
    const struct request_kind *kind = &source->mix->classes[request->class_index].kind;

    if (reply->operation != kind->operation)
        return false;
    if (kind->operation == OPERATION_WORK)
        return is_work_reply(&kind->work, reply->payload);

    struct bytes right = request_source_fill(source, request);

    return reply->payload.size == right.size &&
           (right.size == 0 || memcmp(reply->payload.data, right.data, right.size) == 0);
}
