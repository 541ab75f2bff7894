/* SPDX-License-Identifier: MIT */
/* muelle-server: one concurrency model behind one listening socket. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
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

/* For SIGUSR1, whose handler is given nothing else. */
static struct server *running;
static const char *counters_path;

/* The write takes no lock, but its file has one name: one signal at a time. */
static void on_counters_signal(int number)
{
    static atomic_flag writing = ATOMIC_FLAG_INIT;
    int saved_errno = errno;

    (void)number;
    if (!atomic_flag_test_and_set(&writing)) {
        int failed = counters_write(&running->counters, counters_path);

        atomic_flag_clear(&writing);
        /* Another thread was just leaving: once more, when it has had its turn. */
        if (failed == -EAGAIN)
            raise(SIGUSR1);
    }
    errno = saved_errno;
}

/* On a stack of its own: the thread that gets the signal may have a very small one. */
static void write_counters_on_signal(struct server *server, const char *path)
{
    static uint8_t stack[64 * 1024];
    const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = path ? on_counters_signal : SIG_IGN,
                               .sa_flags = SA_RESTART | SA_ONSTACK};

    running = server;
    counters_path = path;
    sigaltstack(&alternative, NULL);
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
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
    write_counters_on_signal(&server, options->counters_path);
    failed = config->model->run(&server);
    if (failed < 0)
        log_error("model %s: %s", config->model->name, strerror(-failed));
    signal(SIGUSR1, SIG_IGN);
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
