/* SPDX-License-Identifier: MIT */
#include "analysis/trial_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* The whole file, unpacked if it is packed; zlib tells by itself. NUL-terminated, freed by the
 * caller. 0, -EFBIG, -ENOMEM, -EBADMSG for a damaged one, or -errno. */
static int read_unpacked(const char *path, size_t size_max, char **data, size_t *size)
{
    enum { CHUNK = 1 << 16 };
    size_t capacity = CHUNK;
    char *text = NULL;
    int count = 0, failed = 0;
    gzFile file = gzopen(path, "rb");

    if (!file)
        return errno ? -errno : -ENOMEM;
    *size = 0;
    do {
        char *grown = realloc(text, capacity + 1);

        if (!grown) {
            failed = -ENOMEM;
            break;
        }
        text = grown;
        errno = 0;
        count = gzread(file, text + *size, (unsigned)(capacity - *size));
        if (count > 0)
            *size += (size_t)count;
        if (*size == capacity)
            capacity *= 2;
    } while (count > 0 && *size <= size_max);
    if (!failed && *size > size_max)
        failed = -EFBIG;
    else if (!failed && count < 0)
        failed = errno ? -errno : -EBADMSG;
    /* A file that ends in the middle is known only here. */
    if (gzclose(file) != Z_OK && !failed)
        failed = -EBADMSG;
    if (failed) {
        free(text);
        return failed;
    }
    text[*size] = '\0';
    *data = text;
    return 0;
}

bool trial_file_is_named(const char *name)
{
    static const char *const endings[] = {".json", ".json.gz"};
    size_t length = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);

        if (name[0] != '.' && length > size && strcmp(name + length - size, endings[i]) == 0)
            return true;
    }
    return false;
}

int trial_file_read(const char *path, struct trial *trial, char *problem, size_t problem_size)
{
    const char *slash = strrchr(path, '/');
    char *text = NULL;
    size_t size = 0;

    int error = read_unpacked(path, TRIAL_FILE_SIZE_MAX, &text, &size);
    if (error) {
        snprintf(problem, problem_size, "%s", strerror(-error));
        return -1;
    }
    error = trial_parse(text, size, slash ? slash + 1 : path, trial, problem, problem_size);
    free(text);
    return error;
}
