/* SPDX-License-Identifier: MIT */
/*
 * muelle-synthetic-run DIR [BLOCKS [SECONDS]]: a made-up run to look at a report with.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/synthetic.h"
#include "common/log.h"

int main(int argc, char **argv)
{
    log_program("muelle-synthetic-run");
    if (argc < 2 || argc > 4) {
        log_error("give a folder, and maybe the number of blocks and the seconds of a trial");
        return EXIT_USAGE;
    }
    unsigned long blocks = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
    double seconds = argc > 3 ? strtod(argv[3], NULL) : 10;
    int error = synthetic_run(argv[1], (unsigned)blocks, seconds);
    return error ? EXIT_FAILED : EXIT_DONE;
}
