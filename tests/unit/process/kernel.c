/* The kernels' classes on rows: every function beside Bayes' rule, quadrature, enumeration or finite differences, of
 * levels whole and between. */
#include "kernel_place.h"
#include "stencil.h"

/* ---- laws ---- */

static void check_prior(const place *at)
{
    row_law prior;
    at->of.methods->prior(&at->of, law_of(&prior), &at->t, DIM);
    for (size_t j = 0; j < DIM; j++) {
        assert_true(prior.mean[j] == (at->of.methods->additive ? 0.0 : rates[j]));
        assert_true(prior.variance[j] ==
                    (at->of.methods->additive ? level_variance(&at->t) : rates[j] * (1 - rates[j])));
    }
}

static void check_step(const place *at)
{
    const row_law out = step_of(at, at->xs);
    const double signal = level_step_signal(&at->s, &at->t), added = level_step_variance(&at->s, &at->t);
    for (size_t j = 0; j < DIM; j++) {
        double rate = at->xs[j] * signal * signal + rates[j] * added;
        assert_close(out.mean[j], at->of.methods->additive ? signal * at->xs[j] : rate, 1e-15, 0);
        assert_close(out.variance[j], at->of.methods->additive ? added : rate * (1 - rate), 1e-15, 0);
    }
}

/* From the data the step is the marginal, in the kernel's own helpers too. */
static void check_marginal(const place *at)
{
    const noise_level data = level_of_data();
    row_law helper, direct;
    double drawn[DIM], helped[DIM];
    kernel_marginal(&at->of, law_of(&helper), &at->t, at->x0, DIM);
    at->of.methods->step(&at->of, law_of(&direct), &data, &at->t, at->x0, DIM);
    assert_memory_equal(&helper, &direct, sizeof helper);
    kernel_diffuse_data(&at->of, helped, &at->t, at->x0, at->noise, DIM);
    at->of.methods->diffuse(&at->of, drawn, &data, &at->t, at->x0, at->noise, DIM);
    assert_memory_equal(helped, drawn, sizeof drawn);
}

/* diffuse() is a draw of step(); either may be in place. */
static void check_diffuse(const place *at)
{
    double drawn[DIM], in_x[DIM], in_noise[DIM], of_law[DIM];
    row_law out = step_of(at, at->xs);
    memcpy(in_x, at->xs, sizeof in_x);
    memcpy(in_noise, at->noise, sizeof in_noise);
    at->of.methods->diffuse(&at->of, drawn, &at->s, &at->t, at->xs, at->noise, DIM);
    at->of.methods->diffuse(&at->of, in_x, &at->s, &at->t, in_x, at->noise, DIM);
    at->of.methods->diffuse(&at->of, in_noise, &at->s, &at->t, at->xs, in_noise, DIM);
    at->of.methods->draw(&at->of, of_law, law_of(&out), at->noise, DIM);
    assert_memory_equal(in_x, drawn, sizeof drawn);
    assert_memory_equal(in_noise, drawn, sizeof drawn);
    for (size_t j = 0; j < DIM; j++)
        assert_close(drawn[j], of_law[j], 1e-15, 1e-15);
}

static double log_step(const place *at, const noise_level *from, const noise_level *to, size_t j, double x, double y)
{
    const kernel own = kernel_from(&at->of, j);
    double mean, variance;
    own.methods->step(&own, (law){&mean, &variance}, from, to, &x, 1);
    return own.methods->log_probability(&own, &y, (law){&mean, &variance}, 1);
}

