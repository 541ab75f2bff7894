/* SPDX-License-Identifier: MIT */
/* The table of models: a new one is one page in models/ and two lines here. */
#include "server/model.h"

#include <stddef.h>
#include <string.h>

extern const struct server_model model_coroutines;
extern const struct server_model model_epoll;
extern const struct server_model model_epoll_edge;
extern const struct server_model model_epoll_exclusive;
extern const struct server_model model_epoll_handoff;
extern const struct server_model model_epoll_herd;
extern const struct server_model model_epoll_offload;
extern const struct server_model model_epoll_pool;
extern const struct server_model model_epoll_reuseport;
extern const struct server_model model_epoll_reuseport_fork;
extern const struct server_model model_epoll_shared;
extern const struct server_model model_fork_per_client;
extern const struct server_model model_io_uring;
extern const struct server_model model_io_uring_multishot;
extern const struct server_model model_io_uring_reuseport;
extern const struct server_model model_iterative;
extern const struct server_model model_leader_follower;
extern const struct server_model model_libuv;
extern const struct server_model model_libuv_work;
extern const struct server_model model_null;
extern const struct server_model model_poll;
extern const struct server_model model_prefork;
extern const struct server_model model_prefork_fdpass;
extern const struct server_model model_prefork_locked;
extern const struct server_model model_prethreaded;
extern const struct server_model model_select;
extern const struct server_model model_staged;
extern const struct server_model model_thread_per_client;
extern const struct server_model model_thread_pool;

const struct server_model *const models[] = {
    &model_iterative,
    &model_fork_per_client,
    &model_prefork,
    &model_prefork_locked,
    &model_prefork_fdpass,
    &model_thread_per_client,
    &model_thread_pool,
    &model_prethreaded,
    &model_select,
    &model_poll,
    &model_epoll,
    &model_epoll_edge,
    &model_epoll_shared,
    &model_epoll_exclusive,
    &model_epoll_herd,
    &model_epoll_reuseport,
    &model_epoll_reuseport_fork,
    &model_epoll_handoff,
    &model_epoll_pool,
    &model_epoll_offload,
    &model_leader_follower,
    &model_staged,
    &model_coroutines,
    &model_libuv,
    &model_libuv_work,
    &model_io_uring,
    &model_io_uring_multishot,
    &model_io_uring_reuseport,
    &model_null,
    NULL,
};

const struct server_model *model_find(const char *name)
{
    for (const struct server_model *const *model = models; *model; model++) {
        if (strcmp((*model)->name, name) == 0)
            return *model;
    }
    return NULL;
}
