/* Every prediction x variance x kernel: what the output means, the law that is read of it, and the way back, beside the
 * definitions and finite differences. */
#include "schedule.h"
#include "stencil.h"

#include "base/memory.h"
#include "model/parameterization.h"

enum { DIM = 3 };

static const char *const predicts[] = {"epsilon", "x0",    "v",        "mean",         "perturbation", "flow",
                                       "edm",     "edm_v", "velocity", "scaled_score", "mean"};
static const char *const variances[] = {"fixed_small", "fixed_large", "learned", "learned_range", "learned_raw"};
enum { EPSILON, X0, V, MEAN, PERTURBATION, FLOW, EDM, EDM_V, VELOCITY, SCORE, NETWORK_MEAN, PREDICTS };
enum { SMALL, LARGE, LEARNED, RANGE, RAW, VARIANCES };

/* The curves on which everything is tried; the last leaves nothing of x_0, where only v and x0 can be read. */
static const char *const curves[] = {"betas values=0.1,0.15,0.2,0.25,0.3", "cosine steps=40", "linear",
                                     "log_snr steps=30", "linear steps=20 zero_terminal_snr=yes"};
enum { CURVES = 5, TERMINAL = 4 };

static model_options options_of(int predict, int variance)
{
    model_options options = {.of_network = 0};
    char spec[128];
    snprintf(spec, sizeof spec, "shape=3 predict=%s variance=%s", predicts[predict], variances[variance]);
    assert_ok(spec_parse(model_callback_grammar(), spec, &options, NULL));
    options.of_network = predict == NETWORK_MEAN;
    return options;
}

typedef struct row_law {
    double mean[DIM], variance[DIM];
} row_law;

static law law_of(row_law *row)
{
    return (law){row->mean, row->variance};
}

static const double x0[DIM] = {0.7, -1.2, 0.1}, noise[DIM] = {-0.4, 1.3, 0.8}, second[DIM] = {0.3, -0.6, 0.9};

/* ---- additive kernels ---- */

/* A transition and the row at it: x_t = signal x_0 + sigma noise. */
typedef struct place {
    int predict, variance;
    reverse_step at;
    double small, large; /* variances: the posterior's (or its stand-in at the data), the forward step's */
    double x[DIM];
} place;

typedef void place_fn(const place *at);

static place place_of(const struct diffusion_schedule *schedule, int predict, int variance, int32_t t)
{
    const model_options options = options_of(predict, variance);
    place at = {.predict = predict, .variance = variance, .at = reverse_step_at(&options, schedule, t)};
    at.large = schedule->beta[t];
    at.small = schedule->steps == 1 ? at.large : posterior_at(schedule, t > 1 ? t : 2).variance;
    for (size_t j = 0; j < DIM; j++)
        at.x[j] = at.at.from.signal * x0[j] + at.at.from.sigma * noise[j];
    return at;
}

static void at_every_place(place_fn *check)
{
    for (size_t c = 0; c < CURVES; c++) {
        struct diffusion_schedule *schedule = schedule_of(curves[c]);
        for (int p = 0; p < PREDICTS; p++)
            for (int v = 0; v < VARIANCES; v++)
                for (int32_t t = 1; t <= schedule->steps; t += 1 + schedule->steps / 13)
                    if (c != TERMINAL || (t < schedule->steps && (p == V || p == X0 || (p >= FLOW && p != SCORE)))) {
                        const place at = place_of(schedule, p, v, t);
                        check(&at);
                    }
        schedule_release(schedule);
    }
}

/* The second output; one that is the variance itself is above 0. */
static double second_of(const place *at, size_t j)
{
    return at->variance == RAW ? fabs(second[j]) : second[j];
}

/* The variance that the second output stands for, by the words of the header. */
static double true_variance(const place *at, double s)
{
    const int edge = at->at.to.t == 0.0;
    switch (at->variance) {
    case SMALL:
        return at->small;
    case LARGE:
        return edge ? at->small : at->large;
    case LEARNED:
        return 1.0 / (1.0 + exp(-(s + log(at->large / (1.0 - at->large)))));
    case RAW:
        return s;
    default:
        return exp(0.5 * (s + 1.0) * log(at->large) + 0.5 * (1.0 - s) * log(at->small));
    }
}

