#include "math/dormand_prince.h"

#include <math.h>

const double dormand_prince_time[DORMAND_PRINCE_STAGES] = {0.0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1.0, 1.0};

const double dormand_prince_weight[DORMAND_PRINCE_STAGES][DORMAND_PRINCE_STAGES] = {
    {0.0},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0.0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
};

const double dormand_prince_error[DORMAND_PRINCE_STAGES] = {71.0 / 57600,      0.0,        -71.0 / 16695, 71.0 / 1920,
                                                            -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

void dormand_prince_sum(double *out, const double *y, double h, const double *weight, size_t stages,
                        const double *slopes, size_t stride, size_t count)
{
    for (size_t j = 0; j < count; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < stages; i++)
            sum += weight[i] * slopes[i * stride + j];
        out[j] = y[j] + h * sum;
    }
}

/* Safety 0.9, and between a fifth and ten times: Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I,
 * section II.4. */
double dormand_prince_next(double h, double error)
{
    const double factor = error > 0.0 ? 0.9 * pow(error, -0.2) : 10.0;
    return h * fmin(fmax(factor, 0.2), error > 1.0 ? 1.0 : 10.0);
}
