/* Bits-back coding: every value comes back, in as many bits as the trajectories that were drawn ought to cost, whose
 * mean is the evaluator's K. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "make.h"

enum { HEADER_LEAST = 190, HEADER_MOST = 240 }; /* bytes */

/* ---- the length ---- */

/* Normal data of this deviation, whose chain is normal throughout: p(x_{t-1} | x_t) is q(x_{t-1} | x_t). */
static const double deviation = 0.3;

typedef struct linear_chain {
    double slope[101], variance[101], beta[101];
} linear_chain;

static int32_t linear(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                      void *user)
{
    (void)condition;
    const linear_chain *self = user;
    for (size_t i = 0; i < n; i++) {
        const int t = (int)time[i];
        const double v = self->variance[t], b = self->beta[t];
        for (size_t j = 0; j < 2; j++) {
            out[4 * i + j] = self->slope[t] * x[2 * i + j];
            out[4 * i + 2 + j] = log(v / (1.0 - v)) - log(b / (1.0 - b));
        }
    }
    return 0;
}

static diffusion_model *open_chain(linear_chain *self, const diffusion_schedule *schedule)
{
    double alpha_bar[101] = {1.0};
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", alpha_bar + 1));
    assert_ok(diffusion_schedule_values(schedule, "beta", self->beta + 1));
    for (int t = 1; t <= diffusion_schedule_steps(schedule); t++) {
        const double square = deviation * deviation;
        const double above = square * alpha_bar[t] + 1.0 - alpha_bar[t];
        const double below = square * alpha_bar[t - 1] + 1.0 - alpha_bar[t - 1];
        self->slope[t] = sqrt(1.0 - self->beta[t]) * below / above;
        self->variance[t] = self->beta[t] * below / above;
    }
    return make_callback_double("shape=2 predict=mean variance=learned", linear, self);
}

/* Sums of four uniform numbers: nearly normal. */
static void fill_normal(float *x0, size_t count, int levels)
{
    uint32_t state = 7;
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (int k = 0; k < 4; k++)
            sum += (double)make_number(&state);
        const double at = (1.0 + deviation * sum * sqrt(3.0 / 4.0)) / 2.0 * (levels - 1);
        x0[i] = make_level((int)fmin(fmax(floor(at + 0.5), 0), levels - 1), levels);
    }
}

/* What a code has above what was to be coded: the header, what was borrowed, half a word of the head, and so little for
 * each value and step. */
static void check_length(const diffusion_coder *coder, size_t n, size_t dim, int steps, double step_bits)
{
    const double bits = coder_figure(coder, "code_bits"), initial = coder_figure(coder, "initial_bits");
    const double wanted = -coder_figure(coder, "k_bits") + coder_figure(coder, "label_bits");
    const double above = (bits - initial - wanted) * (double)n;
    print_message("%s: %.4f bits a value, to be %.4f, borrowed %.4f, above that %.0f bits in all\n",
                  diffusion_coder_spec(coder), bits / (double)dim, wanted / (double)dim, initial / (double)dim, above);
    const double slack = step_bits * (double)(n * dim) * steps;
    assert_true(above > 8 * HEADER_LEAST - slack);
    assert_true(above < 8 * HEADER_MOST + slack);
}

