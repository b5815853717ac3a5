#include "train/optimizer.h"

#include "base/size.h"
#include "base/vector.h"

#include <math.h>
#include <string.h>

double optimizer_rate_at(const trainer_options *options, int64_t step)
{
    const double pi = 3.14159265358979323846;
    double rate = options->rate;
    if (step < options->warmup)
        rate *= (double)(step + 1) / (double)options->warmup;
    if (options->decay == DECAY_NONE)
        return rate;
    double part = (double)(step < options->steps ? step : options->steps) / (double)options->steps;
    return rate * (options->decay == DECAY_LINEAR ? 1.0 - part : 0.5 * (1.0 + cos(pi * part)));
}

static double ema_at(const trainer_options *options, int64_t step)
{
    double warm = (double)(1 + step) / (double)(10 + step);
    return options->ema_warmup && warm < options->ema ? warm : options->ema;
}

optimizer_step optimizer_step_at(const trainer_options *options, int64_t step, double norm)
{
    double taken = (double)(step + 1);
    return (optimizer_step){
        .kind = (optimizer_kind)options->optimizer,
        .rate = optimizer_rate_at(options, step),
        .beta1 = options->beta1,
        .beta2 = options->beta2,
        .epsilon = options->epsilon,
        .momentum = options->momentum,
        .weight_decay = options->weight_decay,
        .correction1 = 1.0 - pow(options->beta1, taken),
        .correction2 = 1.0 - pow(options->beta2, taken),
        .gradient_scale = options->clip > 0.0 && norm > options->clip ? options->clip / norm : 1.0,
        .ema = ema_at(options, step),
    };
}

#define REAL float
#define ROOT sqrtf
#define NAME(rule) rule
#include "train/optimizer_rule.h"
#undef REAL
#undef ROOT
#undef NAME

#define REAL double
#define ROOT sqrt
#define NAME(rule) rule##_double
#include "train/optimizer_rule.h"

void optimizer_average(float *average, const float *weights, double decay, size_t count)
{
    average_rule(average, weights, decay, count);
}

/* By the inequality of Cauchy and Schwarz Adam's first moment is at most (1 - beta1) / sqrt((1 - beta2) (1 - beta1^2 /
 * beta2)) times the root of its second. A change below 1e30 is lost beside the largest float32, and Muon's is of the
 * same size; a gradient below 1e18 has a finite square. Without an epsilon a weight that never had a gradient moves by
 * 0 / 0. */
int optimizer_is_bounded(const optimizer_step *step, double norm)
{
    const double tail = 1.0 - step->beta1 * step->beta1 / step->beta2;
    const int decoupled = step->kind == OPTIMIZER_ADAMW || step->kind == OPTIMIZER_MUON;
    const int pulls = decoupled ? step->rate * step->weight_decay > 1.0 : step->weight_decay > 0.0;
    if (step->kind == OPTIMIZER_SGD || !(tail > 0.0) || !(norm < 1e18) || pulls || step->epsilon < 1e-30)
        return 0;
    const double ratio = (1.0 - step->beta1) / sqrt((1.0 - step->beta2) * tail);
    return step->rate / step->correction1 * ratio < 1e30;
}

int optimizer_stays_finite(const optimizer_step *step, const float *weights, const float *gradient,
                           const float *moment1, const float *moment2, size_t count)
{
    enum { BLOCK = 256 };
    float block[3][BLOCK];
    for (size_t first = 0; first < count; first += BLOCK) {
        const size_t rows = size_lesser(BLOCK, count - first);
        memcpy(block[0], weights + first, rows * sizeof(float));
        memcpy(block[1], moment1 + first, rows * sizeof(float));
        if (moment2 != NULL)
            memcpy(block[2], moment2 + first, rows * sizeof(float));
        optimizer_update(step, block[0], gradient + first, block[1], moment2 != NULL ? block[2] : NULL, NULL, rows);
        for (size_t i = 0; i < rows; i++)
            if (!isfinite(block[0][i]) || !isfinite(block[1][i]) || (moment2 != NULL && !isfinite(block[2][i])))
                return 0;
    }
    return 1;
}
