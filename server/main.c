/* SPDX-License-Identifier: MIT */
/* muelle-server: one concurrency model behind one listening socket. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/descriptors.h"
#include "common/log.h"
#include "server/options.h"
#include "server/server.h"
#include "server/stop.h"

/* The line others wait for: scripts read the port from it. */
static void announce(const struct server *server)
{
    printf("listening %s model=%s protocol=%s pid=%d\n", server->address,
           server->config->model->name, server->protocol->name, (int)getpid());
    fflush(stdout);
}

static int serve(const struct server_options *options)
{
    const struct server_config *config = &options->config;
    struct server server;
    int failed;

    if (server_open(&server, config) < 0)
        return EXIT_FAILED;
    server.on_ready = announce;
    stop_on_signals(server.stop_fd);
    failed = config->model->run(&server);
    if (failed < 0)
        log_error("model %s: %s", config->model->name, strerror(-failed));
    if (options->counters_path) {
        int unwritten = counters_write(&server.counters, options->counters_path);

        if (unwritten < 0)
            log_error("--counters %s: %s", options->counters_path, strerror(-unwritten));
        failed = failed < 0 ? failed : unwritten;
    }
    server_close(&server);
    return failed < 0 ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct server_options options;
    const char *reason;

    log_program("muelle-server");
    server_options_parse(argc, argv, &options);
    if (options.config.model->probe && !options.config.model->probe(&reason)) {
        log_error("model %s is not available here: %s", options.config.model->name, reason);
        return EXIT_NOT_AVAILABLE;
    }
    descriptors_raise_limit();
    return serve(&options);
}