static void the_length_is_that_of_the_trajectories_whose_mean_is_k(void **state)
{
    (void)state;
    enum { N = 4000, STEPS = 100, LEVELS = 16 };
    static linear_chain self;
    static float x0[2 * N], back[2 * N];
    diffusion_schedule *schedule = make_schedule("cosine steps=100");
    diffusion_model *model = open_chain(&self, schedule);
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo edge=discretized levels=16 draws=2");
    fill_normal(x0, 2 * N, LEVELS);
    assert_ok(diffusion_evaluator_run(elbo, x0, NULL, N));
    const double k = figure(elbo, "k_bits"), error = figure(elbo, "draw_error_bits");
    for (int cells = 2; cells <= 8; cells *= 2) {
        char spec[64];
        snprintf(spec, sizeof spec, "bits_back levels=16 cells=%d", cells);
        diffusion_coder *coder = make_coder(model, schedule, spec);
        assert_ok(diffusion_coder_encode(coder, x0, NULL, N));
        check_length(coder, N, 2, STEPS, 5e-5);
        print_message("K %.4f +- %.4f\n", k, error);
        assert_true(fabs(coder_figure(coder, "k_bits") - k) < 4.0 * error + 0.005 * fabs(k));
        assert_ok(diffusion_coder_decode(coder, back, NULL, N));
        assert_memory_equal(back, x0, sizeof x0);
        diffusion_coder_free(coder);
    }
    diffusion_evaluator_free(elbo);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- there and back ---- */

typedef struct round_trip {
    const char *model, *schedule, *spec;
    size_t n, dim;
    int levels; /* 2: bits */
    int labels;
} round_trip;

static float *data_of(const round_trip *of, int kind)
{
    float *x0 = calloc(of->n * of->dim, sizeof *x0);
    const int bits = of->levels == 2;
    make_levels(x0, of->n * of->dim, of->levels, 5);
    for (size_t i = 0; i < of->n * of->dim; i++) {
        if (kind == 1)
            x0[i] = make_level(of->levels - 1, of->levels);
        if (kind == 2)
            x0[i] = make_level(0, of->levels);
        if (bits)
            x0[i] = x0[i] > 0.0f;
    }
    return x0;
}

static diffusion_condition *labels_of(const round_trip *of, int32_t *labels)
{
    for (size_t i = 0; i < of->n; i++)
        labels[i] = of->labels ? (int32_t)(i % 4) - 1 : -1;
    return of->labels ? make_labels(labels, of->n) : NULL;
}

/* Coded with one number of threads, decoded with another, from a file. */
static void check_round_trip(const round_trip *of, const diffusion_model *model, const diffusion_schedule *schedule,
                             int kind, int threads)
{
    float *x0 = data_of(of, kind), *back = calloc(of->n * of->dim, sizeof *back);
    int32_t *labels = calloc(of->n, sizeof *labels), *labels_back = calloc(of->n, sizeof *labels);
    diffusion_condition *condition = labels_of(of, labels);
    diffusion_coder *coder = make_coder(model, schedule, of->spec), *loaded = NULL;
    assert_ok(diffusion_set_threads(threads));
    assert_ok(diffusion_coder_encode(coder, x0, condition, of->n));
    assert_ok(diffusion_coder_save(coder, "code"));
    assert_ok(diffusion_set_threads(threads % 3 + 1));
    assert_ok(diffusion_coder_load(&loaded, model, schedule, "code"));
    assert_true(coder_figure(loaded, "samples") == (double)of->n);
    assert_true(coder_figure(loaded, "bytes") == coder_figure(coder, "bytes"));
    assert_string_equal(diffusion_coder_spec(loaded), diffusion_coder_spec(coder));
    for (int again = 0; again < 2; again++) {
        assert_ok(diffusion_coder_decode(loaded, back, labels_back, of->n));
        assert_memory_equal(back, x0, of->n * of->dim * sizeof *x0);
        assert_memory_equal(labels_back, labels, of->n * sizeof *labels);
    }
    assert_ok(diffusion_set_threads(0));
    assert_int_equal(remove("code"), 0);
    diffusion_coder_free(coder);
    diffusion_coder_free(loaded);
    diffusion_condition_free(condition);
    free(x0);
    free(back);
    free(labels);
    free(labels_back);
}

static void every_value_comes_back(void **state)
{
    (void)state;
    static const char unet[] = "unet shape=4,4,1 channels=8,8 groups=4 predict=v variance=learned_range classes=3";
    static const char mlp[] = "mlp shape=5 width=8 depth=2 time_features=2 predict=v";
    static const char bits[] = "mlp shape=6 width=8 depth=2 time_features=2 predict=perturbation";
    static const round_trip all[] = {
        {unet, "cosine steps=12", "bits_back levels=17", 70, 16, 17, 1},
        {unet, "cosine steps=12", "bits_back steps=4 cells=1 batch=2", 20, 16, 256, 0},
        {unet, "linear steps=100", "bits_back steps=5 variance=fixed_large cells=16", 9, 16, 256, 1},
        {unet, "linear steps=1", "bits_back levels=65536", 1, 16, 65536, 0},
        {mlp, "log_snr steps=30 maximum=9", "bits_back levels=3 batch=1024", 200, 5, 3, 0},
        {mlp, "edm steps=20", "bits_back", 40, 5, 256, 0},
        {mlp, "flow steps=20", "bits_back steps=1", 40, 5, 256, 0},
        {bits, "linear steps=10 kernel=binomial rate=0.2", "bits_back", 90, 6, 2, 0},
        {bits, "linear steps=10 kernel=binomial", "bits_back edge=forward", 90, 6, 2, 0},
        {bits, "linear steps=1 kernel=binomial", "bits_back edge=forward", 1, 6, 2, 0},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        diffusion_schedule *schedule = make_schedule(all[i].schedule);
        diffusion_model *model = make_model(all[i].model, 3);
        fill_weights(model, 4);
        for (int kind = 0; kind < 3; kind++)
            check_round_trip(&all[i], model, schedule, kind, kind + 1);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_length_is_that_of_the_trajectories_whose_mean_is_k),
        cmocka_unit_test(every_value_comes_back),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
