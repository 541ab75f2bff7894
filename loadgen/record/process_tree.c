/* SPDX-License-Identifier: MIT */
#include "loadgen/record/process_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process {
    pid_t pid, parent;
    bool belongs;
};

struct processes {
    struct process *all;
    size_t count, capacity;
};

/* -1 when it has gone. */
static pid_t parent_of(int proc_fd, const char *pid)
{
    char path[64], text[512];
    int parent = -1;

    snprintf(path, sizeof path, "%.20s/stat", pid);
    int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    ssize_t size = read(fd, text, sizeof text - 1);

    close(fd);
    text[size > 0 ? size : 0] = '\0';
    /* The name, field 2, may contain anything, so what follows is looked for from the end of it. */
    const char *after_name = strrchr(text, ')');

    if (!after_name || sscanf(after_name + 2, "%*c %d", &parent) != 1)
        return -1;
    return parent;
}

static int add(struct processes *processes, struct process process)
{
    if (processes->count == processes->capacity) {
        size_t capacity = processes->capacity > 0 ? 2 * processes->capacity : 256;
        struct process *all = realloc(processes->all, capacity * sizeof *all);

        if (!all)
            return -ENOMEM;
        processes->all = all;
        processes->capacity = capacity;
    }
    processes->all[processes->count++] = process;
    return 0;
}

static int list_all(struct processes *processes)
{
    DIR *proc = opendir("/proc");
    int failed = 0;

    if (!proc)
        return -errno;
    for (struct dirent *entry; failed == 0 && (entry = readdir(proc)) != NULL;) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        pid_t parent = pid > 0 ? parent_of(dirfd(proc), entry->d_name) : -1;

        if (parent >= 0)
            failed = add(processes, (struct process){pid, parent, false});
    }
    closedir(proc);
    return failed;
}

static int by_pid(const void *a, const void *b)
{
    const struct process *one = a, *other = b;

    return (one->pid > other->pid) - (one->pid < other->pid);
}

static bool parent_belongs(const struct processes *processes, const struct process *process)
{
    const struct process key = {.pid = process->parent};
    const struct process *parent =
        bsearch(&key, processes->all, processes->count, sizeof key, by_pid);

    return parent && parent->belongs;
}

/* Marks who descends from those that are marked, until there are no more: as many rounds as the
 * tree is deep. Returns how many are marked. */
static size_t mark_descendants(struct processes *processes)
{
    size_t marked = 1;

    for (bool found = true; found;) {
        found = false;
        for (size_t i = 0; i < processes->count; i++) {
            struct process *process = &processes->all[i];

            if (process->belongs || !parent_belongs(processes, process))
                continue;
            process->belongs = found = true;
            marked++;
        }
    }
    return marked;
}

int process_tree_find(pid_t root, struct process_tree *tree)
{
    struct processes processes = {0};
    const struct process key = {.pid = root};
    struct process *found = NULL;
    int failed = list_all(&processes);

    *tree = (struct process_tree){0};
    if (failed == 0 && processes.count > 0) {
        qsort(processes.all, processes.count, sizeof *processes.all, by_pid);
        found = bsearch(&key, processes.all, processes.count, sizeof key, by_pid);
    }
    if (failed == 0 && !found)
        failed = -ESRCH;
    if (found) {
        found->belongs = true;
        tree->pids = calloc(mark_descendants(&processes), sizeof *tree->pids);
        failed = tree->pids ? 0 : -ENOMEM;
    }
    if (found && failed == 0) {
        tree->pids[tree->count++] = root;
        for (size_t i = 0; i < processes.count; i++) {
            if (processes.all[i].belongs && processes.all[i].pid != root)
                tree->pids[tree->count++] = processes.all[i].pid;
        }
    }
    free(processes.all);
    return failed;
}

void process_tree_release(struct process_tree *tree)
{
    free(tree->pids);
    *tree = (struct process_tree){0};
}
