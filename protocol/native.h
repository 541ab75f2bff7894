/* SPDX-License-Identifier: MIT */
/*
 * native.h: the wire of the two UTN FRBA guides (sockets, serialization), little-endian.
 *
 *     greeting   u32 1                    client -> server
 *     welcome    u32 0 | u32 0xFFFFFFFF   server -> client: OK | ERROR, then close
 *     frame      u8 operation · u32 size · size bytes of payload   both directions
 *
 * docs/wire.md describes it for somebody who writes another client.
 */
#ifndef MUELLE_PROTOCOL_NATIVE_H
#define MUELLE_PROTOCOL_NATIVE_H

#include "protocol/protocol.h"

enum { NATIVE_HEADER_SIZE = 5, NATIVE_GREETING_SIZE = 4, NATIVE_WELCOME_SIZE = 4 };

extern const struct protocol protocol_native;

#endif