/* Bayes' rule, component by component, at any x_s. */
static void check_posterior(const place *at)
{
    const noise_level data = level_of_data();
    const row_law out = posterior_of(at, at->x0, at->xt);
    for (size_t j = 0; j < DIM; j++) {
        if (at->s.t == 0.0) {
            assert_true(out.mean[j] == at->x0[j] && out.variance[j] == 0.0);
            continue;
        }
        double mean = out.mean[j], variance = out.variance[j];
        for (double xs = 0; xs <= 1; xs++) {
            double bayes = log_step(at, &at->s, &at->t, j, xs, at->xt[j]) +
                           log_step(at, &data, &at->s, j, at->x0[j], xs) -
                           log_step(at, &data, &at->t, j, at->x0[j], at->xt[j]);
            assert_close(at->of.methods->log_probability(&at->of, &xs, (law){&mean, &variance}, 1), bayes, 1e-11,
                         1e-11);
        }
    }
}

static void check_posterior_in_place(const place *at)
{
    const row_law truth = posterior_of(at, at->x0, at->xt);
    double in_x0[DIM], in_xt[DIM], variance[DIM];
    memcpy(in_x0, at->x0, sizeof in_x0);
    memcpy(in_xt, at->xt, sizeof in_xt);
    at->of.methods->posterior(&at->of, (law){in_x0, variance}, &at->s, &at->t, in_x0, at->xt, DIM);
    at->of.methods->posterior(&at->of, (law){in_xt, variance}, &at->s, &at->t, at->x0, in_xt, DIM);
    assert_memory_equal(in_x0, truth.mean, sizeof in_x0);
    assert_memory_equal(in_xt, truth.mean, sizeof in_xt);
}

/* A row is its components, each with its own part of the kernel. */
static void check_rows(const place *at)
{
    const kernel_class *methods = at->of.methods;
    const row_law step = step_of(at, at->xs), posterior = posterior_of(at, at->x0, at->xt);
    row_law p = some_law(at, 1.0), q = some_law(at, 2.0);
    double divergence = 0, log_probability = 0, entropy = 0, edge = 0;
    for (size_t j = 0; j < DIM; j++) {
        const kernel own = kernel_from(&at->of, j);
        const law pj = {&p.mean[j], &p.variance[j]}, qj = {&q.mean[j], &q.variance[j]};
        double mean, variance;
        methods->step(&own, (law){&mean, &variance}, &at->s, &at->t, &at->xs[j], 1);
        assert_true(mean == step.mean[j] && variance == step.variance[j]);
        methods->posterior(&own, (law){&mean, &variance}, &at->s, &at->t, &at->x0[j], &at->xt[j], 1);
        assert_true(mean == posterior.mean[j] && variance == posterior.variance[j]);
        divergence += methods->divergence(&at->of, qj, pj, 1);
        log_probability += methods->log_probability(&at->of, &at->x0[j], pj, 1);
        entropy += methods->entropy(&at->of, pj, 1);
        edge += methods->edge(&own, &at->t, &at->x0[j], 1);
    }
    assert_close(methods->divergence(&at->of, law_of(&q), law_of(&p), DIM), divergence, 1e-14, 0);
    assert_close(methods->log_probability(&at->of, at->x0, law_of(&p), DIM), log_probability, 1e-14, 1e-14);
    assert_close(methods->entropy(&at->of, law_of(&p), DIM), entropy, 1e-14, 1e-14);
    assert_close(methods->edge(&at->of, &at->t, at->x0, DIM), edge, 1e-14, 0);
}

/* ---- draws ---- */

