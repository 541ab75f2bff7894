/* SPDX-License-Identifier: MIT */
#include "server/parts/lone_client.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "server/parts/processes.h"
#include "server/session.h"

/* On the stack, and of it only what a request touches: larger messages wait in memory of the
 * session's own. */
enum { SCRATCH_SIZE = 16 * 1024 };

enum { NOBODY = -1 };

/* There is one client in the process, and a handler is given nothing else. */
static atomic_int served_fd = NOBODY;
static atomic_int hang_ups;

static void hang_up(int fd)
{
    int times = atomic_load(&hang_ups);

    if (fd != NOBODY && times > 0)
        shutdown(fd, times == 1 ? SHUT_RD : SHUT_RDWR);
}

static void on_hang_up(int number)
{
    int saved_errno = errno;

    (void)number;
    atomic_fetch_add(&hang_ups, 1);
    hang_up(atomic_load(&served_fd));
    errno = saved_errno;
}

void lone_client_init(void)
{
    struct sigaction action = {.sa_handler = on_hang_up, .sa_flags = SA_RESTART};
    sigset_t obeyed;

    sigemptyset(&action.sa_mask);
    sigaction(PROCESS_HANG_UP_SIGNAL, &action, NULL);
    sigemptyset(&obeyed);
    sigaddset(&obeyed, PROCESS_HANG_UP_SIGNAL);
    sigprocmask(SIG_UNBLOCK, &obeyed, NULL);
}

void lone_client_serve(struct server *server, struct counters *counters, int fd)
{
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    struct session session;

    session_init(&session, server, counters,
                 (struct session_scratch){{input, sizeof input}, {output, sizeof output}}, true);
    atomic_store(&served_fd, fd);
    hang_up(fd); /* the signal may have come before this client */
    /* The socket blocks, so this returns when the client has left. */
    while (session_advance(&session, fd) != SESSION_CLOSE)
        counters_add(counters, COUNTER_WAKEUPS, 1);
    /* Before the number may belong to another socket. */
    atomic_store(&served_fd, NOBODY);
    session_end(&session, fd);
}
