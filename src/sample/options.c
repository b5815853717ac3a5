#include "sample/options.h"

#include <math.h>

static const spec_key keys[] = {
    {"seed", SPEC_UNSIGNED, offsetof(sampler_options, seed), "0", 0, 0, NULL, "seed of the noise"},
    {"first", SPEC_INTEGER, offsetof(sampler_options, first), "0", 0, 9007199254740992.0, NULL,
     "index of the first sample: sample i of a batch is the same whichever batch it is drawn in"},
    {"steps", SPEC_INTEGER, offsetof(sampler_options, plan.steps), "0", 0, 100000, NULL,
     "steps that the chain visits, at most T; 0 for all T (fewer: Gaussian kernel)"},
    {"spacing", SPEC_CHOICE, offsetof(sampler_options, plan.spacing), "trailing", 0, 0,
     "trailing|linspace|leading|optimal|karras|exponential|polyexponential|beta",
     "the levels visited, with s = T/steps: T and then every s-th downwards; 1..T evenly; step 1 and then every "
     "floor(s)-th, below T; 1, T and those between that make the bound best (by the model's moments); from sigma_max "
     "to sigma_min evenly in sigma^(1/rho), evenly in log sigma, by the power rho of the even part there, or by the "
     "quantiles of Beta(0.6, 0.6) (by level: Gaussian kernel)"},
    {"steps_offset", SPEC_INTEGER, offsetof(sampler_options, plan.steps_offset), "0", 0, 100000, NULL,
     "spacing=leading: added to every step visited (Gaussian kernel)"},
    {"times", SPEC_CHOICE, offsetof(sampler_options, plan.times), "whole", 0, 0, "whole|real",
     "linspace and trailing: whether a time between two whole steps is rounded, or visited, with a sigma between "
     "theirs"},
    {"drop_lowest", SPEC_CHOICE, offsetof(sampler_options, plan.drop_lowest), "no", 0, 0, "no|yes",
     "one level more is laid out and the lowest not visited, as the schedulers of the DPM-Solvers have it"},
    {"steps_list", SPEC_REALS, offsetof(sampler_options, plan.list), "", 0, 100000, NULL,
     "the times visited, falling, instead of steps and spacing (Gaussian kernel)"},
    {"sigma_max", SPEC_REAL, offsetof(sampler_options, plan.sigma_max), "0", 0, HUGE_VAL, NULL,
     "sigma / signal of the first level of karras, exponential, polyexponential and beta; 0 for that of step T"},
    {"sigma_min", SPEC_REAL, offsetof(sampler_options, plan.sigma_min), "0", 0, HUGE_VAL, NULL,
     "likewise of the last; 0 for that of step 1. Of steps_list the end, with final=sigma_min"},
    {"rho", SPEC_REAL, offsetof(sampler_options, plan.rho), "0", 0, 1e3, NULL,
     "spacing=karras|polyexponential: the power; 0 for 7 and 1"},
    {"lambda_min", SPEC_REAL, offsetof(sampler_options, plan.lambda_min), "0", -1000, 0, NULL,
     "steps with half a log SNR below this are not visited; 0 for no such limit"},
    {"signal_min", SPEC_REAL, offsetof(sampler_options, plan.signal_min), "0", 0, 0.5, NULL,
     "what a first level with less has for signal, so that solvers which divide by it do with a zero terminal SNR"},
    {"final", SPEC_CHOICE, offsetof(sampler_options, plan.final), "zero", 0, 0, "zero|sigma_min",
     "whether the last step goes to the data, or stays at the level of step 1 (solvers but ancestral)"},
    {"clip", SPEC_REAL, offsetof(sampler_options, limit.clip), "0", 0, HUGE_VAL, NULL,
     "estimates of x_0 are held within -clip..clip; 0 for no limit (Gaussian kernel)"},
    {"threshold", SPEC_REAL, offsetof(sampler_options, limit.quantile), "0", 0, 1, NULL,
     "estimates of x_0 are held within this quantile s of a sample's |x_0|, if that is above 1, and divided by s; 0 "
     "for no threshold (Gaussian kernel)"},
    {"threshold_max", SPEC_REAL, offsetof(sampler_options, limit.most), "1", 1, HUGE_VAL, NULL,
     "threshold: the most that s can be"},
    {"variance", SPEC_CHOICE, offsetof(sampler_options, variance), "model", 0, 0, variance_asked_names,
     "ancestral: the variance of p(x_s | x_t): the model's own, a fixed one in its place, or the best for the model's "
     "mean, by the moments that were measured of it, or what that would be of the true mean (Analytic-DPM; Gaussian "
     "kernel)"},
    {"noise_limit", SPEC_REAL, offsetof(sampler_options, noise_limit), "0", 0, HUGE_VAL, NULL,
     "ancestral: standard deviation that the last draws above the data have at most; 0 for no limit. Analytic-DPM's, "
     "for "
     "bytes at -1..1, is 0.01966: two grey levels in the mean (Gaussian kernel)"},
    {"noise_limit_steps", SPEC_INTEGER, offsetof(sampler_options, noise_limit_steps), "1", 1, 100000, NULL,
     "noise_limit: how many draws are held so"},
    {"guidance_scale", SPEC_REAL, offsetof(sampler_options, guidance.scale), "1", -100, 1000, NULL,
     "classifier-free guidance: the output without labels and vectors, and this many times what they add: 1 for none "
     "(as diffusers' guidance_scale), 0 as if there were none, more for samples truer to them"},
    {"guidance_rescale", SPEC_REAL, offsetof(sampler_options, guidance.rescale), "0", 0, 1, NULL,
     "guidance_scale: share by which a guided output gets back the spread that it has without guidance"},
    {"guidance_low", SPEC_REAL, offsetof(sampler_options, guidance.low), "0", 0, HUGE_VAL, NULL,
     "guidance_scale: guidance acts where sigma / signal is at least this"},
    {"guidance_high", SPEC_REAL, offsetof(sampler_options, guidance.high), "1e300", 0, HUGE_VAL, NULL,
     "guidance_scale: and at most this"},
    {"posterior", SPEC_CHOICE, offsetof(sampler_options, posterior), "constant", 0, 0, "constant|annealed|exact",
     "r(x_t) where samples are multiplied by r(x_0): the same r, r^((T-t)/T), or, for an observation in Gaussian "
     "noise, exactly: ancestral begins where x_t has the observation's noise, other kinds see x_0 in both together"},
    {"particles", SPEC_INTEGER, offsetof(sampler_options, particles), "1", 1, 65536, NULL,
     "chains for each sample, weighted by what normalising p(x_{t-1} | x_t) r(x_{t-1}) leaves out; 1: the paper's "
     "approximation, more: towards the exact posterior (ancestral)"},
};

static const spec_kind *kind_at(size_t index)
{
    const solver *of = solver_at(index);
    return of != NULL ? &of->spec : NULL;
}

const spec_grammar *sampler_grammar(void)
{
    static const spec_grammar grammar = {"sampler", kind_at, keys, SPEC_COUNT(keys)};
    return &grammar;
}

char *sampler_help(void)
{
    return spec_help(sampler_grammar());
}
