/* SPDX-License-Identifier: MIT */
#include "analysis/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/escape.h"
#include "common/clock.h"

enum {
    STDERR_KEPT = 4096,    /* the first complaints are the ones that matter */
    EXIT_NO_PROGRAM = 127, /* as a shell says it */
};

/* In the child: becomes gnuplot, or leaves with EXIT_NO_PROGRAM. */
static void become_gnuplot(const char *folder, const char *script, int stderr_fd)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    /* A group of its own, so that what it starts can be killed with it; and not to outlive us. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("LC_ALL", "C", 1);
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(nothing, STDOUT_FILENO) >= 0 &&
        dup2(stderr_fd, STDERR_FILENO) >= 0 && chdir(folder) == 0)
        execlp("gnuplot", "gnuplot", "--default-settings", "-e", "page = 1", script, (char *)NULL);
    _exit(EXIT_NO_PROGRAM);
}

/* Reads `fd` until its writers are gone; `kept` gets the beginning. 0 or -ETIMEDOUT. */
static int listen_until(int fd, uint64_t deadline_ns, char kept[STDERR_KEPT])
{
    size_t used = 0;

    for (;;) {
        uint64_t now_ns = clock_now_ns();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        char dropped[512];

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        int ready = poll(&wait, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
        if (ready <= 0)
            continue;
        bool room = used + 1 < STDERR_KEPT;
        ssize_t count = room ? read(fd, kept + used, STDERR_KEPT - 1 - used)
                             : read(fd, dropped, sizeof dropped);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return 0;
        if (room)
            used += (size_t)count;
        kept[used] = '\0';
    }
}

/* One that closed its stderr may still run. 0 or -ETIMEDOUT; a kernel without pidfd waits on. */
static int end_until(pid_t child, uint64_t deadline_ns)
{
    struct pollfd wait = {.fd = pidfd_open(child, 0), .events = POLLIN};
    int ready = 0;

    if (wait.fd < 0)
        return 0;
    for (uint64_t now_ns = clock_now_ns(); ready <= 0 && now_ns < deadline_ns;
         now_ns = clock_now_ns())
        ready = poll(&wait, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
    close(wait.fd);
    return ready > 0 ? 0 : -ETIMEDOUT;
}

/* gnuplot prints the command, a caret under its mistake, then `"script" line N: what is wrong`: the
 * last line that says something is the one to repeat. */
static void summarise(char *kept, char complaint[GNUPLOT_COMPLAINT_SIZE])
{
    const char *best = "it failed and did not say why";
    char *rest = kept;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[strspn(line, " \t^")] != '\0')
            best = line;
    }
    snprintf(complaint, GNUPLOT_COMPLAINT_SIZE, "gnuplot: %.200s", best);
    escape_plain(complaint);
}

void gnuplot_start(struct gnuplot *gnuplot, const char *folder, const char *script)
{
    int ends[2];

    *gnuplot = (struct gnuplot){.stderr_fd = -1};
    if (pipe2(ends, O_CLOEXEC) < 0) {
        gnuplot->error = -errno;
        return;
    }
    gnuplot->child = fork();
    if (gnuplot->child == 0)
        become_gnuplot(folder, script, ends[1]);
    if (gnuplot->child < 0)
        gnuplot->error = -errno;
    else
        setpgid(gnuplot->child, gnuplot->child); /* as the child does: whoever comes first */
    close(ends[1]);
    gnuplot->stderr_fd = ends[0];
}

int gnuplot_finish(struct gnuplot *gnuplot, uint64_t deadline_ns,
                   char complaint[GNUPLOT_COMPLAINT_SIZE])
{
    char kept[STDERR_KEPT] = "";
    int error = gnuplot->error;
    int status = 0;

    if (gnuplot->child > 0) {
        error = listen_until(gnuplot->stderr_fd, deadline_ns, kept);
        if (!error)
            error = end_until(gnuplot->child, deadline_ns);
        if (error)
            kill(-gnuplot->child, SIGKILL);
        while (waitpid(gnuplot->child, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    if (gnuplot->stderr_fd >= 0)
        close(gnuplot->stderr_fd);

    if (error == -ETIMEDOUT) {
        snprintf(complaint, GNUPLOT_COMPLAINT_SIZE, "gnuplot did not finish in time");
    } else if (error) {
        snprintf(complaint, GNUPLOT_COMPLAINT_SIZE, "gnuplot: %s", strerror(-error));
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_PROGRAM) {
        snprintf(complaint, GNUPLOT_COMPLAINT_SIZE, "gnuplot is not installed");
        error = -ENOENT;
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        summarise(kept, complaint);
        error = -EIO;
    }
    return error;
}

int gnuplot_run(const char *folder, const char *script, uint64_t deadline_ns,
                char complaint[GNUPLOT_COMPLAINT_SIZE])
{
    struct gnuplot gnuplot;

    gnuplot_start(&gnuplot, folder, script);
    return gnuplot_finish(&gnuplot, deadline_ns, complaint);
}