static void check_draw(const place *at)
{
    const kernel_class *methods = at->of.methods;
    row_law p = some_law(at, 3.0), kept = p;
    double drawn[DIM], mode[DIM], in_noise[DIM];
    memcpy(in_noise, at->noise, sizeof in_noise);
    methods->draw(&at->of, drawn, law_of(&p), at->noise, DIM);
    methods->mode(&at->of, mode, law_of(&p), DIM);
    methods->draw(&at->of, in_noise, law_of(&p), in_noise, DIM);
    assert_memory_equal(in_noise, drawn, sizeof drawn);
    for (size_t j = 0; j < DIM; j++) {
        const double bit = at->noise[j]<p.mean[j], likelier = p.mean[j]> 0.5;
        const double value = p.mean[j] + sqrt(p.variance[j]) * at->noise[j];
        assert_close(drawn[j], methods->additive ? value : bit, 0, 0);
        assert_close(mode[j], methods->additive ? p.mean[j] : likelier, 0, 0);
        assert_true(methods->is_value(drawn[j]) && methods->is_value(mode[j]));
    }
    methods->draw(&at->of, p.mean, law_of(&p), at->noise, DIM); /* onto the law's own mean */
    assert_memory_equal(p.mean, drawn, sizeof drawn);
    for (size_t j = 0; j < DIM; j++) { /* what has no variance keeps its bits, whatever the noise */
        kept.mean[j] = methods->additive ? -0.0 : at->x0[j];
        kept.variance[j] = 0.0;
    }
    methods->draw(&at->of, drawn, law_of(&kept), at->noise, DIM);
    assert_memory_equal(drawn, kept.mean, sizeof drawn);
}

/* Means and variances of the standard noise, five standard errors wide; for a stream alone. */
static void the_noise_is_standard(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    static double noise[COUNT], again[COUNT];
    for (size_t i = 0; kernel_class_at(i) != NULL; i++) {
        const kernel_class *methods = kernel_class_at(i);
        double sum = 0, squares = 0, mean = methods->additive ? 0 : 0.5, variance = methods->additive ? 1 : 1 / 12.0;
        methods->noise(noise, 1, COUNT, (rng_stream){.seed = 3, .purpose = RNG_NOISE});
        methods->noise(again, 1, COUNT, (rng_stream){.seed = 3, .purpose = RNG_NOISE});
        assert_memory_equal(noise, again, sizeof noise);
        for (size_t j = 0; j < COUNT; j++) {
            sum += noise[j] / COUNT;
            squares += noise[j] * noise[j] / COUNT;
        }
        assert_close(sum, mean, 0, 5 * sqrt(variance / COUNT));
        assert_close(squares - sum * sum, variance, 0, 5 * variance * sqrt(2.0 / COUNT));
    }
}

/* ---- information ---- */

/* KL(q || p) as q moves p's location or log variance; of bits p's log odds. */
typedef struct moved_law {
    const kernel_class *methods;
    row_law q, p;
    size_t j;
} moved_law;

static double by_location(double by, void *user)
{
    moved_law moved = *(moved_law *)user;
    const kernel self = bare(moved.methods);
    double *mean = &moved.p.mean[moved.j];
    if (moved.methods->additive) {
        *mean += by;
    } else {
        *mean = 1 / (1 + exp(-(log(*mean / (1 - *mean)) + by)));
        moved.p.variance[moved.j] = *mean * (1 - *mean);
    }
    return moved.methods->divergence(&self, law_of(&moved.q), law_of(&moved.p), DIM);
}

static double by_log_variance(double by, void *user)
{
    moved_law moved = *(moved_law *)user;
    const kernel self = bare(moved.methods);
    moved.p.variance[moved.j] *= exp(by);
    return moved.methods->divergence(&self, law_of(&moved.q), law_of(&moved.p), DIM);
}

static void check_divergence_slope(const place *at)
{
    const kernel_class *methods = at->of.methods;
    moved_law moved = {methods, some_law(at, 1.0), some_law(at, 2.0), 0};
    double location[DIM], log_variance[DIM], alone[DIM];
    methods->divergence_slope(&at->of, (law_slope){location, log_variance}, law_of(&moved.q), law_of(&moved.p), DIM);
    methods->divergence_slope(&at->of, (law_slope){alone, NULL}, law_of(&moved.q), law_of(&moved.p), DIM);
    assert_memory_equal(location, alone, sizeof alone);
    for (moved.j = 0; moved.j < DIM; moved.j++) {
        assert_close(location[moved.j], stencil(by_location, &moved, 1e-3), 1e-9, 1e-10);
        if (methods->additive)
            assert_close(log_variance[moved.j], stencil(by_log_variance, &moved, 1e-3), 1e-9, 1e-10);
        else
            assert_true(log_variance[moved.j] == 0.0);
    }
}

