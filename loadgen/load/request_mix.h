/* SPDX-License-Identifier: MIT */
/*
 * request_mix.h: which kinds of request are asked, and how often, as `--request` says it.
 *
 *     echo:64                             SIZE is any of loadgen/load/size_distribution.h
 *     echo:zipf(16,4096,1.1)
 *     persona
 *     work:cpu=100us,block=1ms,reply=64   each at most once, in any order
 *     99*echo:64,1*work:cpu=20ms          a mix: of 100 requests, 99 and 1 on average
 *
 * Each member of a mix is a class: it has a name, which is its text without the weight, and is
 * counted on its own. Between classes stands a comma; what follows a comma as `word=` is no class
 * but the next option of `work`. Only text and numbers: nothing here draws or sends.
 */
#ifndef MUELLE_LOADGEN_REQUEST_MIX_H
#define MUELLE_LOADGEN_REQUEST_MIX_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "loadgen/load/size_distribution.h"
#include "protocol/payload.h"
#include "protocol/protocol.h"

/* REQUEST_WEIGHT_MAX keeps the sum of all weights far from 64 bits. */
enum { REQUEST_CLASSES_MAX = 16, REQUEST_CLASS_NAME_SIZE = 64, REQUEST_WEIGHT_MAX = 1000000000 };

/* The name in every persona; it makes all of them one size. */
#define REQUEST_PERSONA_NOMBRE "Ada Lovelace"
enum { REQUEST_PERSONA_SIZE = PERSONA_FIXED_SIZE + sizeof REQUEST_PERSONA_NOMBRE - 1 };

struct request_kind {
    enum operation operation;
    struct size_distribution size; /* of the payload that is sent */
    struct work work;              /* with OPERATION_WORK */
};

struct request_class {
    char name[REQUEST_CLASS_NAME_SIZE]; /* its text without the weight: "echo:64" */
    uint64_t weight;                    /* of total_weight; 1 when none is written */
    struct request_kind kind;
};

/* Owns nothing; copied by assignment. */
struct request_mix {
    struct request_class classes[REQUEST_CLASSES_MAX];
    unsigned count; /* of classes, at least 1 */
    uint64_t total_weight;
};

/* One class or a mix of them. 0, or -EINVAL and in `*problem` a sentence (static) that says what is
 * wrong; `*mix` is then not to be used. No name is cut and none stands there twice. */
int request_mix_parse(const char *text, struct request_mix *mix, const char **problem) MUST_CHECK;

/* Bytes of the largest payload that is sent. */
size_t request_mix_size_max(const struct request_mix *mix);

/* Bytes of the largest payload a reply to any class can have, an error reply included. */
size_t request_mix_reply_max(const struct request_mix *mix);

/* The index of the class of that name, or -1. */
int request_mix_find(const struct request_mix *mix, const char *name) MUST_CHECK;

#endif
