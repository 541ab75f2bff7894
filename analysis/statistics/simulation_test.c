/* SPDX-License-Identifier: MIT */
/*
 * Simulated campaigns: do the intervals cover as often as they say, are identical things called
 * different as seldom as they may be, and do the blocks that are asked for decide?
 *
 * A trial is a level times the drift of its block times its own noise, lognormal. Seeds are fixed:
 * a test passes always or never. Where the share is known exactly, the bounds are four standard
 * errors of the simulation, so that another seed would pass too (but for one in ten thousand).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>

#include "analysis/statistics/comparison.h"
#include "analysis/statistics/estimate.h"
#include "analysis/statistics/two_samples.h"
#include "common/random.h"

enum { CAMPAIGNS = 5000, BLOCKS_MAX = 40 };

static const double pi = 3.14159265358979323846;

/* How the machine behaves. */
struct machine {
    double noise;    /* of a trial, standard deviation of its logarithm */
    double drift;    /* of the logarithm of the level, from the first block to the last */
    double outliers; /* share of the trials that take half as long again */
    double rounding; /* values are multiples of it; 0: of nothing */
};

static double normal(struct random *random)
{
    double radius = sqrt(2 * random_exponential(random));

    return radius * cos(2 * pi * random_unit(random));
}

/* One trial of a configuration whose median, in a block without drift, is `level`. */
static double trial(struct random *random, const struct machine *machine, double level,
                    double block)
{
    double logarithm = machine->drift * block + machine->noise * normal(random);

    if (random_unit(random) <= machine->outliers)
        logarithm -= log(1.5);
    double value = level * exp(logarithm);
    return machine->rounding > 0 ? machine->rounding * ceil(value / machine->rounding) : value;
}

/* A candidate whose ratio to the baseline is exp(effect), interleaved. */
static void campaign(struct random *random, const struct machine *machine, double effect,
                     size_t blocks, double *candidate, double *baseline)
{
    for (size_t i = 0; i < blocks; i++) {
        double block = (double)i / (double)blocks;

        baseline[i] = trial(random, machine, 1000, block);
        candidate[i] = trial(random, machine, 1000 * exp(effect), block);
    }
}

static struct comparison compared(struct random *random, const struct machine *machine,
                                  double effect, size_t blocks)
{
    double candidate[BLOCKS_MAX];
    double baseline[BLOCKS_MAX];
    struct comparison comparison;

    campaign(random, machine, effect, blocks, candidate, baseline);
    assert_int_equal(comparison_interleaved(candidate, baseline, blocks, COMPARISON_MORE,
                                            COMPARISON_EQUIVALENCE_MIN, &comparison),
                     0);
    return comparison;
}

/* `seen` of CAMPAIGNS is a share of `expected`. */
static void assert_share(unsigned seen, double expected)
{
    double share = (double)seen / CAMPAIGNS;
    double error = 4 * sqrt(expected * (1 - expected) / CAMPAIGNS);

    if (fabs(share - expected) > error)
        fail_msg("%.4f instead of %.4f -+ %.4f", share, expected, error);
}

static void assert_share_between(unsigned seen, double least, double most)
{
    double share = (double)seen / CAMPAIGNS;

    if (share < least || share > most)
        fail_msg("%.4f instead of %.3f ... %.3f", share, least, most);
}

/* Exact coverage of the paired interval: 0.951171875 for 10 blocks and 0.951559 for 20. That it is
 * reached to within the error of the simulation, and not only exceeded, shows that no interval is
 * wider than it need be. Drift over the blocks and slow trials change nothing of it: the blocks
 * cancel the one, the ranks bear the other. */
static void paired_intervals_cover_as_exactly_as_they_say(void **state)
{
    static const struct machine machines[] = {
        {.noise = 0.02},
        {.noise = 0.3},
        {.noise = 0.02, .drift = 0.5},
        {.noise = 0.02, .outliers = 0.1},
        {.noise = 0.02, .drift = -0.3, .outliers = 0.05},
    };
    static const struct {
        size_t blocks;
        double coverage;
    } known[] = {{6, 0.96875}, {10, 0.951171875}, {20, 0.9515590667724609}};
    struct random random = random_seeded(1);

    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        for (size_t j = 0; j < sizeof known / sizeof known[0]; j++) {
            unsigned covered = 0;

            for (unsigned round = 0; round < CAMPAIGNS; round++) {
                struct comparison comparison =
                    compared(&random, &machines[i], 0.05, known[j].blocks);

                assert_true(fabs(comparison.coverage - known[j].coverage) < 1e-12);
                covered += log(comparison.low) <= 0.05 && 0.05 <= log(comparison.high);
            }
            assert_share(covered, known[j].coverage);
        }
    }
}

