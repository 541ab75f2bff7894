/* SPDX-License-Identifier: MIT */
#include "protocol/payload.h"

#include <errno.h>
#include <string.h>

ssize_t persona_encode(const struct persona *persona, struct space out)
{
    size_t size = persona->nombre.size;

    if (size > UINT32_MAX || out.size < PERSONA_FIXED_SIZE || out.size - PERSONA_FIXED_SIZE < size)
        return -ENOBUFS;
    u32_store(out.data, persona->dni);
    out.data[4] = persona->edad;
    u32_store(out.data + 5, persona->pasaporte);
    u32_store(out.data + 9, (uint32_t)size);
    if (size > 0)
        memmove(out.data + PERSONA_FIXED_SIZE, persona->nombre.data, size);
    return (ssize_t)(PERSONA_FIXED_SIZE + size);
}

int persona_decode(struct bytes payload, struct persona *persona)
{
    if (payload.size < PERSONA_FIXED_SIZE)
        return -EBADMSG;
    if (u32_load(payload.data + 9) != payload.size - PERSONA_FIXED_SIZE)
        return -EBADMSG;
    persona->dni = u32_load(payload.data);
    persona->edad = payload.data[4];
    persona->pasaporte = u32_load(payload.data + 5);
    persona->nombre = bytes_after(payload, PERSONA_FIXED_SIZE);
    if (persona->nombre.size > 0 && memchr(persona->nombre.data, '\0', persona->nombre.size))
        return -EBADMSG;
    return 0;
}

ssize_t work_encode(const struct work *work, struct space out)
{
    if (out.size < WORK_FIXED_SIZE)
        return -ENOBUFS;
    u32_store(out.data, work->cpu_us);
    u32_store(out.data + 4, work->block_us);
    u32_store(out.data + 8, work->reply_size);
    return WORK_FIXED_SIZE;
}

int work_decode(struct bytes payload, size_t reply_max, struct work *work)
{
    if (payload.size < WORK_FIXED_SIZE)
        return -EBADMSG;
    work->cpu_us = u32_load(payload.data);
    work->block_us = u32_load(payload.data + 4);
    work->reply_size = u32_load(payload.data + 8);
    if (work->cpu_us > WORK_TIME_MAX_US || work->block_us > WORK_TIME_MAX_US ||
        work->reply_size > reply_max)
        return -EBADMSG;
    return 0;
}

const char *error_text(uint32_t code)
{
    switch (code) {
    case ERROR_UNKNOWN_OPERATION:
        return "unknown operation";
    case ERROR_MALFORMED_PAYLOAD:
        return "malformed payload";
    case ERROR_MESSAGE_TOO_LARGE:
        return "message too large";
    case ERROR_BROKEN_FRAME:
        return "broken frame";
    case ERROR_OVERLOADED:
        return "overloaded";
    default:
        return "unknown error";
    }
}

ssize_t error_encode(const struct error *error, struct space out)
{
    size_t size = error->text.size;

    if (size > UINT32_MAX || out.size < ERROR_FIXED_SIZE || out.size - ERROR_FIXED_SIZE < size)
        return -ENOBUFS;
    u32_store(out.data, error->code);
    u32_store(out.data + 4, (uint32_t)size);
    if (size > 0)
        memmove(out.data + ERROR_FIXED_SIZE, error->text.data, size);
    return (ssize_t)(ERROR_FIXED_SIZE + size);
}

int error_decode(struct bytes payload, struct error *error)
{
    if (payload.size < ERROR_FIXED_SIZE)
        return -EBADMSG;
    if (u32_load(payload.data + 4) != payload.size - ERROR_FIXED_SIZE)
        return -EBADMSG;
    error->code = u32_load(payload.data);
    error->text = bytes_after(payload, ERROR_FIXED_SIZE);
    return 0;
}
