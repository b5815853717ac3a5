#include "train/options.h"

#include "process/bins.h"

#include <math.h>

static const spec_key keys[] = {
    {"objective", SPEC_CHOICE, offsetof(trainer_options, objective), "simple", 0, 0, objective_names,
     "what is minimised: -K with exact KLs; the mean square error of the output; that of the mean on simulated pairs; "
     "simple plus 0.001 T KL for a learned variance"},
    {"edge", SPEC_CHOICE, offsetof(trainer_options, edge), "model", 0, 0, TRAINED_EDGE_CHOICES,
     "bound, hybrid: the term of step 1, -log p(x_0 | x_1) by the model, which samplers read; by its mass in the bins "
     "of discrete data spread over -1..1; forward leaves the model's output at step 1 untrained, as for the paper's "
     "own edge"},
    {"levels", SPEC_INTEGER, offsetof(trainer_options, levels), "256", 2, 65536, NULL,
     "edge=discretized: number of bins"},
    {"cdf", SPEC_CHOICE, offsetof(trainer_options, cdf), "normal", 0, 0, bins_cdf_names,
     "edge=discretized: the normal distribution function, or published code's approximation by tanh"},
    {"weight", SPEC_CHOICE, offsetof(trainer_options, weight), "none", 0, 0, weight_names,
     "simple, hybrid: what the square error of a noise level counts: of all outputs the same; min(SNR, snr_gamma) of "
     "x_0 (arXiv:2303.09556); EDM's (arXiv:2206.00364), by the model's sigma_data; or what the bound makes of it, in "
     "nats"},
    {"snr_gamma", SPEC_REAL, offsetof(trainer_options, snr_gamma), "5", 1e-6, 1e6, NULL,
     "weight=min_snr: gamma, the most that a level's SNR counts"},
    {"times", SPEC_CHOICE, offsetof(trainer_options, times), "uniform", 0, 0, times_names,
     "the law of t: every step alike; every real time from 1 to T alike; steps in proportion to the root mean square "
     "of their last 10 losses, weighed against it so that the mean stays unbiased (arXiv:2102.09672), for "
     "objective=bound and samples of many values; or, as a weight of levels, log(sigma / signal) normal (EDM), or the "
     "log odds of t / T normal (arXiv:2403.03206). Real times need "
     "objective=simple and a network without weights of each step's own"},
    {"time_draws", SPEC_CHOICE, offsetof(trainer_options, time_draws), "independent", 0, 0, TIME_DRAWS_CHOICES,
     "the t of a batch: each drawn by itself; in pairs, quantiles u and 1 - u; or evenly spread over the law. Each t "
     "keeps its law, and the mean loss varies less"},
    {"p_mean", SPEC_REAL, offsetof(trainer_options, p_mean), "-1.2", -1e3, 1e3, NULL,
     "times=lognormal: mean of log(sigma / signal)"},
    {"p_std", SPEC_REAL, offsetof(trainer_options, p_std), "1.2", 1e-3, 1e3, NULL,
     "times=lognormal: its standard deviation"},
    {"logit_mean", SPEC_REAL, offsetof(trainer_options, logit_mean), "0", -1e3, 1e3, NULL,
     "times=logit_normal: mean of log(t / (T - t))"},
    {"logit_std", SPEC_REAL, offsetof(trainer_options, logit_std), "1", 1e-3, 1e3, NULL,
     "times=logit_normal: its standard deviation"},
    {"steps", SPEC_INTEGER, offsetof(trainer_options, steps), "0", 0, 1e15, NULL,
     "planned length of the training, which decay needs to know"},
    {"batch", SPEC_INTEGER, offsetof(trainer_options, batch), "128", 1, 1e9, NULL,
     "planned size of a batch: a note to the program that feeds the trainer"},
    {"optimizer", SPEC_CHOICE, offsetof(trainer_options, optimizer), "adam", 0, 0, OPTIMIZER_CHOICES,
     "Adam (arXiv:1412.6980), with decoupled weight decay (arXiv:1711.05101), gradient descent with momentum, or Muon: "
     "matrices move along the orthogonal factor of their momentum, by steps of Adam's size (arXiv:2502.16982), other "
     "weights by AdamW"},
    {"rate", SPEC_REAL, offsetof(trainer_options, rate), "1e-3", 0, HUGE_VAL, NULL, "learning rate"},
    {"warmup", SPEC_INTEGER, offsetof(trainer_options, warmup), "0", 0, 1e15, NULL,
     "steps over which the rate rises linearly to its value"},
    {"decay", SPEC_CHOICE, offsetof(trainer_options, decay), "none", 0, 0, DECAY_CHOICES,
     "how the rate falls to 0 over `steps`"},
    {"beta1", SPEC_REAL, offsetof(trainer_options, beta1), "0.9", 0, 0.999999, NULL,
     "optimizer=adam|adamw|muon: decay of the first moment"},
    {"beta2", SPEC_REAL, offsetof(trainer_options, beta2), "0.999", 0, 0.99999999, NULL,
     "optimizer=adam|adamw|muon: decay of the second moment"},
    {"epsilon", SPEC_REAL, offsetof(trainer_options, epsilon), "1e-8", 0, 1, NULL,
     "optimizer=adam|adamw|muon: added to the root of the second moment"},
    {"momentum", SPEC_REAL, offsetof(trainer_options, momentum), "0.95", 0, 0.999999, NULL,
     "optimizer=sgd|muon: decay of the velocity, or of the momentum"},
    {"weight_decay", SPEC_REAL, offsetof(trainer_options, weight_decay), "0", 0, HUGE_VAL, NULL,
     "adamw, muon: decoupled decay of the weights, times the rate, per step; adam, sgd: added to the gradient"},
    {"clip", SPEC_REAL, offsetof(trainer_options, clip), "0", 0, HUGE_VAL, NULL,
     "largest norm of the gradient, which is scaled down to it; 0 for no limit"},
    {"ema", SPEC_REAL, offsetof(trainer_options, ema), "0.999", 0, 0.99999999, NULL,
     "decay of the average of the weights; 0 for no average"},
    {"ema_warmup", SPEC_CHOICE, offsetof(trainer_options, ema_warmup), "yes", 0, 0, "no|yes",
     "the decay begins at (1 + step) / (10 + step) where that is less"},
    {"post_hoc_ema", SPEC_CHOICE, offsetof(trainer_options, post_hoc_ema), "no", 0, 0, "no|yes",
     "two more averages, by powers of the step (arXiv:2312.02696), whose snapshots give the average of any width "
     "afterwards"},
    {"dequantize", SPEC_REAL, offsetof(trainer_options, dequantize), "0", 0, HUGE_VAL, NULL,
     "width of the uniform noise that is added to every value of x_0, anew at each step; 0 for none"},
    {"condition_dropout", SPEC_REAL, offsetof(trainer_options, condition_dropout), "0", 0, 1, NULL,
     "share of the samples that are trained without their label and vector, as guidance_scale needs it of a model; 0.1 "
     "to 0.2 is usual"},
    {"learn_schedule", SPEC_CHOICE, offsetof(trainer_options, learn_schedule), "no", 0, 0, LEARNED_SCHEDULE_CHOICES,
     "yes: beta_2..beta_T follow the gradient of K too, with frozen noise and beta_1 fixed, as in the paper "
     "(objective=bound, model predict=perturbation variance=learned); log_snr: the ends of the schedule log_snr follow "
     "that of the bound, and its shares that of the variance of the bound's estimate (arXiv:2107.00630), for "
     "objective=bound, or hybrid with weight=bound, and models with time=log_snr and a learned variance"},
    {"schedule_rate", SPEC_REAL, offsetof(trainer_options, schedule_rate), "1e-2", 0, HUGE_VAL, NULL,
     "learn_schedule=yes|log_snr: Adam's rate for the logits of the betas; for the logits of the shares, and a tenth "
     "of it for the log SNR at "
     "both ends"},
    {"seed", SPEC_UNSIGNED, offsetof(trainer_options, seed), "0", 0, 0, NULL, "seed of t, noise and order of the data"},
};

const spec_grammar *trainer_grammar(void)
{
    static const spec_grammar grammar = {"trainer", NULL, keys, SPEC_COUNT(keys)};
    return &grammar;
}

char *trainer_help(void)
{
    return spec_help(trainer_grammar());
}
