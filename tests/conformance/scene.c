/* SPDX-License-Identifier: MIT */
#include "tests/conformance/scene.h"

#include <stddef.h>
#include <string.h>

#include "tests/conformance/check.h"

/* A model that is not listed serves as many as come. */
static const struct {
    const char *model;
    enum capacity capacity;
} LIMITED[] = {
    {"thread-pool", CAPACITY_WORKERS},
};

struct scene scene_of(const struct server_model *model, const struct protocol *protocol)
{
    struct scene scene = {model, protocol, CAPACITY_UNLIMITED};

    for (size_t i = 0; i < sizeof LIMITED / sizeof *LIMITED; i++) {
        if (strcmp(LIMITED[i].model, model->name) == 0)
            scene.capacity = LIMITED[i].capacity;
    }
    return scene;
}

struct server_config scene_config(const struct scene *scene)
{
    struct server_config config = SERVER_CONFIG_DEFAULT;

    config.model = scene->model;
    config.protocol = scene->protocol;
    config.port = 0;
    return config;
}

void scene_needs_clients(const struct scene *scene, unsigned clients)
{
    if (scene->capacity == CAPACITY_ONE && clients > 1)
        check_skip("this model serves one client at a time");
}
