#include "evaluate/elbo_run.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "base/threads.h"

#include <math.h>

SPEC_OWN(elbo_options);

static const spec_key keys[] = {
    {"draws", SPEC_INTEGER, offsetof(elbo_options, draws), "1", 1, 1000000, NULL,
     "draws of x_t for every sample and step"},
    {"terms", SPEC_CHOICE, offsetof(elbo_options, terms), "auto", 0, 0, "auto|all|sampled",
     "whether the KLs of all t = 2..T are measured for each draw, or those of some t of its own, drawn at random by a "
     "chance that a pilot of one more finds; auto: sampled if steps says how many"},
    {"steps", SPEC_INTEGER, offsetof(elbo_options, steps), "0", 0, INT32_MAX, NULL,
     "how many KLs are sampled for each draw; 0: 20 with terms=sampled; as many as there are, or more: all"},
    {"time_draws", SPEC_CHOICE, offsetof(elbo_options, time_draws), "stratified", 0, 0, ELBO_TIME_DRAWS_CHOICES,
     "how the sampled t of a draw hang together: one in each of as many strata of equal chance, at numbers u and 1 - u "
     "in neighbouring strata, or not at all"},
    {"seed", SPEC_UNSIGNED, offsetof(elbo_options, seed), "0", 0, 0, NULL, "seed of the draws"},
    CHAIN_STEPS_KEY(elbo_options),
    CHAIN_SPACING_KEY(elbo_options),
    CHAIN_LIST_KEY(elbo_options),
    CHAIN_VARIANCE_KEY(elbo_options),
    CHAIN_CLIP_KEY(elbo_options),
    EDGE_RULE_KEY(elbo_options),
    EDGE_LEVELS_KEY(elbo_options),
    EDGE_CDF_KEY(elbo_options),
    EDGE_DEQUANTIZE_KEY(elbo_options),
};

/* ---- the terms ---- */

static size_t draws_of(const elbo_run *run)
{
    return run->figures.n * run->figures.draws;
}

static diffusion_status tell(elbo_run *run)
{
    run->done += (int64_t)draws_of(run);
    return evaluator_progress(run->self, run->done, run->total);
}

static void measure_closed_edge(const elbo_run *run)
{
    const noise_level *first = &run->chain.levels[1];
    const size_t draws = run->figures.draws, dim = run->model->dim;
    for (size_t i = 0; i < draws_of(run); i++)
        run->nats[i] = -run->kernel->methods->edge(run->kernel, first, run->x0 + i / draws * dim, dim);
}

/* The term of the chain's step t for every draw. */
static diffusion_status measure_step(elbo_run *run, int32_t t)
{
    const int closed = t == 1 && run->options.edge.rule == EDGE_FORWARD;
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < draws_of(run); i++)
        run->t[i] = t;
    if (closed)
        measure_closed_edge(run);
    else
        status = elbo_measure_pass(run, (elbo_pass){run->t, run->nats, RNG_BOUND, 0});
    if (status != DIFFUSION_OK)
        return status;
    elbo_record_step(&run->figures, chain_step(&run->chain, t), t == 1, run->nats);
    return tell(run);
}

/* Where the KLs are large, from one of every draw, with noise that is used for nothing else. */
static diffusion_status measure_pilot(elbo_run *run)
{
    for (size_t i = 0; i < draws_of(run); i++)
        run->t[i] = elbo_times_pilot(&run->times, i);
    diffusion_status status = elbo_measure_pass(run, (elbo_pass){run->t, run->nats, RNG_BOUND_PILOT, 0});
    if (status == DIFFUSION_OK)
        status = elbo_times_fit(&run->times, run->t, run->nats, draws_of(run));
    return status == DIFFUSION_OK ? tell(run) : status;
}

static diffusion_status measure_stratum(elbo_run *run, size_t stratum)
{
    int32_t *t = run->t + stratum * draws_of(run);
    double *nats = run->nats + stratum * draws_of(run);
    for (size_t i = 0; i < draws_of(run); i++)
        t[i] = elbo_times_draw(&run->times, run->options.seed, i, stratum);
    diffusion_status status = elbo_measure_pass(run, (elbo_pass){t, nats, RNG_BOUND, (uint32_t)stratum + 1});
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < draws_of(run); i++)
        elbo_record_part(&run->figures, i, elbo_times_weight(&run->times, t[i]) * nats[i]);
    return tell(run);
}

static diffusion_status measure_sampled(elbo_run *run)
{
    diffusion_status status = measure_pilot(run);
    for (size_t stratum = 0; stratum < run->times.strata && status == DIFFUSION_OK; stratum++)
        status = measure_stratum(run, stratum);
    return status == DIFFUSION_OK ? elbo_record_hits(&run->figures, &run->chain, run->times.strata, run->t, run->nats)
                                  : status;
}

/* A model without variance has infinite KLs, but also an infinite density where it knows x_0. */
static diffusion_status check_sum(const elbo_run *run)
{
    double sum = 0.0;
    for (size_t i = 0; i < draws_of(run); i++)
        sum += run->figures.chain[i];
    return isnan(sum)
               ? error_set(DIFFUSION_E_NONFINITE,
                           "evaluator: K is infinity less infinity: the model's variance underflows to 0 at step "
                           "1, where it knows x_0, and elsewhere")
               : DIFFUSION_OK;
}