/* The sum or integral of f over one component of a law; the trapezoid rule over twelve deviations is exact. */
static double expectation(const kernel_class *methods, double mean, double variance, double (*f)(double x, void *user),
                          void *user)
{
    const kernel self = bare(methods);
    double sum = 0, sigma = sqrt(variance);
    const law of = {&mean, &variance};
    for (double x = 0; x <= 1 && !methods->additive; x++)
        sum += exp(methods->log_probability(&self, &x, of, 1)) * f(x, user);
    for (double z = -12; z <= 12 && methods->additive; z += 0.0625) {
        double x = mean + z * sigma;
        sum += exp(methods->log_probability(&self, &x, of, 1)) * sigma * 0.0625 * f(x, user);
    }
    return sum;
}

static double one(double x, void *user)
{
    (void)x, (void)user;
    return 1;
}

typedef struct two_laws {
    const kernel_class *methods;
    double mean[2], variance[2];
} two_laws;

static double log_ratio(double x, void *user)
{
    two_laws *of = user;
    const kernel self = bare(of->methods);
    return of->methods->log_probability(&self, &x, (law){&of->mean[0], &of->variance[0]}, 1) -
           of->methods->log_probability(&self, &x, (law){&of->mean[1], &of->variance[1]}, 1);
}

static double minus_log(double x, void *user)
{
    two_laws *of = user;
    const kernel self = bare(of->methods);
    return -of->methods->log_probability(&self, &x, (law){&of->mean[0], &of->variance[0]}, 1);
}

static void check_information(const place *at)
{
    const kernel_class *methods = at->of.methods;
    row_law q = some_law(at, 1.0), p = some_law(at, 2.0);
    double entropy = 0, divergence = 0;
    for (size_t j = 0; j < DIM; j++) {
        two_laws of = {methods, {q.mean[j], p.mean[j]}, {q.variance[j], p.variance[j]}};
        assert_close(expectation(methods, q.mean[j], q.variance[j], one, NULL), 1, 1e-12, 0);
        entropy += expectation(methods, q.mean[j], q.variance[j], minus_log, &of);
        divergence += expectation(methods, q.mean[j], q.variance[j], log_ratio, &of);
    }
    assert_close(methods->entropy(&at->of, law_of(&q), DIM), entropy, 1e-12, 1e-12);
    assert_close(methods->divergence(&at->of, law_of(&q), law_of(&p), DIM), divergence, 1e-12, 1e-12);
}

/* The edge's term: over x_t ~ q(x_t | x_0) the log of the forward step from x_t, taken at x_0. */
typedef struct edge_at {
    kernel of;
    const noise_level *t;
    double x0;
} edge_at;

static double edge_term(double x, void *user)
{
    const edge_at *at = user;
    double mean, variance;
    at->of.methods->edge_law(&at->of, (law){&mean, &variance}, at->t, &x, 1);
    return at->of.methods->log_probability(&at->of, &at->x0, (law){&mean, &variance}, 1);
}

/* The step from the data where variance is preserved; else x_t = signal x_0 + sigma epsilon solved for x_0. */
static void check_edge_law(const place *at)
{
    const noise_level data = level_of_data();
    row_law out, truth;
    at->of.methods->edge_law(&at->of, law_of(&out), &at->t, at->xt, DIM);
    at->of.methods->step(&at->of, law_of(&truth), &data, &at->t, at->xt, DIM);
    for (size_t j = 0; j < DIM; j++) {
        const double ratio = at->t.sigma / at->t.signal;
        const int preserves = fabs(at->t.signal * at->t.signal + at->t.sigma * at->t.sigma - 1.0) < 1e-12;
        assert_close(out.mean[j], preserves ? truth.mean[j] : at->xt[j] / at->t.signal, 1e-15, 0);
        assert_close(out.variance[j], preserves ? truth.variance[j] : ratio * ratio, 1e-15, 0);
    }
}

