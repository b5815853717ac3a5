/* Ancestral sampling: x_{t-1} ~ p(x_{t-1} | x_t), the generative process of the paper (section 2.2). */
#include "sample/solver.h"

typedef enum last_step { LAST_MEAN, LAST_MODEL, LAST_FORWARD } last_step;

typedef struct ancestral_options {
    int32_t last;
} ancestral_options;
SPEC_OWN(ancestral_options);

static const spec_key keys[] = {
    {"last", SPEC_CHOICE, offsetof(ancestral_options, last), "mean", 0, 0, "mean|model|forward",
     "x_0 given x_1: the mean (the likelier bit), a draw from p(x_0 | x_1), or the paper's edge rule, a draw from the "
     "forward kernel with beta_1"},
};

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const ancestral_options *options = chain->options;
    const int last = step->to.t == 0.0;
    if (last && options->last == LAST_FORWARD) {
        solver_edge(chain, &step->from, step->next);
        return DIFFUSION_OK;
    }
    step->undrawn = last && options->last == LAST_MEAN;
    return solver_reverse(chain, &step->from, &step->to, step->next);
}

const solver ancestral_solver = {
    .spec = {"ancestral", "x_{t-1} drawn from p(x_{t-1} | x_t), step by step (Gaussian and binomial kernel).", keys,
             SPEC_COUNT(keys)},
    .transition = 1,
    .step = step,
};