static diffusion_status measure_all(elbo_run *run, const float *x0)
{
    const int32_t last = run->times.strata > 0 ? 1 : run->chain.steps;
    diffusion_status status = elbo_take_data(run, x0);
    for (int32_t t = 1; t <= last && status == DIFFUSION_OK; t++)
        status = measure_step(run, t);
    if (status == DIFFUSION_OK && run->times.strata > 0)
        status = measure_sampled(run);
    return status == DIFFUSION_OK ? check_sum(run) : status;
}

/* ---- the whole ---- */

enum { SAMPLED = 20 }; /* of 1000 they made the error of K 1.2 times as large */

static int64_t sampled_of(const elbo_options *options)
{
    return options->terms == ELBO_TERMS_SAMPLED && options->steps == 0 ? SAMPLED : options->steps;
}

static diffusion_status reserve(elbo_run *run, const struct diffusion_condition *condition)
{
    elbo_figures *of = &run->figures;
    const size_t dim = run->model->dim, steps = (size_t)run->schedule->steps, rows = MODEL_FORWARD_ROWS;
    const size_t strata = run->times.strata;
    size_t total, values, kept;
    if (!size_multiply(&total, of->n, of->draws) || !size_multiply(&values, of->n, dim) ||
        !size_multiply(&kept, total, strata > 0 ? strata : 1))
        return error_set(DIFFUSION_E_MEMORY, "evaluator: %zu samples with %zu draws cannot be addressed", of->n,
                         of->draws);
    int complete = (of->chain = memory_allocate(total, sizeof(double))) != NULL &&
                   (of->prior = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (of->null = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (of->term = memory_allocate(steps, sizeof(double))) != NULL &&
                   (of->term_error = memory_allocate(steps, sizeof(double))) != NULL &&
                   (run->x0 = memory_allocate(values, sizeof(double))) != NULL &&
                   (run->t = memory_allocate(kept, sizeof *run->t)) != NULL &&
                   (run->nats = memory_allocate(kept, sizeof(double))) != NULL &&
                   (run->xt = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->mean = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->variance = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->at = memory_allocate(rows, sizeof *run->at)) != NULL &&
                   (run->laws = memory_allocate(run->threads, 2 * dim * sizeof(double))) != NULL &&
                   (run->prior = memory_allocate(2, dim * sizeof(double))) != NULL;
    run->total = (int64_t)(total * (strata > 0 ? strata + 2 : (size_t)run->chain.steps));
    return complete ? condition_repeat(&run->condition, condition, of->draws) : DIFFUSION_E_MEMORY;
}

static void run_release(elbo_run *run)
{
    void *arrays[] = {run->x0, run->t, run->nats, run->xt, run->mean, run->variance, run->at, run->laws, run->prior};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    elbo_times_close(&run->times);
    chain_close(&run->chain);
    predictor_close(&run->predictor);
    condition_free(run->condition);
    elbo_figures_release(&run->figures);
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    const elbo_options *options = (const elbo_options *)&self->options.own;
    elbo_run work = {.self = self,
                     .options = *options,
                     .model = self->model,
                     .schedule = self->schedule,
                     .kernel = &self->schedule->kernel,
                     .threads = threads_count(),
                     .figures = {.n = n, .draws = (size_t)options->draws}};
    diffusion_status status = model_check_condition(self->model, "evaluator", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = predictor_open(&work.predictor, self->model, self->schedule);
    if (status == DIFFUSION_OK && self->progress != NULL)
        predictor_listen(&work.predictor, elbo_tick, &work);
    if (status == DIFFUSION_OK)
        status = chain_open(&work.chain, self, &options->chain);
    if (status == DIFFUSION_OK)
        status =
            elbo_times_open(&work.times, sampled_of(options), options->time_draws, work.chain.levels, work.chain.steps);
    if (status == DIFFUSION_OK)
        status = reserve(&work, condition);
    if (status == DIFFUSION_OK)
        status = measure_all(&work, x0);
    if (status == DIFFUSION_OK) {
        elbo_figures before = *(elbo_figures *)self->state;
        *(elbo_figures *)self->state = work.figures;
        work.figures = before;
    }
    run_release(&work);
    return status;
}

static diffusion_status open_elbo(struct diffusion_evaluator *self)
{
    const elbo_options *options = (const elbo_options *)&self->options.own;
    if (options->terms == ELBO_TERMS_ALL && options->steps > 0)
        return error_set(DIFFUSION_E_SPEC, "evaluator: terms=all measures every step, steps=%lld some: expected one",
                         (long long)options->steps);
    diffusion_status status = evaluator_check_pair(self);
    if (status == DIFFUSION_OK)
        status = chain_check(self, &options->chain);
    return status == DIFFUSION_OK ? edge_check_schedule(&options->edge, self->schedule) : status;
}

static void release(void *state)
{
    elbo_figures_release(state);
}

const measure elbo_measure = {
    .spec = {"elbo", "The lower bound K on log p(x_0), term by term.", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(elbo_figures),
    .release = release,
    .open = open_elbo,
    .run = run,
    .quantities = elbo_quantities,
    .quantity_count = ELBO_QUANTITIES,
    .value = elbo_value,
    .terms = elbo_terms,
    .sample = elbo_sample,
    .sample_error = elbo_sample_error,
};