static void check_edge(const place *at)
{
    double truth = 0;
    for (size_t j = 0; j < DIM; j++) {
        edge_at edge = {kernel_from(&at->of, j), &at->t, at->x0[j]};
        double mean, variance;
        kernel_marginal(&edge.of, (law){&mean, &variance}, &at->t, &at->x0[j], 1);
        truth += expectation(at->of.methods, mean, variance, edge_term, &edge);
    }
    assert_close(at->of.methods->edge(&at->of, &at->t, at->x0, DIM), truth, 1e-11, 1e-11);
}

/* Equation 36: H(X_t | X_s) + H(X_s | X_0) - H(X_t | X_0), and 24; of bits over data that follow the prior. */
static double given_entropy(const place *at, const noise_level *from, const noise_level *to)
{
    const kernel_class *methods = at->of.methods;
    double sum = 0, mean, variance;
    for (size_t j = 0; j < DIM; j++)
        for (double x = 0; x <= 1; x++) {
            const kernel own = kernel_from(&at->of, j);
            methods->step(&own, (law){&mean, &variance}, from, to, &x, 1);
            sum += (methods->additive ? 0.5
                    : x > 0           ? rates[j]
                                      : 1 - rates[j]) *
                   methods->entropy(&at->of, (law){&mean, &variance}, 1);
        }
    return sum / DIM;
}

static void check_entropy_bounds(const place *at)
{
    const noise_level data = level_of_data();
    double lower, upper, step = given_entropy(at, &at->s, &at->t);
    at->of.methods->entropy_bounds(&at->of, &at->s, &at->t, &lower, &upper);
    assert_close(upper, step, 1e-13, 1e-13);
    if (at->s.t > 0.0)
        assert_close(lower, step + given_entropy(at, &data, &at->s) - given_entropy(at, &data, &at->t), 1e-11, 1e-11);
    else
        assert_true(lower == (at->of.methods->additive ? -INFINITY : 0.0));
}

/* ---- observations ---- */

typedef struct seen {
    const kernel_class *methods;
    double y, noise, power;
} seen;

static double likelihood(double x, void *user)
{
    const seen *of = user;
    const kernel self = bare(of->methods);
    return exp(of->methods->log_observed(&self, &x, &of->y, of->noise, of->power));
}

static double likelihood_x(double x, void *user)
{
    return x * likelihood(x, user);
}

static double likelihood_xx(double x, void *user)
{
    return x * x * likelihood(x, user);
}

/* p(x) r(x)^power / Z has this mean and variance, and log Z comes back. */
static void check_multiply(const place *at)
{
    const kernel_class *methods = at->of.methods;
    for (double power = 0; power <= 1; power += 0.25)
        for (size_t j = 0; j < DIM; j++) {
            row_law p = some_law(at, 1.0);
            seen of = {methods, at->xt[j], methods->additive ? 0.3 : 0.2, power};
            double z = expectation(methods, p.mean[j], p.variance[j], likelihood, &of);
            double mean = expectation(methods, p.mean[j], p.variance[j], likelihood_x, &of) / z;
            double square = expectation(methods, p.mean[j], p.variance[j], likelihood_xx, &of) / z;
            assert_close(methods->multiply(&at->of, (law){&p.mean[j], &p.variance[j]}, &of.y, of.noise, power), log(z),
                         1e-11, 1e-11);
            assert_close(p.mean[j], mean, 1e-11, 1e-11);
            assert_close(p.variance[j], square - mean * mean, 1e-10, 1e-11);
        }
}

static void noises_of_observations_are_told_apart(void **state)
{
    (void)state;
    assert_true(gaussian_kernel.is_observation_noise(3.0) && !gaussian_kernel.is_observation_noise(0.0));
    assert_true(!gaussian_kernel.is_observation_noise(INFINITY) && !gaussian_kernel.is_observation_noise(NAN));
    assert_true(binomial_kernel.is_observation_noise(0.5) && !binomial_kernel.is_observation_noise(1.0));
    assert_true(!binomial_kernel.is_observation_noise(0.0) && !binomial_kernel.is_observation_noise(NAN));
}

