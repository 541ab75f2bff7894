/* SPDX-License-Identifier: MIT */
/*
 * Published fits, and points that lie on a law.
 *
 * The published ones are of two kinds, neither of which is ours: Gunther's regression of N / C - 1
 * through the origin, which fixes lambda at the throughput of one client, and nonlinear regression
 * of X. Both are weighted least squares on N / X for suitable errors, so the same code reproduces
 * their digits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/statistics/usl.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

enum { LEVELS = 11 };

/* SPEC SDM91 on a Sun SPARCcenter 2000 and a ray tracer: Gunther, "Guerrilla Capacity Planning"
 * (2007); both are also the demonstration data of the R package usl. */
static const double sdm91[][2] = {{1, 64.9},     {18, 995.9},   {36, 1652.4}, {72, 1853.2},
                                  {108, 1828.9}, {144, 1775.0}, {216, 1702.2}};
static const double ray_tracer[][2] = {{1, 20},   {4, 78},   {8, 130},  {12, 170},
                                       {16, 190}, {20, 200}, {24, 210}, {28, 230},
                                       {32, 260}, {48, 280}, {64, 310}};

static struct usl_fit fitted(const struct usl_point *points, size_t count)
{
    struct usl_fit fit;

    assert_int_equal(usl_fit_points(points, count, &fit), 0);
    return fit;
}

static size_t points_of(const double (*data)[2], size_t count, struct usl_point *points)
{
    for (size_t i = 0; i < count; i++)
        points[i] = (struct usl_point){data[i][0], data[i][1], 1};
    return count;
}

/* Equal weights of N / X, and one point that nothing can move. */
static struct usl_fit fitted_as_gunther(struct usl_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        points[i].error = pow(points[i].throughput, 2) / points[i].clients;
    points[0].error *= 1e-6;
    return fitted(points, count);
}

/* The sum of squares of X is least where the weights of N / X are X times X(N)^3 / N^2. */
static struct usl_fit fitted_nonlinear(struct usl_point *points, size_t count)
{
    struct usl_fit fit = fitted(points, count);

    for (unsigned round = 0; round < 100; round++) {
        for (size_t i = 0; i < count; i++)
            points[i].error =
                pow(points[i].throughput / usl_throughput(&fit, points[i].clients), 1.5);
        fit = fitted(points, count);
    }
    return fit;
}

/* usl 1.4 to 1.8 prints sigma 1.704689e-02, kappa 7.892498e-05, scale factor 64.9; usl 3.0 alpha
 * 0.0277285, beta 0.0001044, gamma 89.9952330. */
static void the_sdm91_example(void **state)
{
    struct usl_point points[7];
    size_t count = points_of(sdm91, 7, points);
    struct usl_fit fit = fitted_as_gunther(points, count);

    (void)state;
    assert_near(fit.lambda, 64.9, 1e-6);
    assert_near(fit.sigma, 1.704689e-02, 5e-9);
    assert_near(fit.kappa, 7.892498e-05, 5e-12);
    assert_false(fit.sigma_at_zero || fit.kappa_at_zero);
    fit = fitted_nonlinear(points, count);
    assert_near(fit.lambda, 89.9952330, 5e-6);
    assert_near(fit.sigma, 0.0277285, 5e-8);
    assert_near(fit.kappa, 0.0001044, 5e-8);
    assert_near(fit.peak, 96.52, 5e-3);
    assert_near(fit.residual_max, 89.9952330 / 64.9 - 1, 1e-6); /* one client is far off */
}

/* Without a bound the nonlinear fit has a negative kappa; with it, usl 3.0 finds gamma 21.848843,
 * alpha 0.057771 and beta 0. */
static void the_ray_tracer_example(void **state)
{
    struct usl_point points[11];
    struct usl_fit fit = fitted_nonlinear(points, points_of(ray_tracer, 11, points));

    (void)state;
    assert_near(fit.lambda, 21.848843, 5e-6);
    assert_near(fit.sigma, 0.057771, 5e-7);
    assert_near(fit.kappa, 0, 0);
    assert_true(fit.kappa_at_zero);
    assert_false(fit.sigma_at_zero);
    assert_true(isinf(fit.peak));
    assert_near(fit.knee, 1 / fit.sigma, 1e-12);
}

static double law(double lambda, double sigma, double kappa, double clients)
{
    return lambda * clients / (1 + sigma * (clients - 1) + kappa * clients * (clients - 1));
}

