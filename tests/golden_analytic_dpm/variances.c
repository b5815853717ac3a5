/* The variances of jumps, and what they are made of. */
#include "replay.h"

#include "model/model.h"
#include "model/parameterization.h"

#include <stdlib.h>

static reverse_step step_between(const recorded *of, variance_asked asked, int32_t r, int32_t s)
{
    const noise_level *levels = of->schedule->levels;
    reverse_step at = reverse_step_between(&of->model->options, of->schedule, &levels[r], &levels[s], NULL);
    reverse_step_take_variance(&at, asked, of->model->moments, of->schedule, NULL);
    return at;
}

/* What the file calls by this name; NAN where it is nothing of the jump's. */
static double part_of(const recorded *of, const char *name, variance_asked asked, int32_t r, int32_t s)
{
    const noise_level *from = &of->schedule->levels[r];
    const reverse_step at = step_between(of, asked, r, s);
    if (strcmp(name, "sigma2_small") == 0)
        return at.posterior.variance;
    if (strcmp(name, "coeff_cov_x_0") == 0)
        return at.posterior.x0 * at.posterior.x0;
    if (strcmp(name, "cov_x_0") == 0)
        return moments_error(of->model->moments, from); /* which is not below 0 */
    if (strcmp(name, "cov_x_0_clamp") == 0)
        return moments_covariance(of->model->moments, from, variance_is_ideal(asked));
    return at.ends.fixed;
}

/* Of each jump of the run that the prefix names; where there is one variance more than jumps above the data, the last
 * is that at the data. Relative: a variance may be small. */
static int check_row(const recorded *of, worst *found, const char *prefix, const char *name)
{
    char key[64];
    size_t count = 0, steps = 0;
    snprintf(key, sizeof key, "%s%s", prefix, name);
    double *truth = recorded_values(of, key, &count);
    snprintf(key, sizeof key, "%sr", prefix);
    double *r = recorded_values(of, key, &steps);
    for (size_t k = 0; truth != NULL && r != NULL && k < count && k < steps; k++) {
        const int32_t s = k + 1 < steps ? (int32_t)r[k + 1] : 0;
        const double expected = fmax(truth[k], 0.0);
        for (int asked = VARIANCE_ANALYTIC; asked <= VARIANCE_IDEAL; asked++) { /* one where no error is given */
            const double got = part_of(of, name, (variance_asked)asked, (int32_t)r[k], s);
            worst_note(found, 1.0, expected != 0.0 ? got / expected : 1.0 + got);
        }
    }
    const int known = truth != NULL && r != NULL;
    free(truth);
    free(r);
    return known;
}

int variances_check(recorded *of, worst *found)
{
    static const char *const names[] = {"sigma2",  "sigma2_small",  "coeff_cov_x_0",
                                        "cov_x_0", "cov_x_0_clamp", "elbo_var_p"};
    char prefix[16];
    int known = 0;
    if (of->schedule == NULL)
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        known |= check_row(of, found, "", names[i]);
    for (int clipped = 1; clipped < 10; clipped++) {
        snprintf(prefix, sizeof prefix, "clip%d_", clipped);
        known |= check_row(of, found, prefix, "sigma2_unclipped");
    }
    return known;
}
