#include "train/muon.h"

#include "base/size.h"
#include "base/vector.h"
#include "math/orthogonal.h"

#include <float.h>
#include <math.h>

static size_t rows_of(const network_parameter *of)
{
    return (size_t)of->shape[0];
}

static size_t columns_of(const network_parameter *of)
{
    return of->count / rows_of(of);
}

int muon_takes(const network_parameter *of)
{
    return of->rank > 1 && rows_of(of) > 1 && columns_of(of) > 1;
}

size_t muon_scratch_size(const network *of)
{
    size_t most = 0;
    for (size_t i = 0; i < of->parameter_count; i++) {
        const network_parameter *one = &of->parameters[i];
        if (muon_takes(one))
            most = size_greater(most, orthogonal_scratch_size(rows_of(one), columns_of(one)));
    }
    return most;
}

/* Root mean square 0.2, as Adam's steps usually have. */
static float size_of_step(const network_parameter *of)
{
    return (float)(0.2 * sqrt((double)size_greater(rows_of(of), columns_of(of))));
}

/* The momentum, and what Nesterov's rule makes of it. */
VECTOR_CLONES static void move_momentum(float *restrict gradient, float *restrict moment, float scale, float keep,
                                        size_t count)
{
    const float take = 1.0F - keep;
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i] * scale;
        moment[i] = keep * moment[i] + take * g;
        gradient[i] = keep * moment[i] + take * g;
    }
}

void muon_direction(const optimizer_step *step, const network_parameter *of, float *gradient, float *moment,
                    float *scratch)
{
    move_momentum(gradient, moment, (float)step->gradient_scale, (float)step->momentum, of->count);
    orthogonal_factor(gradient, rows_of(of), columns_of(of), scratch);
    const float size = size_of_step(of);
    for (size_t i = 0; i < of->count; i++)
        gradient[i] *= size;
}

int muon_stays_finite(const optimizer_step *step, const network_parameter *of, const float *weights)
{
    const double keep = fabs(1.0 - step->rate * step->weight_decay);
    const double most = step->rate * ORTHOGONAL_MOST * (double)size_of_step(of);
    for (size_t i = 0; i < of->count; i++)
        if (!(keep * fabs((double)weights[i]) + most < (double)FLT_MAX))
            return 0;
    return 1;
}
