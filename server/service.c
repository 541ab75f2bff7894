/* SPDX-License-Identifier: MIT */
#include "server/service.h"

#include <assert.h>
#include <string.h>

#include "common/clock.h"
#include "protocol/payload.h"
#include "server/stop.h"

/* One step of a 64-bit linear congruential generator (Knuth's MMIX constants): each needs the
 * result of the one before, so neither a compiler nor a processor can take a short cut. */
static uint64_t burn_steps(uint64_t state, uint64_t steps)
{
    for (uint64_t i = 0; i < steps; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        __asm__ volatile("" : "+r"(state));
    }
    return state;
}

/* The fastest of several short rounds: whatever disturbs a round makes it slower, never faster. One
 * takes some 30 us, a thousand times what it takes to read the clock. */
static double calibrate_steps_per_us(void)
{
    enum { ROUNDS = 20, STEPS = 20000 };
    uint64_t best_ns = UINT64_MAX, state = 1;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start_ns = clock_now_ns();

        state = burn_steps(state, STEPS);
        uint64_t taken_ns = clock_now_ns() - start_ns;

        if (taken_ns < best_ns)
            best_ns = taken_ns;
    }
    return (double)STEPS / ((double)best_ns / (double)NS_PER_US);
}

void service_init(struct service *service, const struct protocol *protocol, size_t payload_max,
                  int stop_fd)
{
    service->protocol = protocol;
    service->payload_max = payload_max;
    service->stop_fd = stop_fd;
    service->steps_per_us = calibrate_steps_per_us();
}

/* In slices of a millisecond, so that a stop does not wait for a minute of burning. Asked before
 * the first slice already: thousands of requests may have arrived when the stop comes, and a little
 * of each would add up. Those so short that asking would cost a hundredth of them are let through.
 */
static uint64_t burn(const struct service *service, uint32_t cpu_us)
{
    enum { SLICE_US = 1000, UNASKED_US = 50 };
    uint64_t state = cpu_us;

    while (cpu_us > 0) {
        uint32_t slice_us = cpu_us < SLICE_US ? cpu_us : SLICE_US;

        if (slice_us > UNASKED_US && stop_is_requested(service->stop_fd))
            break;
        state = burn_steps(state, (uint64_t)(slice_us * service->steps_per_us));
        cpu_us -= slice_us;
    }
    return state;
}

static size_t reply_size_max(const struct service *service, size_t payload_size)
{
    size_t size = service->protocol->message_overhead + payload_size;

    /* Whatever the request turns out to be, there is room to say what is wrong with it. */
    return size > SERVICE_ERROR_SIZE_MAX ? size : SERVICE_ERROR_SIZE_MAX;
}

size_t service_reply_size_max(const struct service *service, const struct message *request)
{
    struct work work;

    if (request->operation == OPERATION_WORK &&
        work_decode(request->payload, service->payload_max, &work) == 0)
        return reply_size_max(service, work.reply_size);
    return reply_size_max(service, request->payload.size);
}

bool service_blocks(const struct service *service, const struct message *request)
{
    struct work work;

    return request->operation == OPERATION_WORK &&
           work_decode(request->payload, service->payload_max, &work) == 0 && work.block_us > 0;
}

static size_t encode_reply(const struct service *service, unsigned operation, struct bytes payload,
                           struct space out)
{
    struct message reply = {operation, payload};
    ssize_t size = service->protocol->encode_reply(&reply, out);

    assert(size > 0); /* service_reply_size_max() promised the space */
    return (size_t)size;
}

size_t service_error(const struct service *service, uint32_t code, struct space out)
{
    const char *text = error_text(code);
    struct error error = {code, {(const uint8_t *)text, strlen(text)}};
    uint8_t payload[SERVICE_ERROR_SIZE_MAX];
    ssize_t size = error_encode(&error, (struct space){payload, sizeof payload});

    assert(size > 0);
    return encode_reply(service, OPERATION_ERROR, (struct bytes){payload, (size_t)size}, out);
}

/* Where a payload has to stand in `out` for the encoder to leave it in place. */
static struct space payload_space(const struct service *service, struct space out)
{
    return space_after(out, service->protocol->message_overhead);
}

static size_t execute_persona(const struct service *service, const struct message *request,
                              struct space out, bool *is_error)
{
    struct space place = payload_space(service, out);
    struct persona persona;

    if (persona_decode(request->payload, &persona) < 0) {
        *is_error = true;
        return service_error(service, ERROR_MALFORMED_PAYLOAD, out);
    }
    ssize_t size = persona_encode(&persona, place);

    assert(size > 0);
    return encode_reply(service, OPERATION_PERSONA, (struct bytes){place.data, (size_t)size}, out);
}

static size_t execute_work(const struct service *service, const struct message *request,
                           struct space out, bool *is_error)
{
    struct space place = payload_space(service, out);
    struct work work;

    if (work_decode(request->payload, service->payload_max, &work) < 0) {
        *is_error = true;
        return service_error(service, ERROR_MALFORMED_PAYLOAD, out);
    }
    uint8_t checksum[WORK_CHECKSUM_SIZE];
    size_t checksum_size =
        work.reply_size < WORK_CHECKSUM_SIZE ? work.reply_size : WORK_CHECKSUM_SIZE;

    u64_store(checksum, burn(service, work.cpu_us));
    if (work.block_us > 0)
        stop_wait(service->stop_fd, work.block_us * NS_PER_US);
    memcpy(place.data, checksum, checksum_size);
    memset(place.data + checksum_size, 0, work.reply_size - checksum_size);
    return encode_reply(service, OPERATION_WORK, (struct bytes){place.data, work.reply_size}, out);
}

size_t service_execute(const struct service *service, const struct message *request,
                       struct space out, bool *is_error)
{
    *is_error = false;
    switch (request->operation) {
    case OPERATION_ECHO:
        return encode_reply(service, OPERATION_ECHO, request->payload, out);
    case OPERATION_PERSONA:
        return execute_persona(service, request, out, is_error);
    case OPERATION_WORK:
        return execute_work(service, request, out, is_error);
    default:
        *is_error = true;
        return service_error(service, ERROR_UNKNOWN_OPERATION, out);
    }
}
