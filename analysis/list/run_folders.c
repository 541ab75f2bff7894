/* SPDX-License-Identifier: MIT */
#include "analysis/list/run_folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/document.h"
#include "common/log.h"

enum { DEPTH_MAX = 3, FOLDERS_MAX = 10000 };

static bool is_folder(const char *path, bool follow)
{
    struct stat status;

    return (follow ? stat(path, &status) : lstat(path, &status)) == 0 && S_ISDIR(status.st_mode);
}

static bool is_run(const char *path)
{
    char *trials = path_join(path, "trials");
    bool found = trials && is_folder(trials, true);

    free(trials);
    return found;
}

/* Takes `path` over. */
static int add(struct run_folders *folders, char *path)
{
    char **paths = path && folders->count < FOLDERS_MAX
                       ? reallocarray(folders->paths, folders->count + 1, sizeof *paths)
                       : NULL;

    if (!paths) {
        free(path);
        return folders->count < FOLDERS_MAX ? -ENOMEM : -E2BIG;
    }
    folders->paths = paths;
    folders->paths[folders->count++] = path;
    return 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

/* Takes `path` over. */
static int find(struct run_folders *folders, char *path, unsigned depth)
{
    struct dirent **entries;

    if (is_run(path))
        return add(folders, path);
    int count = depth < DEPTH_MAX ? scandir(path, &entries, is_visible, by_name) : 0;
    int error = count < 0 ? -errno : 0;
    if (error)
        log_error("%s: %s", path, strerror(-error));
    for (int i = 0; i < count; i++) {
        char *inner = path_join(path, entries[i]->d_name);

        if (!error && inner && is_folder(inner, false))
            error = find(folders, inner, depth + 1);
        else
            free(inner);
        free(entries[i]);
    }
    if (count > 0 || (count == 0 && depth < DEPTH_MAX))
        free(entries);
    free(path);
    return error;
}

int run_folders_find(struct run_folders *folders, const char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    char *copy = strndup(path, length);
    return copy ? find(folders, copy, 0) : -ENOMEM;
}

void run_folders_release(struct run_folders *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        free(folders->paths[i]);
    free(folders->paths);
    *folders = (struct run_folders){0};
}
