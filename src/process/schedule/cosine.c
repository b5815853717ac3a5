/* alpha_bar falls as a squared cosine (equation 17 of arXiv:2102.09672), betas clipped at 0.999. */
#include "process/schedule/curve.h"

#include <math.h>

#define HALF_PI 1.5707963267948966192313216916398

static const spec_key keys[] = {CURVE_STEPS_KEY};

/* With a and b the angles of t-1 and t, 1 - cos^2 b / cos^2 a = sin(b - a) sin(a + b) / cos^2 a: nothing cancels where
 * beta is small. Angles are taken from 0 or from pi/2, whichever function of them is small at its end. */
static void betas(double *beta, const void *options)
{
    /* offset: sqrt(beta_1) stays near the size of a pixel's bin; largest: no singular step at t = T. */
    const int64_t steps = ((const curve_steps *)options)->steps;
    const double offset = 0.008, largest = 0.999, unit = HALF_PI / (1.0 + offset), count = (double)steps;
    for (int64_t t = 1; t <= steps; t++) {
        double at = (double)t, cos_a = sin(unit * (count - at + 1.0) / count);
        double sin_middle = sin(unit * ((at - 0.5) / count + offset));
        double cos_middle = sin(unit * (count - at + 0.5) / count);
        double exact = sin(unit / count) * 2.0 * sin_middle * cos_middle / (cos_a * cos_a);
        beta[t] = fmin(exact, largest);
    }
}

const curve cosine_curve = {
    .spec = {"cosine", "alpha_bar falls as a squared cosine, betas clipped at 0.999 (improved DDPM's schedule)", keys,
             SPEC_COUNT(keys)},
    .betas = betas,
};
