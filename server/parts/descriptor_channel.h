/* SPDX-License-Identifier: MIT */
/*
 * descriptor_channel.h: gives open descriptors to another process.
 *
 * A pair of UNIX sockets (socketpair(2)) made before the fork; a descriptor travels beside a byte
 * (SCM_RIGHTS) and arrives as another number for the same open file. Both processes may keep both
 * ends: what one has not taken out when it dies can be taken back by the other, so nothing that was
 * on its way is lost.
 */
#ifndef MUELLE_SERVER_PARTS_DESCRIPTOR_CHANNEL_H
#define MUELLE_SERVER_PARTS_DESCRIPTOR_CHANNEL_H

#include "common/compiler.h"

struct descriptor_channel {
    int giving_fd, taking_fd;
};

/* 0 or -errno. */
int descriptor_channel_open(struct descriptor_channel *channel) MUST_CHECK;
/* This process' ends; what is in the channel is closed when nobody has it open any more. */
void descriptor_channel_close(struct descriptor_channel *channel);

/* Puts a copy of `fd` into the channel, which is still the caller's to close. Does not block. 0 or
 * -errno: -EAGAIN when there are too many in it. */
int descriptor_channel_give(const struct descriptor_channel *channel, int fd) MUST_CHECK;

/* Waits for the next descriptor, which is the caller's then; it is closed on exec. -ECANCELED at
 * the end of the channel; -EMFILE: it came, but there was no room for it and it is lost. */
int descriptor_channel_take(const struct descriptor_channel *channel) MUST_CHECK;
/* The same without waiting: -EAGAIN when it is empty. */
int descriptor_channel_take_back(const struct descriptor_channel *channel) MUST_CHECK;

/* Nothing more will be given; who waits is told, after all that is in the channel. */
void descriptor_channel_end(const struct descriptor_channel *channel);

#endif
