/* The bound, term by term, against improved-diffusion's calc_bpd_loop in double, with its recorded noise. */
#include "replay.h"

#include "analytic.h"

#include <ctype.h>

enum { STEPS_MOST = 4096 };

typedef struct recorded {
    size_t n, dim;
    int32_t steps;
    double *x0, *noise, *vb, *prior, *total;
    double alpha_bar[STEPS_MOST], beta[STEPS_MOST];
    size_t sample; /* at hand */
} recorded;

static void recorded_release(recorded *of)
{
    double *own[] = {of->x0, of->noise, of->vb, of->prior, of->total};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        free(own[i]);
    free(of);
}

static recorded *recorded_read(safetensors *file)
{
    recorded *out = calloc(1, sizeof *out);
    size_t values, noises, terms;
    out->x0 = tensor_of(file, "x0", &values);
    out->noise = tensor_of(file, "noise", &noises);
    out->vb = tensor_of(file, "vb", &terms);
    out->prior = tensor_of(file, "prior_bpd", &out->n);
    out->total = tensor_of(file, "total_bpd", NULL);
    const int whole = out->x0 != NULL && out->noise != NULL && out->vb != NULL && out->prior != NULL &&
                      out->total != NULL && out->n > 0;
    out->dim = whole ? values / out->n : 0;
    out->steps = whole ? (int32_t)(terms / out->n) : 0;
    if (whole && out->steps <= STEPS_MOST && noises == values * (size_t)out->steps)
        return out;
    recorded_release(out);
    return NULL;
}

/* x_0 comes in by the draw of dequantize=1 on data of zeros: in double, where the data array would round it. */
static int32_t replay(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample;
    const recorded *self = user;
    const size_t dim = self->dim, at = self->sample;
    const double *from =
        step == 0 ? self->x0 + at * dim : self->noise + (at * (size_t)self->steps + (size_t)(step - 1)) * dim;
    memcpy(values, from, count * sizeof *values);
    return 0;
}

/* "cosine, T=40": improved-diffusion's schedules by their names. */
static diffusion_schedule *schedule_of(safetensors *file, int32_t steps)
{
    char spec[128];
    const char *text = safetensors_metadata(file, "schedule");
    diffusion_schedule *schedule = NULL;
    if (text != NULL && strncmp(text, "cosine", 6) == 0)
        snprintf(spec, sizeof spec, "cosine steps=%d", (int)steps);
    else if (text != NULL && strncmp(text, "linear", 6) == 0)
        snprintf(spec, sizeof spec, "linear steps=%d beta_start=%.17g beta_end=%.17g", (int)steps, 0.1 / steps,
                 20.0 / steps);
    else
        return NULL;
    return diffusion_schedule_create(&schedule, spec) == DIFFUSION_OK ? schedule : NULL;
}

typedef struct differences {
    double terms, decoder, prior, total; /* bits per dimension; the decoder's relative */
    size_t compared, left_out;
} differences;

static void compare(differences *worst, const recorded *of, const analytic_model *analytic,
                    const diffusion_evaluator *bound)
{
    double terms[STEPS_MOST];
    const double *truth = of->vb + of->sample * (size_t)of->steps, dim = (double)of->dim;
    size_t left_out = 0;
    assert_ok(diffusion_evaluator_terms(bound, terms, NULL));
    worst->decoder = fmax(worst->decoder, fabs(terms[0] / dim - truth[0]) / fmax(fabs(truth[0]), 1.0));
    for (int32_t t = 2; t <= of->steps; t++) {
        if (!analytic_can_represent(analytic, t))
            left_out++;
        else
            worst->terms = fmax(worst->terms, fabs(terms[t - 1] / dim - truth[t - 1]));
    }
    worst->compared += (size_t)of->steps - left_out;
    worst->left_out += left_out;
    worst->prior = fmax(worst->prior, fabs(figure(bound, "prior_bits") / dim - of->prior[of->sample]));
    if (left_out == 0)
        worst->total = fmax(worst->total, fabs(figure(bound, "bits_per_dimension") / of->total[of->sample] - 1.0));
}

/* 1e-9 bits; but step 1 is the log of a difference of two distribution functions, which the peer takes with an error of
 * 1e-16: 1e-6 of a mass of 1e-10. */
static int check_as(recorded *of, const diffusion_schedule *schedule, const char *variance, char kind, char predict)
{
    char spec[128];
    differences worst = {0};
    analytic_model analytic = {of->alpha_bar, of->beta, of->dim, predict, kind};
    float *zeros = calloc(of->dim, sizeof *zeros);
    const char *as = predict == 'e' ? "epsilon" : predict == 'v' ? "v" : "x0";
    snprintf(spec, sizeof spec, "shape=%zu predict=%s variance=%s", of->dim, as, variance);
    diffusion_model *model = make_callback_double(spec, analytic_predict, &analytic);
    diffusion_evaluator *bound = make_evaluator(model, schedule, "elbo edge=discretized cdf=tanh dequantize=1");
    assert_ok(diffusion_evaluator_set_noise(bound, replay, of));
    for (of->sample = 0; of->sample < of->n; of->sample++) {
        assert_ok(diffusion_evaluator_run(bound, zeros, NULL, 1));
        compare(&worst, of, &analytic, bound);
    }
    const int good = worst.terms < 1e-9 && worst.prior < 1e-9 && worst.decoder < 1e-6 && worst.total < 1e-6;
    printf("  %-8s %-13s %s terms %.1e, prior %.1e, decoder %.1e (relative), total %.1e (relative) bits/dim; %zu terms",
           as, variance, good ? "ok " : "OFF", worst.terms, worst.prior, worst.decoder, worst.total, worst.compared);
    if (worst.left_out > 0)
        printf(", %zu left out, whose variance exceeds 1", worst.left_out);
    printf("\n");
    diffusion_evaluator_free(bound);
    diffusion_model_free(model);
    free(zeros);
    return good;
}

int bound_check(safetensors *file)
{
    static const struct {
        const char *theirs, *ours;
        char kind;
    } kinds[] = {{"FIXED_SMALL", "fixed_small", 'f'},
                 {"FIXED_LARGE", "fixed_large", 'f'},
                 {"LEARNED_RANGE", "learned_range", 'r'},
                 {"LEARNED", "learned", 'l'},
                 {"LEARNED", "learned_raw", 'w'}};
    const char *variance = safetensors_metadata(file, "variance");
    recorded *of = recorded_read(file);
    diffusion_schedule *schedule = of != NULL ? schedule_of(file, of->steps) : NULL;
    int good = 1, known = 0;
    if (schedule != NULL && variance != NULL) {
        assert_ok(diffusion_schedule_values(schedule, "alpha_bar", of->alpha_bar));
        assert_ok(diffusion_schedule_values(schedule, "beta", of->beta));
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            for (const char *predict = "evx"; *predict != '\0' && strcmp(kinds[i].theirs, variance) == 0; predict++) {
                good &= check_as(of, schedule, kinds[i].ours, kinds[i].kind, *predict);
                known = 1;
            }
    }
    if (!known)
        printf("  OFF: its schedule, variance or layout is not known here\n");
    diffusion_schedule_free(schedule);
    if (of != NULL)
        recorded_release(of);
    return good && known;
}
