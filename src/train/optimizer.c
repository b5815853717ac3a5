#include "train/optimizer.h"

#include "base/vector.h"

#include <math.h>

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
