/* SPDX-License-Identifier: MIT */
#include "analysis/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/log.h"

int document_open(struct document *document)
{
    *document = (struct document){0};
    document->out = open_memstream(&document->text, &document->size);
    return document->out ? 0 : -ENOMEM;
}

char *document_text(struct document *document)
{
    if (fclose(document->out) == 0)
        return document->text;
    free(document->text);
    return NULL;
}

int document_save(struct document *document, const char *folder, const char *name)
{
    char *text = document_text(document);
    char *path = path_join(folder, name);
    int error = text && path ? file_write(path, text, document->size) : -ENOMEM;

    if (error)
        log_error("%s/%s: %s", folder, name, strerror(-error));
    free(path);
    free(text);
    return error;
}

void document_discard(struct document *document)
{
    free(document_text(document));
}

char *path_join(const char *folder, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

int folder_create(const char *path)
{
    struct stat status;
    int error = mkdir(path, 0777) < 0 && errno != EEXIST ? errno : 0;

    if (!error && (stat(path, &status) < 0 || !S_ISDIR(status.st_mode)))
        error = ENOTDIR;
    if (error)
        log_error("%s: %s", path, strerror(error));
    return -error;
}
