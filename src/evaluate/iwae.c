/* The importance-weighted bound on log p(x_0): the logarithm of the mean over k trajectories of
 *
 *     p(x_{0..T}) / q(x_{1..T} | x_0),
 *
 * which no k takes beyond log p(x_0), and large k to it (Burda et al. 2016, arXiv:1509.00519). k = 1 is the bound K
 * with all its terms drawn. Trajectories are drawn downwards, x_T from q(x_T | x_0), x_{t-1} from q(x_{t-1} | x_t,
 * x_0). */
#include "evaluate/iwae_run.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "base/threads.h"

#include <math.h>

SPEC_OWN(iwae_options);

#define OWN(field) offsetof(iwae_options, field)
static const spec_key keys[] = {
    {"samples", SPEC_INTEGER, OWN(samples), "16", 1, 1000000, NULL, "trajectories for every sample of the data, k"},
    {"seed", SPEC_UNSIGNED, OWN(seed), "0", 0, 0, NULL, "seed of the draws"},
    CHAIN_STEPS_KEY(iwae_options),
    CHAIN_SPACING_KEY(iwae_options),
    CHAIN_LIST_KEY(iwae_options),
    CHAIN_VARIANCE_KEY(iwae_options),
    CHAIN_CLIP_KEY(iwae_options),
    EDGE_RULE_KEY(iwae_options),
    EDGE_LEVELS_KEY(iwae_options),
    EDGE_CDF_KEY(iwae_options),
    EDGE_DEQUANTIZE_KEY(iwae_options),
};

/* ---- the whole ---- */

static diffusion_status reserve(iwae_run *run, const struct diffusion_condition *condition)
{
    iwae_figures *of = &run->figures;
    const size_t dim = run->dim, rows = MODEL_FORWARD_ROWS;
    size_t total, values;
    if (!size_multiply(&total, of->n, of->samples) || !size_multiply(&values, of->n, dim))
        return error_set(DIFFUSION_E_MEMORY, "evaluator: %zu samples with %zu trajectories cannot be addressed", of->n,
                         of->samples);
    int complete = (of->nats = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (of->error = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (of->effective = memory_allocate(of->n, sizeof(double))) != NULL &&
                   (run->x0 = memory_allocate(values, sizeof(double))) != NULL &&
                   (run->weight = memory_allocate(total, sizeof(double))) != NULL &&
                   (run->x = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->noise = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->mean = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->variance = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (run->at = memory_allocate(rows, sizeof *run->at)) != NULL &&
                   (run->laws = memory_allocate(run->threads, 4 * dim * sizeof(double))) != NULL;
    run->total = (int64_t)(total * (size_t)run->chain.steps);
    return complete ? condition_repeat(&run->condition, condition, of->samples) : DIFFUSION_E_MEMORY;
}

static void release(void *state)
{
    iwae_figures *of = state;
    memory_release(of->nats);
    memory_release(of->error);
    memory_release(of->effective);
}

static void run_release(iwae_run *run)
{
    void *arrays[] = {run->x0, run->weight, run->x, run->noise, run->mean, run->variance, run->at, run->laws};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    chain_close(&run->chain);
    predictor_close(&run->predictor);
    condition_free(run->condition);
    release(&run->figures);
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    const iwae_options *options = (const iwae_options *)&self->options.own;
    iwae_run work = {.self = self,
                     .options = *options,
                     .kernel = &self->schedule->kernel,
                     .dim = self->model->dim,
                     .threads = threads_count(),
                     .figures = {.n = n, .samples = (size_t)options->samples}};
    diffusion_status status = model_check_condition(self->model, "evaluator", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = predictor_open(&work.predictor, self->model, self->schedule);
    if (status == DIFFUSION_OK && self->progress != NULL)
        predictor_listen(&work.predictor, iwae_tick, &work);
    if (status == DIFFUSION_OK)
        status = chain_open(&work.chain, self, &options->chain);
    if (status == DIFFUSION_OK)
        status = reserve(&work, condition);
    if (status == DIFFUSION_OK)
        status = iwae_run_weights(&work, x0);
    if (status == DIFFUSION_OK) {
        iwae_figures before = *(iwae_figures *)self->state;
        *(iwae_figures *)self->state = work.figures;
        work.figures = before;
    }
    run_release(&work);
    return status;
}

static diffusion_status open_iwae(struct diffusion_evaluator *self)
{
    const iwae_options *options = (const iwae_options *)&self->options.own;
    diffusion_status status = evaluator_check_pair(self);
    if (status == DIFFUSION_OK)
        status = chain_check(self, &options->chain);
    return status == DIFFUSION_OK ? edge_check_schedule(&options->edge, self->schedule) : status;
}

/* ---- figures ---- */

static const iwae_figures *figures_of(const struct diffusion_evaluator *self)
{
    return self->state;
}

static double sample(const struct diffusion_evaluator *self, size_t index)
{
    return figures_of(self)->nats[index] / nats_per_bit;
}

static double sample_error(const struct diffusion_evaluator *self, size_t index)
{
    return figures_of(self)->error[index] / nats_per_bit;
}

static double effective(const struct diffusion_evaluator *self, size_t index)
{
    return figures_of(self)->effective[index];
}

/* In the order of value(). */
static const char *const quantities[] = {"log_likelihood_bits", "standard_error_bits", "bits_per_dimension",
                                         "effective_samples"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const double mean = evaluator_mean(self, sample);
    const double width = edge_width(&((const iwae_options *)&self->options.own)->edge);
    const double values[] = {mean, evaluator_error(self, sample),
                             -mean / (double)self->model->dim - (width > 0.0 ? log2(width) : 0.0),
                             evaluator_mean(self, effective)};
    return values[quantity];
}

const measure iwae_measure = {
    .spec = {"iwae", "A tighter bound on log p(x_0), by the mean weight of k trajectories.", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(iwae_figures),
    .release = release,
    .open = open_iwae,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
    .sample = sample,
    .sample_error = sample_error,
};
