/* SPDX-License-Identifier: MIT */
#include "tests/conformance/scene.h"

#include <stddef.h>
#include <string.h>

#include "tests/conformance/check.h"

/* A thread or a process for each client takes its time to start, more so under a sanitizer: as many
 * as most cases have clients, where the default is 200. */
enum { WORKERS = 40 };

struct scene scene_of(const struct server_model *model, const struct protocol *protocol)
{
    return (struct scene){model, protocol};
}

struct server_config scene_config(const struct scene *scene)
{
    struct server_config config = SERVER_CONFIG_DEFAULT;

    config.model = scene->model;
    config.protocol = scene->protocol;
    config.port = 0;
    if (scene->model->capacity == CAPACITY_WORKERS)
        config.workers = WORKERS;
    return config;
}

void scene_expects_clients(const struct scene *scene, struct server_config *config,
                           unsigned clients)
{
    if (scene->model->capacity == CAPACITY_WORKERS)
        config->workers = clients;
}

unsigned scene_clients(const struct scene *scene, unsigned wanted)
{
    return scene->model->capacity == CAPACITY_ONE ? 1 : wanted;
}

void scene_needs_clients(const struct scene *scene, unsigned clients)
{
    if (scene->model->capacity == CAPACITY_ONE && clients > 1)
        check_skip("this model serves one client at a time");
}

void scene_needs_processes(const struct scene *scene)
{
    if (!scene->model->forks)
        check_skip("this model has no processes of its own");
}

void scene_needs_one_process(const struct scene *scene)
{
    if (scene->model->forks)
        check_skip("each of this model's processes has a limit of its own");
}
