/* SPDX-License-Identifier: MIT */
/*
 * phase.h: the phases of a run, in their order; run.h says what each is.
 */
#ifndef MUELLE_LOADGEN_PHASE_H
#define MUELLE_LOADGEN_PHASE_H

enum run_phase { RUN_CONNECT, RUN_WARMUP, RUN_MEASURE, RUN_DRAIN, RUN_OVER };

#endif