/* The output that a perfect network gives for x_0 and noise, by the words of the header. */
static void perfect_output(const place *at, double *output)
{
    for (size_t j = 0; j < DIM; j++) {
        const level_posterior q = at->at.posterior;
        const double variance = true_variance(at, second_of(at, j)), mean = q.x0 * x0[j] + q.xt * at->x[j];
        const double y = at->x[j] / at->at.from.signal, s = at->at.from.sigma / at->at.from.signal, d = 0.5;
        const double skip = d * d / (s * s + d * d), out = s * d / sqrt(s * s + d * d);
        const noise_level *from = &at->at.from; /* x_t and x_0 of variance 1: x_0 given x_t is linear */
        const double whole = hypot(from->signal, from->sigma), guess = from->signal / (whole * whole) * at->x[j];
        const double outputs[PREDICTS] = {noise[j],
                                          x0[j],
                                          at->at.from.signal * noise[j] - at->at.from.sigma * x0[j],
                                          mean,
                                          (mean - at->x[j] * (1.0 - variance)) / variance,
                                          noise[j] - x0[j],
                                          (x0[j] - skip * y) / out,
                                          (skip * y - x0[j]) / out,
                                          at->at.rise.signal * x0[j] + at->at.rise.sigma * noise[j],
                                          -noise[j],
                                          (mean - (q.x0 * guess + q.xt * at->x[j])) / (q.x0 * from->sigma / whole)};
        output[j] = outputs[at->predict];
        output[DIM + j] = second_of(at, j);
    }
}

/* x over alpha_bar: how much of an output's rounding reaches x_0 and what follows from it. */
static double loss_of(const place *at)
{
    double loss = 1.0;
    if (at->predict == EPSILON || at->predict == V || at->predict >= FLOW)
        loss = 1.0 / at->at.from.signal;
    if (at->predict == MEAN || at->predict == NETWORK_MEAN)
        loss = 1.0 / at->at.posterior.x0;
    if (at->predict == PERTURBATION)
        loss = 1.0 / (at->at.posterior.x0 * fmin(at->small, 1.0));
    return loss;
}

static void check_law(const place *at)
{
    double output[2 * DIM];
    row_law out;
    perfect_output(at, output);
    reverse_step_law(&at->at, law_of(&out), at->x, output, DIM, NULL);
    for (size_t j = 0; j < DIM; j++) {
        const level_posterior q = at->at.posterior;
        assert_close(out.mean[j], q.x0 * x0[j] + q.xt * at->x[j], 1e-12, 1e-14 * (1.0 + q.x0 * loss_of(at)));
        assert_close(out.variance[j], true_variance(at, second_of(at, j)), 1e-13, 0);
    }
}

static void check_denoise(const place *at)
{
    double output[2 * DIM], got_x0[DIM], got_noise[DIM];
    perfect_output(at, output);
    reverse_step_denoise(&at->at, got_x0, got_noise, at->x, output, DIM, NULL);
    for (size_t j = 0; j < DIM; j++) {
        const double blur = 1e-14 * (1.0 + loss_of(at));
        assert_close(got_x0[j], x0[j], 1e-12, blur);
        assert_close(got_noise[j], noise[j], 1e-12, 1e-14 + (1e-15 + at->at.from.signal * blur) / at->at.from.sigma);
    }
}

/* What a squared error compares with: the perfect output itself, where it does not hang on a learned variance. */
static void check_target(const place *at)
{
    double output[2 * DIM];
    if (at->predict == PERTURBATION && at->variance >= LEARNED)
        return;
    perfect_output(at, output);
    const prediction_target target = at->at.target;
    const double unit = at->predict == PERTURBATION   ? at->small
                        : at->predict == NETWORK_MEAN ? at->at.posterior.x0 * at->at.from.sigma
                                                      : 1.0;
    for (size_t j = 0; j < DIM; j++)
        assert_close(target.x0 * x0[j] + target.epsilon * noise[j], output[j], 1e-12, 1e-14 / unit);
}