/* Values rounded to a quarter or half of their spread, as coarse counters are: with ties the
 * interval may only be too wide. The effect is 0, since rounding moves any other. */
static void ties_only_widen_paired_intervals(void **state)
{
    static const struct machine machines[] = {{.noise = 0.02, .rounding = 5},
                                              {.noise = 0.02, .rounding = 10}};
    struct random random = random_seeded(2);

    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        unsigned covered = 0;
        unsigned called = 0;

        for (unsigned round = 0; round < CAMPAIGNS; round++) {
            struct comparison comparison = compared(&random, &machines[i], 0, 10);

            covered += comparison.low <= 1 && 1 <= comparison.high;
            called += comparison.p <= 0.05;
        }
        assert_share_between(covered, 0.951171875 - 0.009, 0.985);
        assert_share_between(called, 0.03, 0.05);
    }
}

/* A against A': p <= 5 % as often as the exact test can: 1 - 0.951 for 10 blocks. The self-test's
 * alarm is the same event. Held against the floor of its own machine, a configuration is next to
 * never called different from itself. */
static void identical_things_seldom_differ(void **state)
{
    static const struct machine machines[] = {
        {.noise = 0.03},
        {.noise = 0.03, .drift = 0.5, .outliers = 0.05},
    };
    struct random random = random_seeded(3);

    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        unsigned called = 0;
        unsigned alarms = 0;
        unsigned decided = 0;

        for (unsigned round = 0; round < CAMPAIGNS; round++) {
            double candidate[BLOCKS_MAX];
            double baseline[BLOCKS_MAX];
            struct noise_floor floor;
            struct comparison comparison;

            campaign(&random, &machines[i], 0, 10, candidate, baseline);
            assert_int_equal(comparison_noise_floor(baseline, candidate, 10, &floor), 0);
            campaign(&random, &machines[i], 0, 10, candidate, baseline);
            assert_int_equal(comparison_interleaved(candidate, baseline, 10, COMPARISON_MORE,
                                                    floor.equivalence, &comparison),
                             0);
            called += comparison.p <= 0.05;
            alarms += floor.differs;
            decided +=
                comparison.verdict == COMPARISON_FASTER || comparison.verdict == COMPARISON_SLOWER;
        }
        assert_share(called, 1 - 0.951171875);
        assert_share(alarms, 1 - 0.951171875);
        assert_share_between(decided, 0, 0.001);
    }
}

/* Without blocks, drift is a difference: a baseline and then the same again, while the machine gets
 * 10 % slower, "differ" nearly always. Interleaved they do not. That is why sessions are weaker. */
static void sessions_mistake_drift_for_a_difference(void **state)
{
    enum { TRIALS = 10 };
    const struct machine machine = {.noise = 0.02};
    struct random random = random_seeded(4);
    unsigned quiet = 0;
    unsigned drifted = 0;

    (void)state;
    for (unsigned round = 0; round < CAMPAIGNS; round++) {
        double first[TRIALS];
        double second[TRIALS];
        double later[TRIALS];
        struct comparison comparison;

        campaign(&random, &machine, 0, TRIALS, first, second);
        for (size_t i = 0; i < TRIALS; i++)
            later[i] = 0.9 * second[i];
        assert_int_equal(
            comparison_separate(second, TRIALS, first, TRIALS, COMPARISON_MORE, 0.01, &comparison),
            0);
        quiet += comparison.p <= 0.05;
        assert_int_equal(
            comparison_separate(later, TRIALS, first, TRIALS, COMPARISON_MORE, 0.01, &comparison),
            0);
        drifted += comparison.verdict == COMPARISON_SLOWER;
    }
    /* The largest p of 10 and 10 values below 5 %: 0.0433 at U = 23. */
    assert_share(quiet, 0.0433);
    assert_share_between(drifted, 0.99, 1);
}

/* The intervals of two samples. Without ties that of the shift is exact: 0.9567 for 10 and 10,
 * 0.9516 for 20 and 20 is what the distribution of U allows. Cliff's delta of two normal
 * distributions d apart is 2 Phi(d / sqrt 2) - 1; its interval is an approximation. */