/* What lies on a law gives it back, whatever the errors. */
static void a_law_is_found_again(void **state)
{
    static const struct {
        double lambda, sigma, kappa, clients_max;
    } laws[] = {
        {1, 0.02, 0.02, 10},  {995, 0.06, 0.0002, 128}, {35000, 0.0004, 1e-9, 16384},
        {1e-3, 0.9, 0.3, 64}, {1000, 0, 0.001, 128},    {1000, 0.1, 0, 128},
    };

    (void)state;
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        struct usl_point points[LEVELS];
        double sigma = laws[i].sigma;
        double kappa = laws[i].kappa;

        for (size_t j = 0; j < LEVELS; j++) {
            double clients = pow(laws[i].clients_max, (double)j / (LEVELS - 1));
            double throughput = law(laws[i].lambda, sigma, kappa, clients);

            points[j] =
                (struct usl_point){clients, throughput, throughput * (j % 3 == 0 ? 0.001 : 0.1)};
        }
        struct usl_fit fit = fitted(points, LEVELS);
        assert_near(fit.lambda / laws[i].lambda, 1, 1e-9);
        assert_near(fit.sigma, sigma, 1e-9);
        assert_near(fit.kappa, kappa, 1e-6 * kappa + 1e-12);
        assert_near(fit.residual_max, 0, 1e-9);
        if (kappa > 0)
            assert_near(fit.peak / fmax(sqrt((1 - sigma) / kappa), 1), 1, 1e-5);
    }
}

/* Throughput that grows faster than the clients has no sigma, and what turns down early no kappa
 * without it: of the fits that are left, the better one is taken. */
static void negative_numbers_become_zero(void **state)
{
    struct usl_point points[8];

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        double clients = (double)i + 1;

        points[i] = (struct usl_point){clients, law(10, -0.05, 0.02, clients), 1};
    }
    struct usl_fit fit = fitted(points, 8);
    assert_true(fit.sigma_at_zero);
    assert_false(fit.kappa_at_zero);
    assert_near(fit.sigma, 0, 0);
    assert_true(fit.kappa > 0 && fit.kappa < 0.02);
    for (size_t i = 0; i < 8; i++)
        points[i].throughput = 10 * pow(points[i].clients, 1.2);
    fit = fitted(points, 8);
    assert_true(fit.sigma_at_zero && fit.kappa_at_zero);
    assert_true(isinf(fit.peak) && isinf(fit.knee));
}

/* A point with ten times the error counts a hundredth. */
static void errors_are_weights(void **state)
{
    struct usl_point points[LEVELS];

    (void)state;
    for (size_t i = 0; i < LEVELS; i++) {
        double clients = (double)(1 << i);

        points[i] = (struct usl_point){clients, law(100, 0.05, 0.0001, clients), 1};
        points[i].error = points[i].throughput / 100;
    }
    points[5].throughput *= 1.2;
    double off = fabs(fitted(points, LEVELS).sigma - 0.05);
    points[5].error *= 10;
    double less = fabs(fitted(points, LEVELS).sigma - 0.05);
    assert_true(off > 1e-4);
    assert_true(less < off / 50);
}

static void bad_points(void **state)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    struct usl_point points[USL_POINTS_MAX + 1] = {{1, 1, 1}, {2, 2, 1}, {3, 3, 1}};
    struct usl_fit fit;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        points[2] = (struct usl_point){bad[i], 1, 1};
        assert_int_equal(usl_fit_points(points, 3, &fit), -EINVAL);
        points[2] = (struct usl_point){1, bad[i], 1};
        assert_int_equal(usl_fit_points(points, 3, &fit), -EINVAL);
        points[2] = (struct usl_point){1, 1, bad[i]};
        assert_int_equal(usl_fit_points(points, 3, &fit), -EINVAL);
    }
    points[2] = points[1]; /* two distinct levels */
    assert_int_equal(usl_fit_points(points, 3, &fit), -EINVAL);
    assert_int_equal(usl_fit_points(points, 0, &fit), -EINVAL);
    assert_int_equal(usl_fit_points(points, USL_POINTS_MAX + 1, &fit), -E2BIG);
    /* N / X that rises so late that it starts below 0. */
    struct usl_point late[] = {{10, 10, 1}, {15, 0.5, 0.01}, {20, 0.2, 0.01}};
    assert_int_equal(usl_fit_points(late, 3, &fit), -EDOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sdm91_example),    cmocka_unit_test(the_ray_tracer_example),
        cmocka_unit_test(a_law_is_found_again), cmocka_unit_test(negative_numbers_become_zero),
        cmocka_unit_test(errors_are_weights),   cmocka_unit_test(bad_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