/* A limit on x_0 moves the mean along the posterior's coefficient. */
static void check_clip(const place *at)
{
    const double limit = 0.5;
    double output[2 * DIM];
    row_law out;
    perfect_output(at, output);
    reverse_step_law(&at->at, law_of(&out), at->x, output, DIM, &(x0_limit){.clip = limit});
    for (size_t j = 0; j < DIM; j++) {
        const level_posterior q = at->at.posterior;
        const double held = fmax(-limit, fmin(limit, x0[j]));
        assert_close(out.mean[j], q.x0 * held + q.xt * at->x[j], 1e-12, 1e-14 * (1.0 + q.x0 * loss_of(at)));
    }
    double held_x0[DIM], free_x0[DIM], held_noise[DIM], free_noise[DIM];
    reverse_step_denoise(&at->at, held_x0, held_noise, at->x, output, DIM, &(x0_limit){.clip = limit});
    reverse_step_denoise(&at->at, free_x0, free_noise, at->x, output, DIM, NULL);
    for (size_t j = 0; j < DIM; j++) /* the noise is as the model sees it */
        assert_true(held_x0[j] == fmax(-limit, fmin(limit, free_x0[j])) && held_noise[j] == free_noise[j]);
    output[0] = NAN;
    reverse_step_law(&at->at, law_of(&out), at->x, output, DIM, &(x0_limit){.clip = limit});
    assert_true(isnan(out.mean[0]));
}

/* Some function of the law: sum of a mean + b log variance. */
static const double by_mean[DIM] = {0.9, -0.4, 0.3}, by_log_variance[DIM] = {-0.2, 0.7, 0.5};

typedef struct moved_output {
    const reverse_step *at;
    const double *x;
    double output[2 * DIM];
    size_t index;
} moved_output;

static double moved(double by, void *user)
{
    moved_output of = *(moved_output *)user;
    row_law out;
    double sum = 0.0;
    of.output[of.index] += by;
    reverse_step_law(of.at, law_of(&out), of.x, of.output, DIM, NULL);
    for (size_t j = 0; j < DIM; j++)
        sum += by_mean[j] * out.mean[j] + by_log_variance[j] * log(out.variance[j]);
    return sum;
}

static void check_backward(const place *at)
{
    moved_output of = {&at->at, at->x, {0}, 0};
    double doutput[2 * DIM], location[DIM], log_variance[DIM];
    row_law value;
    perfect_output(at, of.output);
    memcpy(location, by_mean, sizeof location);
    memcpy(log_variance, by_log_variance, sizeof log_variance);
    reverse_step_law(&at->at, law_of(&value), at->x, of.output, DIM, NULL);
    reverse_step_backward(&at->at, doutput, law_of(&value), (law_slope){location, log_variance}, at->x, of.output, DIM);
    for (of.index = 0; of.index < (at->variance >= LEARNED ? 2 * DIM : DIM); of.index++) {
        const double size = fabs(moved(0.0, &of)) + 1.0;
        assert_close(doutput[of.index], stencil(moved, &of, 0x1p-8), 1e-6, 1e-11 * size);
    }
}

#define AT_EVERY_PLACE(name, check)                                                                                    \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        at_every_place(check);                                                                                         \
    }

AT_EVERY_PLACE(a_perfect_output_gives_the_posterior, check_law)
AT_EVERY_PLACE(a_perfect_output_gives_x0_and_noise, check_denoise)
AT_EVERY_PLACE(the_target_is_the_perfect_output, check_target)
AT_EVERY_PLACE(a_limit_holds_x0, check_clip)
AT_EVERY_PLACE(the_way_back_is_the_derivative, check_backward)

/* ---- chains that leave steps out ---- */