static void two_samples_cover(void **state)
{
    static const struct {
        size_t count;
        double apart, least, most; /* of delta's interval */
    } known[] = {
        {10, 0, 0.93, 0.97}, {10, 1, 0.93, 0.97}, {20, 0, 0.93, 0.97}, {20, 1, 0.93, 0.97}};
    struct random random = random_seeded(5);

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double delta = erf(known[i].apart / 2);
        double exact = 0;
        unsigned covered_shift = 0;
        unsigned covered_delta = 0;

        for (unsigned round = 0; round < CAMPAIGNS; round++) {
            double first[20];
            double second[20];
            struct two_samples samples;

            for (size_t j = 0; j < known[i].count; j++) {
                first[j] = normal(&random) + known[i].apart;
                second[j] = normal(&random);
            }
            assert_int_equal(
                two_samples_compare(first, known[i].count, second, known[i].count, &samples), 0);
            exact = samples.shift_coverage;
            covered_shift +=
                samples.shift_low <= known[i].apart && known[i].apart <= samples.shift_high;
            covered_delta += samples.delta_low <= delta && delta <= samples.delta_high;
        }
        assert_true(exact >= 0.95 && exact < 0.96);
        assert_share(covered_shift, exact);
        assert_share_between(covered_delta, known[i].least, known[i].most);
    }
}

/* The formula for the blocks that are needed takes the noise for known and the test for the best
 * there is. The noise is estimated, which costs 1.96^2 / 2 blocks (Guenther, "Sample size formulas
 * for normal theory t tests", The American Statistician 35, 1981), and of normal noise signed ranks
 * use 3 / pi = 95.5 %. So the blocks asked for decide not quite four times in five. */
static double power_predicted(double blocks, double effect, double deviation)
{
    double worth = 3 / pi * (blocks - 1.96 * 1.96 / 2);

    return erfc((1.96 - sqrt(worth) * effect / deviation) / sqrt(2)) / 2;
}

static void the_blocks_asked_for_decide(void **state)
{
    static const struct {
        double effect;
        size_t blocks;
        double least; /* power */
    } known[] = {{0.026, 39, 0.75}, {0.03, 25, 0.72}, {-0.035, 16, 0.69}, {0.04, 11, 0.64}};
    const struct machine machine = {.noise = 0.025};
    double deviation = machine.noise * sqrt(2);
    struct random random = random_seeded(6);

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double distance = fabs(known[i].effect) - log1p(COMPARISON_EQUIVALENCE_MIN);
        enum comparison_verdict right = known[i].effect > 0 ? COMPARISON_FASTER : COMPARISON_SLOWER;
        double power = power_predicted((double)known[i].blocks, distance, deviation);
        unsigned decided = 0;
        unsigned wrong = 0;

        assert_int_equal(ceil(7.85 * pow(deviation / distance, 2)), known[i].blocks);
        for (unsigned round = 0; round < CAMPAIGNS; round++) {
            struct comparison comparison =
                compared(&random, &machine, known[i].effect, known[i].blocks);

            decided += comparison.verdict == right;
            wrong += comparison.verdict != right && comparison.verdict != COMPARISON_UNDECIDED;
        }
        assert_share_between(decided, fmax(known[i].least, power - 0.05), power + 0.03);
        assert_share_between(wrong, 0, 0.001);
    }
}

/* A tenth slower, ten blocks, against the floor of the same campaign: found where a trial varies by
 * 2 %, mostly at 3 %, and seldom at 5 %; then the report says undecided. Twice the half width of an
 * interval (0.0225 at 2 %), one for the effect and one for the floor, must fit into the tenth. That
 * is why CPU times are divided by each other where one core has both ends. */
static void a_tenth_is_found_where_trials_vary_little(void **state)
{
    static const struct {
        double noise, least, most;
    } known[] = {{0.01, 0.999, 1}, {0.02, 0.99, 1}, {0.03, 0.85, 0.93}, {0.05, 0.2, 0.28}};
    struct random random = random_seeded(9);

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct machine machine = {.noise = known[i].noise, .drift = 0.3};
        unsigned found = 0;
        unsigned wrong = 0;

        for (unsigned round = 0; round < CAMPAIGNS; round++) {
            double again[BLOCKS_MAX];
            double baseline[BLOCKS_MAX];
            double candidate[BLOCKS_MAX];
            struct noise_floor floor;
            struct comparison comparison;

            campaign(&random, &machine, 0, 10, again, baseline);
            for (size_t block = 0; block < 10; block++)
                candidate[block] = trial(&random, &machine, 1000 / 1.1, (double)block / 10);
            assert_int_equal(comparison_noise_floor(baseline, again, 10, &floor), 0);
            assert_int_equal(comparison_interleaved(candidate, baseline, 10, COMPARISON_MORE,
                                                    floor.equivalence, &comparison),
                             0);
            found += comparison.verdict == COMPARISON_SLOWER;
            wrong += comparison.verdict == COMPARISON_FASTER;
        }
        assert_share_between(found, known[i].least, known[i].most);
        assert_int_equal(wrong, 0);
    }
}