/* ---- natural parameters ---- */

/* A function of the posterior's natural parameters, as those of x_0's law move. */
typedef struct natural_at {
    const place *at;
    size_t j;
    double natural[DIM];
} natural_at;

static const double weights[DIM] = {0.3, -0.7, 1.1, 0.5, -0.2};

static double posterior_by_natural(double by, void *user)
{
    const natural_at *of = user;
    const kernel *self = &of->at->of;
    double moved[DIM], sum = 0;
    memcpy(moved, of->natural, sizeof moved);
    moved[of->j] += by;
    self->methods->from_natural(self, moved, moved, DIM);
    row_law q = posterior_of(of->at, moved, of->at->xt);
    self->methods->to_natural(self, moved, q.mean, DIM);
    for (size_t j = 0; j < DIM; j++)
        sum += weights[j] * moved[j];
    return sum;
}

static void check_natural(const place *at)
{
    const kernel_class *methods = at->of.methods;
    natural_at of = {at, 0, {0}};
    double means[DIM], slope[DIM], back[DIM];
    row_law p = some_law(at, 2.0);
    if (methods->additive) {
        assert_true(methods->to_natural == NULL && methods->from_natural == NULL &&
                    methods->posterior_backward == NULL);
        return;
    }
    methods->to_natural(&at->of, of.natural, p.mean, DIM);
    methods->from_natural(&at->of, means, of.natural, DIM);
    memcpy(slope, weights, sizeof slope);
    methods->slope_by_natural(&at->of, slope, law_of(&p), DIM);
    for (size_t j = 0; j < DIM; j++) {
        assert_close(of.natural[j], log(p.mean[j] / (1 - p.mean[j])), 1e-14, 1e-15);
        assert_close(means[j], p.mean[j], 1e-14, 0);
        assert_close(slope[j], weights[j] * p.mean[j] * (1 - p.mean[j]), 1e-14, 0); /* d mean / d log odds */
    }
    methods->slope_by_mean(&at->of, slope, law_of(&p), DIM);
    row_law q = posterior_of(at, p.mean, at->xt);
    methods->posterior_backward(&at->of, back, &at->s, &at->t, of.natural, at->xt, law_of(&q), weights, DIM);
    for (of.j = 0; of.j < DIM; of.j++) {
        assert_close(slope[of.j], weights[of.j], 1e-13, 0);
        assert_close(back[of.j], stencil(posterior_by_natural, &of, 1e-3), 1e-8, 1e-10);
    }
}

/* ---- values ---- */

static void values_that_a_kernel_has_not_are_refused_by_name(void **state)
{
    (void)state;
    const kernel gaussian = bare(&gaussian_kernel), binomial = {&binomial_kernel, rates, DIM, 1};
    const float bits[3] = {0, 1, 1}, numbers[3] = {0, 1, 0.5F}, broken[3] = {0, NAN, INFINITY};
    assert_ok(kernel_check_values(&gaussian, "f", "x", numbers, 3));
    assert_ok(kernel_check_values(&binomial, "f", "x", bits, 3));
    assert_refused(kernel_check_values(&binomial, "f", "x", numbers, 3), DIFFUSION_E_ARGUMENT,
                   "f: x[2]=0.5, expected 0 or 1 (binomial kernel)");
    assert_refused(kernel_check_values(&gaussian, "f", "x", broken, 3), DIFFUSION_E_NONFINITE, "f: x[1]=");
    assert_refused(kernel_check_values(&binomial, "f", "x", broken, 3), DIFFUSION_E_NONFINITE, "f: x[1]=");
    assert_ok(kernel_check_values(&binomial, "f", "x", broken, 0));
}