/* Mean and perturbation are read as the x_0 that they imply at the network's own step, wherever the chain goes. */
static void respaced_steps_read_outputs_by_the_networks_own_level(void **state)
{
    (void)state;
    static const int32_t jumps[][3] = {{40, 30, 0}, {17, 1, 23}, {5, 0, 12}, {1, 0, 7}}; /* from, to, above (0: none) */
    struct diffusion_schedule *schedule = schedule_of("cosine steps=40");
    for (int p = 0; p < PREDICTS; p++)
        for (int v = 0; v < VARIANCES; v++)
            for (size_t i = 0; i < 4; i++) {
                const model_options options = options_of(p, v);
                const noise_level *from = &schedule->levels[jumps[i][0]], *to = &schedule->levels[jumps[i][1]];
                const noise_level *above = jumps[i][2] > 0 ? &schedule->levels[jumps[i][2]] : NULL;
                const place own = place_of(schedule, p, v, jumps[i][0]);
                const reverse_step jump = reverse_step_between(&options, schedule, from, to, above);
                double output[2 * DIM], got_x0[DIM], got_noise[DIM];
                row_law out;
                perfect_output(&own, output); /* that of the step to from - 1 */
                reverse_step_denoise(&jump, got_x0, got_noise, own.x, output, DIM, NULL);
                reverse_step_law(&jump, law_of(&out), own.x, output, DIM, NULL);
                const level_posterior q = level_posterior_of(to, from);
                const double large = level_step_variance(to, from);
                const double small = to->t > 0.0     ? q.variance
                                     : above != NULL ? level_posterior_of(from, above).variance
                                                     : large;
                place ends = {.predict = p, .variance = v, .at = jump, .small = small, .large = large};
                for (size_t j = 0; j < DIM; j++) {
                    assert_close(got_x0[j], x0[j], 1e-11, 1e-14 * (1.0 + loss_of(&own)));
                    assert_close(out.mean[j], q.x0 * x0[j] + q.xt * own.x[j], 1e-11, 1e-14 * (1.0 + loss_of(&own)));
                    assert_close(out.variance[j], true_variance(&ends, second_of(&ends, j)), 1e-13, 0);
                }
            }
    schedule_release(schedule);
}

/* A chain may stand between two steps of the schedule; the network is told of it. */
static void real_times_are_read_by_their_levels(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("cosine steps=40");
    const noise_level from = schedule_level(schedule, 17.25), to = schedule_level(schedule, 3.5);
    for (int p = 0; p < PREDICTS; p++) {
        const model_options options = options_of(p, LARGE);
        const reverse_step at = reverse_step_between(&options, schedule, &from, &to, NULL);
        place own = {.predict = p, .variance = LARGE, .at = at};
        assert_true(at.time == 17.25 && at.own.t == 16.25);
        own.at.posterior = level_posterior_of(&at.own, &from);
        own.large = level_step_variance(&at.own, &from);
        double output[2 * DIM], got_x0[DIM], got_noise[DIM];
        for (size_t j = 0; j < DIM; j++)
            own.x[j] = from.signal * x0[j] + from.sigma * noise[j];
        perfect_output(&own, output);
        reverse_step_denoise(&at, got_x0, got_noise, own.x, output, DIM, NULL);
        for (size_t j = 0; j < DIM; j++) {
            assert_close(got_x0[j], x0[j], 1e-12, 1e-12);
            assert_close(got_noise[j], noise[j], 1e-12, 1e-12);
        }
    }
    schedule_release(schedule);
}

static void the_network_is_told_the_step_or_the_log_snr(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of("cosine steps=40");
    model_options options = {.of_network = 0};
    assert_ok(spec_parse(model_callback_grammar(), "shape=3 time=log_snr", &options, NULL));
    assert_false(parameterization_tells_step(&options));
    for (int32_t t = 1; t <= 40; t++)
        assert_true(reverse_step_at(&options, schedule, t).time == schedule->levels[t].log_snr);
    assert_ok(spec_parse(model_callback_grammar(), "shape=3", &options, NULL));
    assert_true(parameterization_tells_step(&options));
    reverse_step *all = reverse_steps(&options, schedule);
    for (int32_t t = 1; t <= 40; t++)
        assert_true(all[t].time == (double)t && all[t].from.t == t && all[t].to.t == t - 1.0 &&
                    all[t].own.t == t - 1.0);
    memory_release(all);
    schedule_release(schedule);
}

/* ---- where nothing of x_0 is left ---- */

