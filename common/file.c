/* SPDX-License-Identifier: MIT */
/*
 * file.c: a new file is written whole under a name of its own, then takes the place of the old one.
 *
 * /dev/stdout and its kin need care: they are links, by way of /proc, to whatever file the shell
 * has opened, and renaming onto them would replace the link in /dev or the file under the shell's
 * feet. They name a descriptor, so it is the descriptor that is written. Any other link stays a
 * link: what it points to is replaced.
 */
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* Names of the same process in the same folder: of its threads, and of killed forerunners that
     * had its id. */
    TEMPORARY_NAMES_MAX = 100,
    /* ".muelle-", the 20 characters of a long, '-', two digits, ".tmp" and a NUL are 36. */
    TEMPORARY_NAME_SIZE = 48,
    READ_SIZE_FIRST = 4096,
};

/* The descriptor that `path` is a name of, or -1. */
static int path_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t length = strlen(folders[i]);
        const char *digits = path + length;
        size_t digit_count;

        if (strncmp(path, folders[i], length) != 0)
            continue;
        digit_count = strspn(digits, "0123456789");
        if (digit_count > 0 && digit_count < 9 && digits[digit_count] == '\0')
            return (int)strtol(digits, NULL, 10);
    }
    return -1;
}

/* The name that is replaced when `path` is written: `path` itself, or where a link leads. The
 * caller frees *target. */
static int path_target(const char *path, char **target)
{
    *target = realpath(path, NULL);
    if (!*target && errno == ENOENT)
        *target = strdup(path);
    return *target ? 0 : -errno;
}

static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (int)(slash + 1 - path) : 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

static int write_special(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return -errno;
    int error = write_all(fd, data, size);
    if (close(fd) < 0 && !error)
        error = -errno;
    return error;
}

/* Creates an empty file in the folder of `path` and says its name. A descriptor or -errno. */
static int temporary_open(const char *path, char *name, size_t name_size)
{
    for (unsigned i = 0; i < TEMPORARY_NAMES_MAX; i++) {
        snprintf(name, name_size, "%.*s.muelle-%ld-%u.tmp", folder_length(path), path,
                 (long)getpid(), i);
        /* Not mkstemp(3): its files are for their owner alone, whatever the umask. */
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/* `old` is what is replaced, or NULL. */
static int replace(const char *path, const struct stat *old, const void *data, size_t size)
{
    size_t name_size = (size_t)folder_length(path) + TEMPORARY_NAME_SIZE;
    char *name = malloc(name_size);

    if (!name)
        return -ENOMEM;
    int error = 0;
    int fd = temporary_open(path, name, name_size);
    if (fd < 0) {
        error = fd;
        goto free_name;
    }
    /* A private file stays private. */
    if (old && fchmod(fd, old->st_mode & 0777) < 0)
        error = -errno;
    if (!error)
        error = write_all(fd, data, size);
    /* Before the rename: a crash could otherwise leave the new name on an empty file. */
    if (!error && fsync(fd) < 0)
        error = -errno;
    if (close(fd) < 0 && !error)
        error = -errno;
    if (!error && rename(name, path) < 0)
        error = -errno;
    if (error)
        unlink(name);
free_name:
    free(name);
    return error;
}

int file_write(const char *path, const void *data, size_t size)
{
    int fd = path_descriptor(path);
    struct stat status;
    char *target;

    if (fd >= 0)
        return write_all(fd, data, size);
    bool exists = stat(path, &status) == 0;
    if (!exists && errno != ENOENT)
        return -errno;
    if (exists && S_ISDIR(status.st_mode))
        return -EISDIR;
    if (exists && !S_ISREG(status.st_mode))
        return write_special(path, data, size);

    int error = path_target(path, &target);
    if (error)
        return error;
    error = replace(target, exists ? &status : NULL, data, size);
    free(target);
    return error;
}

static int check_access(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0 ? -errno : 0;
}

/* Whether a name can be added to the folder that `path` is in. */
static int check_folder_writable(const char *path)
{
    int length = folder_length(path);
    char *folder = length > 0 ? strndup(path, (size_t)length) : strdup(".");

    if (!folder)
        return -ENOMEM;
    int error = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
    free(folder);
    return error;
}

int file_check_writable(const char *path)
{
    int fd = path_descriptor(path);
    struct stat status;
    char *target;

    if (fd >= 0) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0)
            return -errno;
        return (flags & O_ACCMODE) == O_RDONLY ? -EBADF : 0;
    }
    bool exists = stat(path, &status) == 0;
    if (!exists && (errno != ENOENT || *path == '\0'))
        return -errno;
    if (exists && S_ISDIR(status.st_mode))
        return -EISDIR;
    if (exists && !S_ISREG(status.st_mode))
        return check_access(path);

    int error = path_target(path, &target);
    if (error)
        return error;
    error = check_folder_writable(target);
    free(target);
    return error;
}

/* Doubles *data, up to `capacity_max`. */
static int grow(char **data, size_t *capacity, size_t capacity_max)
{
    size_t wanted = *capacity == 0 ? READ_SIZE_FIRST : 2 * *capacity;

    if (wanted > capacity_max)
        wanted = capacity_max;
    char *grown = realloc(*data, wanted);
    if (!grown)
        return -ENOMEM;
    *data = grown;
    *capacity = wanted;
    return 0;
}

/* Reads `fd` to its end; *data is the caller's to free, after an error too. */
static int read_all(int fd, size_t size_max, char **data, size_t *size)
{
    /* One more than is allowed, to see whether there is more, and for the NUL if there is not. */
    size_t capacity_max = size_max < SIZE_MAX ? size_max + 1 : SIZE_MAX;
    size_t capacity = 0;

    while (*size <= size_max) {
        int error = *size == capacity ? grow(data, &capacity, capacity_max) : 0;

        if (error)
            return error;
        ssize_t count = read(fd, *data + *size, capacity - *size);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count == 0) {
            (*data)[*size] = '\0';
            return 0;
        }
        if (count > 0)
            *size += (size_t)count;
    }
    return -EFBIG;
}

int file_read(const char *path, size_t size_max, char **data, size_t *size)
{
    char *contents = NULL;
    size_t contents_size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int error = read_all(fd, size_max, &contents, &contents_size);
    close(fd);
    if (error) {
        free(contents);
        return error;
    }
    *data = contents;
    *size = contents_size;
    return 0;
}
