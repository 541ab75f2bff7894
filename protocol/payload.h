/* SPDX-License-Identifier: MIT */
/*
 * payload.h: what stands inside a message: the serialized records of the operations.
 *
 * Pure, as the protocols are. Encoders return bytes made or -ENOBUFS; decoders take the whole
 * payload and return 0, or -EBADMSG when it is not exactly one well-formed record.
 */
#ifndef MUELLE_PROTOCOL_PAYLOAD_H
#define MUELLE_PROTOCOL_PAYLOAD_H

#include <stdint.h>
#include <sys/types.h>

#include "common/bytes.h"
#include "common/compiler.h"

/* The record of the serialization guide; the field names are the guide's own.
 *     u32 dni · u8 edad · u32 pasaporte · u32 nombre_length · nombre
 * `nombre` is not NUL-terminated and must be valid: no NUL inside. */
struct persona {
    uint32_t dni;
    uint8_t edad;
    uint32_t pasaporte;
    struct bytes nombre;
};
enum { PERSONA_FIXED_SIZE = 13 };

ssize_t persona_encode(const struct persona *persona, struct space out) MUST_CHECK;
int persona_decode(struct bytes payload, struct persona *persona) MUST_CHECK;

/* What makes models differ: u32 cpu_us · u32 block_us · u32 reply_size · padding.
 * A request longer than WORK_TIME_MAX_US, or one that asks for more than `reply_max` bytes, is
 * malformed: nobody may occupy a server for an hour with twelve bytes. */
struct work {
    uint32_t cpu_us;     /* CPU burnt, in microseconds of this machine's calibrated loop */
    uint32_t block_us;   /* then the thread sleeps in a blocking call this long */
    uint32_t reply_size; /* then it answers with so many bytes: u64 checksum, then zeros */
};
enum { WORK_FIXED_SIZE = 12, WORK_CHECKSUM_SIZE = 8, WORK_TIME_MAX_US = 60000000 };

ssize_t work_encode(const struct work *work, struct space out) MUST_CHECK;
int work_decode(struct bytes payload, size_t reply_max, struct work *work) MUST_CHECK;

/* The payload of an OPERATION_ERROR reply: u32 code · u32 length · text. */
enum error_code {
    ERROR_UNKNOWN_OPERATION = 1, /* the connection stays open */
    ERROR_MALFORMED_PAYLOAD = 2, /* the connection stays open */
    ERROR_MESSAGE_TOO_LARGE = 3, /* the connection is closed: the frames are lost */
    ERROR_BROKEN_FRAME = 4,      /* likewise */
    ERROR_OVERLOADED = 5,        /* not executed; the connection stays open */
};
struct error {
    uint32_t code;
    struct bytes text;
};
enum { ERROR_FIXED_SIZE = 8 };

/* One English sentence for a code; never NULL. */
const char *error_text(uint32_t code);
ssize_t error_encode(const struct error *error, struct space out) MUST_CHECK;
int error_decode(struct bytes payload, struct error *error) MUST_CHECK;

#endif