static void at_the_last_step_of_zero_snr_v_and_x0_tell_x0(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of(curves[TERMINAL]);
    for (int p = V; p >= X0; p--) {
        const model_options options = options_of(p, SMALL);
        const reverse_step at = reverse_step_at(&options, schedule, schedule->steps);
        const level_posterior q = posterior_at(schedule, schedule->steps);
        row_law out;
        double output[DIM];
        for (size_t j = 0; j < DIM; j++)
            output[j] = p == V ? -x0[j] : x0[j]; /* v = signal epsilon - sigma x_0, x_T = epsilon */
        reverse_step_law(&at, law_of(&out), noise, output, DIM, NULL);
        for (size_t j = 0; j < DIM; j++) {
            assert_close(out.mean[j], q.x0 * x0[j], 1e-15, 0);
            assert_close(out.variance[j], q.variance, 1e-15, 0);
        }
    }
    schedule_release(schedule);
}

static void predictions_that_do_not_suit_are_refused(void **state)
{
    (void)state;
    struct diffusion_schedule *terminal = schedule_of(curves[TERMINAL]),
                              *far = schedule_of("linear steps=100000 beta_end=0.5");
    struct diffusion_schedule *plain = schedule_of("linear"), *bits = schedule_of("linear kernel=binomial");
    model_options told = {.of_network = 0};
    assert_ok(spec_parse(model_callback_grammar(), "shape=3 predict=v time=log_snr", &told, NULL));
    for (int p = 0; p < PREDICTS; p++) {
        const model_options options = options_of(p, LARGE), learned = options_of(p, LEARNED);
        const int of_bits = p == X0 || p == MEAN || p == PERTURBATION || p == NETWORK_MEAN;
        assert_ok(parameterization_check(&options, plain));
        assert_int_equal(parameterization_check(&options, bits), of_bits ? DIFFUSION_OK : DIFFUSION_E_KERNEL);
        if (of_bits)
            assert_refused(parameterization_check(&learned, bits), DIFFUSION_E_KERNEL, "variance=learned needs");
        if (p == V || p == X0 || (p >= FLOW && p != SCORE))
            assert_ok(parameterization_check(&options, terminal));
        if (p == EPSILON || p == SCORE)
            assert_refused(parameterization_check(&options, terminal), DIFFUSION_E_KERNEL,
                           "cannot tell x_0 at step 20");
    }
    assert_refused(parameterization_check(&told, terminal), DIFFUSION_E_KERNEL, "time=log_snr is infinite at step 20");
    assert_ok(parameterization_check(&told, far)); /* a signal that underflows has a log SNR */
    schedule_release(terminal);
    schedule_release(far);
    schedule_release(plain);
    schedule_release(bits);
}

/* ---- bits ---- */

#define BITS "betas values=0.1,0.15,0.2,0.25,1 kernel=binomial rate=0.3,0.5,0.8"
static const double ones_and_zeros[DIM] = {1, 0, 1}, outputs[DIM] = {0.4, -1.1, 0.7};

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static void check_bits(const struct diffusion_schedule *schedule, int predict, int network, const noise_level *from,
                       const noise_level *to)
{
    model_options options = options_of(predict, LARGE);
    options.of_network = network;
    const reverse_step at = reverse_step_between(&options, schedule, from, to, NULL);
    double output[DIM], truth[DIM], variance[DIM];
    row_law out;
    for (size_t j = 0; j < DIM; j++)
        output[j] = predict == MEAN && !network ? logistic(outputs[j]) : outputs[j];
    reverse_step_law(&at, law_of(&out), ones_and_zeros, output, DIM, NULL);
    const law of = {truth, variance};
    for (size_t j = 0; j < DIM; j++)
        truth[j] = logistic(outputs[j]);
    if (predict == X0)
        binomial_kernel.posterior(&schedule->kernel, of, to, from, truth, ones_and_zeros, DIM);
    if (predict == PERTURBATION) {
        binomial_kernel.step(&schedule->kernel, of, to, from, ones_and_zeros, DIM);
        for (size_t j = 0; j < DIM; j++)
            truth[j] = logistic(outputs[j] + log(truth[j] / (1.0 - truth[j])));
    }
    for (size_t j = 0; j < DIM; j++) {
        assert_close(out.mean[j], truth[j], 1e-13, 0);
        assert_close(out.variance[j], truth[j] * (1.0 - truth[j]), 1e-13, 0);
    }
}