static void the_table_is_in_the_order_of_its_names(void **state)
{
    (void)state;
    assert_string_equal(kernel_names, "gaussian|binomial");
    assert_ptr_equal(kernel_class_at(0), &gaussian_kernel);
    assert_ptr_equal(kernel_class_at(1), &binomial_kernel);
    assert_null(kernel_class_at(2));
}

static void one_rate_serves_every_bit(void **state)
{
    (void)state;
    double rate = 0.3;
    const kernel of = {&binomial_kernel, &rate, 1, 1}, each = {&binomial_kernel, rates, DIM, 1};
    assert_ptr_equal(kernel_from(&of, 4).rates, &rate);
    assert_int_equal(kernel_from(&of, 4).rate_count, 1);
    assert_ptr_equal(kernel_from(&each, 3).rates, rates + 3);
    assert_int_equal(kernel_from(&each, 3).rate_count, DIM - 3);
    kernel bits = bare(&binomial_kernel), numbers = {&gaussian_kernel, rates, DIM, 1};
    assert_ok(bits.methods->settle(&bits));
    assert_true(bits.rate_count == 1 && bits.rates[0] == 0.5 && bits.group == 1);
    assert_refused(numbers.methods->settle(&numbers), DIFFUSION_E_SPEC, "rate is given with kernel=gaussian");
    memory_release(bits.rates);
}

#define AT_EVERY_PLACE(name, check)                                                                                    \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        at_every_place(check);                                                                                         \
    }

AT_EVERY_PLACE(the_prior_is_standard, check_prior)
AT_EVERY_PLACE(a_step_keeps_and_adds, check_step)
AT_EVERY_PLACE(a_step_from_the_data_is_the_marginal, check_marginal)
AT_EVERY_PLACE(diffusing_is_drawing_the_step, check_diffuse)
AT_EVERY_PLACE(the_posterior_is_bayes_rule, check_posterior)
AT_EVERY_PLACE(the_posterior_may_be_in_place, check_posterior_in_place)
AT_EVERY_PLACE(a_row_is_its_components, check_rows)
AT_EVERY_PLACE(draws_and_modes_are_values, check_draw)
AT_EVERY_PLACE(divergences_change_as_their_slopes_say, check_divergence_slope)
AT_EVERY_PLACE(entropies_and_divergences_are_expectations, check_information)
AT_EVERY_PLACE(the_edge_leads_back_to_the_data, check_edge_law)
AT_EVERY_PLACE(the_edge_is_an_expectation, check_edge)
AT_EVERY_PLACE(entropy_bounds_are_the_papers, check_entropy_bounds)
AT_EVERY_PLACE(a_law_times_an_observation_is_bayes_rule, check_multiply)
AT_EVERY_PLACE(natural_parameters_are_log_odds, check_natural)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prior_is_standard),
        cmocka_unit_test(a_step_keeps_and_adds),
        cmocka_unit_test(a_step_from_the_data_is_the_marginal),
        cmocka_unit_test(diffusing_is_drawing_the_step),
        cmocka_unit_test(the_posterior_is_bayes_rule),
        cmocka_unit_test(the_posterior_may_be_in_place),
        cmocka_unit_test(a_row_is_its_components),
        cmocka_unit_test(draws_and_modes_are_values),
        cmocka_unit_test(the_noise_is_standard),
        cmocka_unit_test(divergences_change_as_their_slopes_say),
        cmocka_unit_test(entropies_and_divergences_are_expectations),
        cmocka_unit_test(the_edge_leads_back_to_the_data),
        cmocka_unit_test(the_edge_is_an_expectation),
        cmocka_unit_test(entropy_bounds_are_the_papers),
        cmocka_unit_test(a_law_times_an_observation_is_bayes_rule),
        cmocka_unit_test(noises_of_observations_are_told_apart),
        cmocka_unit_test(natural_parameters_are_log_odds),
        cmocka_unit_test(values_that_a_kernel_has_not_are_refused_by_name),
        cmocka_unit_test(the_table_is_in_the_order_of_its_names),
        cmocka_unit_test(one_rate_serves_every_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
