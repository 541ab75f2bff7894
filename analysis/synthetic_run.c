/* SPDX-License-Identifier: MIT */
/*
 * muelle-synthetic-run DIR [BLOCKS [SECONDS [RATE]]]: a made-up run to look at a report with; an
 * open loop where there is a rate.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/synthetic.h"
#include "common/log.h"

int main(int argc, char **argv)
{
    log_program("muelle-synthetic-run");
    if (argc < 2 || argc > 5) {
        log_error("give a folder, and maybe the number of blocks, the seconds of a trial and the "
                  "rate of an open loop");
        return EXIT_USAGE;
    }
    unsigned long blocks = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
    double seconds = argc > 3 ? strtod(argv[3], NULL) : 10;
    double rate_per_s = argc > 4 ? strtod(argv[4], NULL) : 0;
    int error = synthetic_run(argv[1], (unsigned)blocks, seconds, rate_per_s);
    return error ? EXIT_FAILED : EXIT_DONE;
}
