/* SPDX-License-Identifier: MIT */
#include "analysis/trial_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

int trial_file_read(const char *path, struct trial *trial, char *problem, size_t problem_size)
{
    const char *slash = strrchr(path, '/');
    char *text;
    size_t size;

    int error = file_read(path, TRIAL_FILE_SIZE_MAX, &text, &size);
    if (error) {
        snprintf(problem, problem_size, "%s", strerror(-error));
        return -1;
    }
    error = trial_parse(text, size, slash ? slash + 1 : path, trial, problem, problem_size);
    free(text);
    return error;
}