static void rates_are_read_as_the_header_says(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of(BITS);
    const noise_level between = schedule_level(schedule, 2.5);
    for (int32_t t = 1; t <= 5; t++)
        for (int p = X0; p <= PERTURBATION; p++)
            for (int network = 0; network < 2 && p != V; network++) {
                check_bits(schedule, p, network, &schedule->levels[t], &schedule->levels[t - 1]);
                if (t > 2)
                    check_bits(schedule, p, network, &schedule->levels[t], &between);
            }
    schedule_release(schedule);
}

/* A function of the rates' log odds: sum of a log(rate / (1 - rate)). */
static double moved_bits(double by, void *user)
{
    moved_output of = *(moved_output *)user;
    row_law out;
    double sum = 0.0;
    of.output[of.index] += by;
    reverse_step_law(of.at, law_of(&out), of.x, of.output, DIM, NULL);
    for (size_t j = 0; j < DIM; j++)
        sum += by_mean[j] * (log(out.mean[j]) - log1p(-out.mean[j]));
    return sum;
}

static void the_way_back_of_bits_is_the_derivative(void **state)
{
    (void)state;
    struct diffusion_schedule *schedule = schedule_of(BITS);
    for (int32_t t = 2; t <= 5; t++)
        for (int p = X0; p <= PERTURBATION; p++) {
            if (p == V)
                continue;
            const model_options options = options_of(p, LARGE);
            const reverse_step at = reverse_step_at(&options, schedule, t);
            moved_output of = {&at, ones_and_zeros, {0}, 0};
            double doutput[DIM], location[DIM];
            row_law value;
            for (size_t j = 0; j < DIM; j++)
                of.output[j] = p == MEAN ? logistic(outputs[j]) : outputs[j];
            memcpy(location, by_mean, sizeof location);
            reverse_step_law(&at, law_of(&value), ones_and_zeros, of.output, DIM, NULL);
            reverse_step_backward(&at, doutput, law_of(&value), (law_slope){location, NULL}, ones_and_zeros, of.output,
                                  DIM);
            for (of.index = 0; of.index < DIM; of.index++)
                assert_close(doutput[of.index], stencil(moved_bits, &of, 1e-3), 1e-8, 1e-10);
        }
    schedule_release(schedule);
}

static void the_tables_are_in_the_order_of_their_names(void **state)
{
    (void)state;
    assert_string_equal(prediction_names, "epsilon|x0|v|mean|perturbation|flow|edm|edm_v|velocity|scaled_score");
    for (size_t i = 0; i < NETWORK_MEAN; i++)
        assert_string_equal(prediction_at(i)->name, predicts[i]);
    assert_null(prediction_at(NETWORK_MEAN));
    for (int v = 0; v < VARIANCES; v++) {
        assert_string_equal(variance_name((variance_kind)v), variances[v]);
        const model_options options = options_of(EPSILON, v);
        assert_int_equal(parameterization_learns_variance(&options), v >= LEARNED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_output_gives_the_posterior),
        cmocka_unit_test(a_perfect_output_gives_x0_and_noise),
        cmocka_unit_test(the_target_is_the_perfect_output),
        cmocka_unit_test(a_limit_holds_x0),
        cmocka_unit_test(the_way_back_is_the_derivative),
        cmocka_unit_test(respaced_steps_read_outputs_by_the_networks_own_level),
        cmocka_unit_test(real_times_are_read_by_their_levels),
        cmocka_unit_test(the_network_is_told_the_step_or_the_log_snr),
        cmocka_unit_test(at_the_last_step_of_zero_snr_v_and_x0_tell_x0),
        cmocka_unit_test(predictions_that_do_not_suit_are_refused),
        cmocka_unit_test(rates_are_read_as_the_header_says),
        cmocka_unit_test(the_way_back_of_bits_is_the_derivative),
        cmocka_unit_test(the_tables_are_in_the_order_of_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
