/* SPDX-License-Identifier: MIT */
/*
 * scene.h: a case, and what it is played with: one model and one protocol.
 */
#ifndef MUELLE_TESTS_CONFORMANCE_SCENE_H
#define MUELLE_TESTS_CONFORMANCE_SCENE_H

#include "server/model.h"
#include "server/server.h"

struct scene {
    const struct server_model *model;
    const struct protocol *protocol;
};

/* A case plays the clients, in a process of its own; it returns when everything was as it should
 * be (check.h). */
struct conformance_case {
    const char *name;
    void (*play)(const struct scene *scene);
};

/* One table a file, each with an empty entry at the end. */
extern const struct conformance_case cases_counters[], cases_frames[], cases_greeting[],
    cases_idle[], cases_limits[], cases_many[], cases_processes[], cases_slow[], cases_stop[];

struct scene scene_of(const struct server_model *model, const struct protocol *protocol);

/* The defaults, with the scene's model and protocol and a free port. */
struct server_config scene_config(const struct scene *scene);
/* There will be more clients at once than the few dozen most cases have. */
void scene_expects_clients(const struct scene *scene, struct server_config *config,
                           unsigned clients);

/* So many clients at once as are `wanted`, or as the model serves at once if that is only one. */
unsigned scene_clients(const struct scene *scene, unsigned wanted);

/* Skips the case when the model cannot serve so many at once with its default of workers. */
void scene_needs_clients(const struct scene *scene, unsigned clients);

/* Skips the case when the clients are not served in processes of the model's own. */
void scene_needs_processes(const struct scene *scene);
/* Skips the case when they are. */
void scene_needs_one_process(const struct scene *scene);

#endif
