/* SPDX-License-Identifier: MIT */
/* Tables, and the same sums by enumerating every outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analysis/statistics/rank_sums.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

enum { SUMS_MAX = 1024, SCORES_MAX = 10 };

static void equal_values_share_their_mean_rank(void **state)
{
    static const double values[] = {5, 1, 5, 7, 5, 1};
    static const size_t expected[] = {8, 3, 8, 12, 8, 3};
    size_t order[6];
    size_t ranks[6];

    (void)state;
    rank_sums_ranks(values, 6, order, ranks);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(ranks[i], expected[i]);
}

/* Probability of each sum among the subsets of the scores (of `chosen`, unless that is SIZE_MAX).
 */
static void enumerate(const size_t *scores, size_t count, size_t chosen, double *probability)
{
    double outcomes = 0;

    for (size_t sum = 0; sum < SUMS_MAX; sum++)
        probability[sum] = 0;
    for (size_t subset = 0; subset < (size_t)1 << count; subset++) {
        size_t sum = 0;
        size_t members = 0;

        for (size_t i = 0; i < count; i++) {
            members += subset >> i & 1;
            sum += subset >> i & 1 ? scores[i] : 0;
        }
        if (chosen == SIZE_MAX || members == chosen) {
            probability[sum]++;
            outcomes++;
        }
    }
    for (size_t sum = 0; sum < SUMS_MAX; sum++)
        probability[sum] /= outcomes;
}

static void sums_are_those_of_all_outcomes(void **state)
{
    static const size_t scores[][SCORES_MAX] = {
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
        {3, 3, 8, 8, 8, 12, 15, 15, 18, 20},
        {11, 11, 11, 11, 11, 11, 11, 11, 11, 11},
        {0, 1, 0, 5, 2, 9, 4, 4, 4, 7},
    };
    static double counted[(SCORES_MAX + 1) * SUMS_MAX];
    static double enumerated[SUMS_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
        size_t total = 0;

        for (size_t j = 0; j < SCORES_MAX; j++)
            total += scores[i][j];
        enumerate(scores[i], SCORES_MAX, SIZE_MAX, enumerated);
        rank_sums_of_any(scores[i], SCORES_MAX, counted);
        for (size_t sum = 0; sum <= total; sum++)
            assert_near(counted[sum], enumerated[sum], 1e-15);
        for (size_t chosen = 0; chosen <= SCORES_MAX; chosen++) {
            enumerate(scores[i], SCORES_MAX, chosen, enumerated);
            rank_sums_of_chosen(scores[i], SCORES_MAX, chosen, counted);
            for (size_t sum = 0; sum <= total; sum++)
                assert_near(counted[sum], enumerated[sum], 1e-15);
        }
    }
}

/* U of every choice is its rank sum less the smallest there is. */
static void pairs_are_those_of_all_choices(void **state)
{
    static const size_t scores[SCORES_MAX] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static double counted[SUMS_MAX];
    static double enumerated[SUMS_MAX];

    (void)state;
    for (size_t m = 1; m < SCORES_MAX; m++) {
        size_t n = SCORES_MAX - m;

        enumerate(scores, SCORES_MAX, m, enumerated);
        rank_sums_of_pairs(m, n, counted);
        for (size_t u = 0; u <= m * n; u++)
            assert_near(counted[u], enumerated[u + m * (m - 1) / 2], 1e-15);
    }
    /* The largest: 50 over 25 ways, one of them with no pair. */
    rank_sums_of_pairs(25, 25, counted);
    assert_near(counted[0] * 126410606437752.0, 1, 1e-12);
    assert_near(counted[625] * 126410606437752.0, 1, 1e-12);
}

/* The critical values of Wilcoxon's T at 5 %, two-sided, that every table has: 0, 2, 3, 5, 8 for n
 * = 6 … 10, 25 for 15, 52 for 20, 137 for 30. k is the next. */
static void intervals_have_the_ranks_of_the_tables(void **state)
{
    static const struct {
        size_t count, k;
        double coverage;
    } known[] = {
        {5, 0, 0},
        {6, 1, 0.96875},
        {7, 3, 0.953125},
        {8, 4, 0.9609375},
        {9, 6, 0.9609375},
        {10, 9, 0.951171875},
        {15, 26, 0.95208740234375},
        {20, 53, 0.9515590667724609},
        {30, 138, 0.9502898789942265},
    };
    size_t scores[30];
    double probability[SUMS_MAX];

    (void)state;
    for (size_t i = 0; i < 30; i++)
        scores[i] = i + 1;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t count = known[i].count;
        double coverage;

        rank_sums_of_any(scores, count, probability);
        assert_int_equal(rank_sums_interval(probability, count * (count + 1) / 2 + 1, &coverage),
                         known[i].k);
        assert_near(coverage, known[i].coverage, 1e-13);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_share_their_mean_rank),
        cmocka_unit_test(sums_are_those_of_all_outcomes),
        cmocka_unit_test(pairs_are_those_of_all_choices),
        cmocka_unit_test(intervals_have_the_ranks_of_the_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