/* One server under two names, with the floor of the same campaign, by five metrics of which each
 * goes its own way (those of one trial go together: fewer chances): a campaign in a hundred, at
 * most, calls any of them different. */
static void two_names_for_one_server_seldom_differ(void **state)
{
    enum { METRICS = 5 };
    const struct machine machine = {.noise = 0.05, .drift = 0.3, .outliers = 0.05};
    struct random random = random_seeded(10);
    unsigned different = 0;

    (void)state;
    for (unsigned round = 0; round < CAMPAIGNS; round++) {
        bool any = false;

        for (unsigned metric = 0; metric < METRICS; metric++) {
            double again[BLOCKS_MAX];
            double baseline[BLOCKS_MAX];
            double twin[BLOCKS_MAX];
            struct noise_floor floor;
            struct comparison comparison;

            campaign(&random, &machine, 0, 8, again, baseline);
            for (size_t block = 0; block < 8; block++)
                twin[block] = trial(&random, &machine, 1000, (double)block / 8);
            assert_int_equal(comparison_noise_floor(baseline, again, 8, &floor), 0);
            assert_int_equal(comparison_interleaved(twin, baseline, 8, COMPARISON_MORE,
                                                    floor.equivalence, &comparison),
                             0);
            any |=
                comparison.verdict == COMPARISON_FASTER || comparison.verdict == COMPARISON_SLOWER;
        }
        different += any;
    }
    assert_share_between(different, 0, 0.001);
}

/* And a pilot of ten blocks asks for about the right number: its effect and noise are estimates, so
 * half of those that are still undecided ask for more than is needed, and half for less. */
static void a_pilot_asks_for_about_the_right_number(void **state)
{
    const struct machine machine = {.noise = 0.025};
    double right = 7.85 * pow(machine.noise * sqrt(2) / (0.025 - log(1.01)), 2);
    struct random random = random_seeded(7);
    unsigned undecided = 0;
    unsigned more = 0;

    (void)state;
    for (unsigned round = 0; round < CAMPAIGNS; round++) {
        struct comparison comparison = compared(&random, &machine, 0.025, 10);

        if (comparison.verdict != COMPARISON_UNDECIDED)
            continue;
        undecided++;
        more += (double)comparison.needed > right;
    }
    assert_share_between(undecided, 0.6, 0.95);
    assert_true(more > undecided * 4 / 10 && more < undecided * 8 / 10);
}

/* The exact interval of a median, 0.9785 for 10 trials. */
static void intervals_of_one_configuration_cover(void **state)
{
    const struct machine machine = {.noise = 0.1};
    struct random random = random_seeded(8);
    unsigned covered = 0;

    (void)state;
    for (unsigned round = 0; round < CAMPAIGNS; round++) {
        struct observation observations[10];

        for (size_t i = 0; i < 10; i++)
            observations[i] = (struct observation){.value = trial(&random, &machine, 1000, 0)};
        struct estimate estimate = estimate_of(observations, 10);
        covered += estimate.low <= 1000 && 1000 <= estimate.high;
    }
    assert_share(covered, 0.978515625);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paired_intervals_cover_as_exactly_as_they_say),
        cmocka_unit_test(ties_only_widen_paired_intervals),
        cmocka_unit_test(identical_things_seldom_differ),
        cmocka_unit_test(sessions_mistake_drift_for_a_difference),
        cmocka_unit_test(two_samples_cover),
        cmocka_unit_test(the_blocks_asked_for_decide),
        cmocka_unit_test(a_tenth_is_found_where_trials_vary_little),
        cmocka_unit_test(two_names_for_one_server_seldom_differ),
        cmocka_unit_test(a_pilot_asks_for_about_the_right_number),
        cmocka_unit_test(intervals_of_one_configuration_cover),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
