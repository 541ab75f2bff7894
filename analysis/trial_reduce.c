/* SPDX-License-Identifier: MIT */
#include "analysis/trial_reduce.h"

#include <string.h>

static bool is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* Takes out all members of the object but those of the list, which ends with NULL. */
static void keep(json_t *object, const char *const *names)
{
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, name, value)
    {
        if (!is_among(name, names))
            json_object_del(object, name);
    }
}

/* The name is `trial->light_class`, the histogram that of `trial->light`. */
static void reduce_classes(struct trial *trial)
{
    static const char *const of_the_light[] = {"name", "response", NULL};
    static const char *const histogram[] = {"histogram", NULL};
    json_t *classes = json_object_get(trial->document, "classes");

    for (size_t i = json_array_size(classes); i-- > 0;) {
        json_t *class = json_array_get(classes, i);

        /* By its address: that is what is borrowed. */
        if (json_string_value(json_object_get(class, "name")) != trial->light_class) {
            json_array_remove(classes, i);
            continue;
        }
        keep(class, of_the_light);
        keep(json_object_get(class, "response"), histogram);
    }
}

static void share_environment(struct trial *trial, const struct trial *like)
{
    json_t *others = like ? json_object_get(like->document, "environment") : NULL;

    if (others && json_equal(json_object_get(trial->document, "environment"), others))
        json_object_set(trial->document, "environment", others);
}

void trial_reduce(struct trial *trial, const struct trial *like)
{
    static const char *const members[] = {"labels",  "config",  "started_utc", "latency", "classes",
                                          "verdict", "machine", "environment", NULL};
    static const char *const histogram[] = {"histogram", NULL};
    static const char *const pinning[] = {"pinning", NULL};
    const char *name;
    json_t *latency;

    keep(trial->document, members);
    json_object_foreach(json_object_get(trial->document, "latency"), name, latency)
        keep(latency, histogram);
    reduce_classes(trial);
    keep(json_object_get(trial->document, "machine"), pinning);
    share_environment(trial, like);
    trial->is_reduced = true;
}
