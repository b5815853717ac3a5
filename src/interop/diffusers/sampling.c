#include "interop/diffusers/sampling.h"

#include "process/schedule.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STEPS = 100000 };

/* ---- what all have ---- */

static void append_limit(sampling *of, int clips)
{
    config *from = of->from;
    const double range = config_real(from, "clip_sample_range", 1, 0, DBL_MAX);
    if (config_flag(from, "thresholding", 0)) {
        text_append_real(of->spec, " threshold=", config_real(from, "dynamic_thresholding_ratio", 0.995, 0, 1));
        text_append_real(of->spec, " threshold_max=", config_real(from, "sample_max_value", 1, 1, DBL_MAX));
        return;
    }
    if (range <= 0) /* all samples would be 0; here 0 is no limit */
        config_refuse(from, "clip_sample_range", json_get(from->json, "clip_sample_range"), "a number above 0");
    if (config_flag(from, "clip_sample", clips))
        text_append_real(of->spec, " clip=", range);
}

typedef enum spacing { LEADING, LINSPACE, TRAILING } spacing;
static const char *const spacings[] = {"leading", "linspace", "trailing", NULL};

static void append_offset(sampling *of)
{
    const int64_t offset = config_integer(of->from, "steps_offset", 0, 0, STEPS);
    if (offset > 0)
        text_append(of->spec, " steps_offset=%lld", (long long)offset);
}

static void append_final(sampling *of, const char *standard)
{
    static const char *const finals[] = {"zero", "sigma_min", NULL};
    if (config_choice(of->from, "final_sigmas_type", finals, strcmp(standard, "zero") != 0) == 1)
        text_append(of->spec, " final=sigma_min");
}

/* Spacings in sigma / signal; 0 where none is asked for. */
static int append_sigmas(sampling *of)
{
    static const struct {
        const char *key, *spacing;
    } asked[] = {{"use_karras_sigmas", "karras"},
                 {"use_exponential_sigmas", "exponential"},
                 {"use_beta_sigmas", "beta"},
                 {"use_lu_lambdas", "exponential"}};
    for (size_t i = 0; i < SPEC_COUNT(asked); i++)
        if (config_flag(of->from, asked[i].key, 0)) {
            text_append(of->spec, " steps=%lld spacing=%s", (long long)of->steps, asked[i].spacing);
            return 1;
        }
    return 0;
}

/* With a zero terminal SNR the solvers in sigma take alpha_bar_T for 2^-24. */
static void append_least_signal(sampling *of)
{
    if (config_flag(of->from, "rescale_betas_zero_snr", 0))
        text_append(of->spec, " signal_min=0.000244140625");
}

/* ---- the schedulers of the DPM-Solvers: a step more is laid out, and the last not visited ---- */

static void append_lambda_min(sampling *of)
{
    const json_value *value = json_get(of->from->json, "lambda_min_clipped");
    if (json_is(value, JSON_STRING) || config_is_null(of->from, "lambda_min_clipped"))
        return; /* "-inf" */
    text_append_real(of->spec, " lambda_min=", config_real(of->from, "lambda_min_clipped", 0, -1000, 0));
}

static void append_multistep_levels(sampling *of)
{
    const int spaced = config_choice(of->from, "timestep_spacing", spacings, LINSPACE);
    if (config_flag(of->from, "use_flow_sigmas", 0)) {
        sampling_append_multistep_flow_times(of);
        return;
    }
    append_lambda_min(of);
    append_least_signal(of);
    if (append_sigmas(of))
        return;
    text_append(of->spec, " steps=%lld spacing=%s%s", (long long)of->steps, spacings[spaced],
                spaced == TRAILING ? "" : " drop_lowest=yes");
    if (spaced == LEADING)
        append_offset(of);
}

static void append_orders(sampling *of, int64_t most, int lower_order_final)
{
    text_append(of->spec, " order=%lld lower_order_final=%s",
                (long long)config_integer(of->from, "solver_order", 2, 1, most),
                config_flag(of->from, "lower_order_final", lower_order_final) ? "yes" : "no");
}

static const char singlestep[] = " method=singlestep";

static void append_dpmsolver(sampling *of, int single)
{
    static const char *const algorithms[] = {"dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver", NULL};
    static const char *const types[] = {"midpoint", "heun", NULL};
    const int algorithm = config_choice(of->from, "algorithm_type", algorithms, 0);
    text_append(of->spec, "%s", algorithms[algorithm]);
    append_orders(of, 3, !single);
    text_append(of->spec, " type=%s", types[config_choice(of->from, "solver_type", types, 0)]);
    if (single)
        text_append(of->spec, "%s", singlestep);
    else if (config_integer(of->from, "solver_order", 2, 1, 3) == 3)
        text_append(of->spec, " curvature=%s", algorithm == 2 ? "diffusers" : "published");
    if (config_flag(of->from, "euler_at_final", 0))
        text_append(of->spec, " euler_at_final=yes");
}

static void dpmsolver(sampling *of, const char *method)
{
    append_dpmsolver(of, method == singlestep);
    append_multistep_levels(of);
    append_final(of, "zero");
    append_limit(of, 0);
}

static void deis(sampling *of, const char *kind)
{
    (void)kind;
    static const char *const algorithms[] = {"deis", NULL}, *const types[] = {"logrho", NULL};
    config_choice(of->from, "algorithm_type", algorithms, 0);
    config_choice(of->from, "solver_type", types, 0);
    text_append(of->spec, "deis");
    append_orders(of, 3, 1);
    append_multistep_levels(of);
    append_final(of, "sigma_min");
    append_limit(of, 0);
}

static void unipc(sampling *of, const char *kind)
{
    (void)kind;
    static const char *const types[] = {"bh1", "bh2", NULL};
    const json_value *uncorrected = json_get(of->from->json, "disable_corrector");
    text_append(of->spec, "unipc");
    append_orders(of, 3, 1);
    text_append(of->spec, " type=%s go_by=%s", types[config_choice(of->from, "solver_type", types, 1)],
                config_flag(of->from, "predict_x0", 1) ? "x0" : "noise");
    for (size_t i = 0; i < json_count(uncorrected); i++) {
        int64_t step = 0;
        if (!config_whole(&step, json_item(uncorrected, i)) || step < 0 || step > STEPS)
            config_refuse(of->from, "disable_corrector", uncorrected, "numbers of steps");
        text_append(of->spec, "%s%lld", i == 0 ? " disable_corrector=" : ",", (long long)step);
    }
    append_multistep_levels(of);
    append_final(of, "sigma_min"); /* what versions without the key did */
    append_limit(of, 0);
}

/* The noise of the paper's figures: between steps 200 and 800, counted from 0, of 1000. */
static void sa_solver(sampling *of, const char *kind)
{
    (void)kind;
    static const char *const algorithms[] = {"data_prediction", "noise_prediction", NULL};
    const int by_noise = config_choice(of->from, "algorithm_type", algorithms, 0);
    text_append(of->spec,
                "sa_solver predictor_order=%lld corrector_order=%lld go_by=%s tau=1 tau_start=801 tau_end=201",
                (long long)config_integer(of->from, "predictor_order", 2, 1, 3),
                (long long)config_integer(of->from, "corrector_order", 2, 0, 4), by_noise ? "noise" : "x0");
    if (!config_flag(of->from, "lower_order_final", 1))
        text_append(of->spec, " lower_order_final=no");
    append_multistep_levels(of);
    append_final(of, "sigma_min");
    append_limit(of, 0);
}

/* ---- the schedulers of k-diffusion's samplers: x / signal over sigma / signal ---- */

static double real_or(config *from, const char *key, double standard)
{
    return config_is_null(from, key) ? standard : config_real(from, key, standard, 0, DBL_MAX);
}

/* The ends of a spacing in sigma are those of the steps that would be visited without it. */
static void append_ends(sampling *of, int spaced)
{
    const int64_t offset = config_integer(of->from, "steps_offset", 0, 0, STEPS);
    const int64_t lowest = spaced == LEADING ? 1 + offset : spaced == TRAILING ? of->total / of->steps : 1;
    const int64_t first = spaced == LEADING ? lowest + (of->steps - 1) * (of->total / of->steps) : of->total;
    const double least = real_or(of->from, "sigma_min", 0);
    const double most = real_or(of->from, "sigma_max", 0);
    if (least > 0.0 || lowest > 1)
        text_append_real(of->spec,
                         " sigma_min=", least > 0.0 ? least : exp(-0.5 * of->schedule->levels[lowest].log_snr));
    if (most > 0.0 || first < of->total)
        text_append_real(of->spec, " sigma_max=", most > 0.0 ? most : exp(-0.5 * of->schedule->levels[first].log_snr));
}

static void append_sigma_levels(sampling *of)
{
    static const char *const kinds[] = {"linear", "log_linear", NULL};
    const int spaced = config_choice(of->from, "timestep_spacing", spacings, LINSPACE);
    append_least_signal(of);
    if (config_choice(of->from, "interpolation_type", kinds, 0) == 1) {
        text_append(of->spec, " steps=%lld spacing=exponential drop_lowest=yes final=sigma_min", (long long)of->steps);
        return;
    }
    if (append_sigmas(of)) {
        append_ends(of, spaced);
    } else {
        text_append(of->spec, " steps=%lld spacing=%s", (long long)of->steps, spacings[spaced]);
        if (spaced == LINSPACE)
            text_append(of->spec, " times=real");
        if (spaced == LEADING)
            append_offset(of);
    }
    append_final(of, "zero");
}

static void in_sigma(sampling *of, const char *kind)
{
    text_append(of->spec, "%s", kind);
    append_sigma_levels(of);
    append_limit(of, 0);
}

/* ---- the schedulers that visit whole steps ---- */

static int append_whole_steps(sampling *of)
{
    const int spaced = config_choice(of->from, "timestep_spacing", spacings, LEADING);
    if (spaced != LEADING)
        text_append(of->spec, " spacing=%s", spacings[spaced]);
    else
        append_offset(of);
    return spaced;
}

static void ddpm(sampling *of, const char *kind)
{
    (void)kind;
    text_append(of->spec, "ancestral");
    if (of->steps < of->total)
        text_append(of->spec, " steps=%lld", (long long)of->steps);
    append_limit(of, 1);
    append_whole_steps(of);
}

/* It counts floor(T / steps) down from where it is, whether or not a step is visited there. */
static void ddim(sampling *of, const char *kind)
{
    (void)kind;
    text_append(of->spec, "ddim steps=%lld", (long long)of->steps);
    append_limit(of, 1);
    if (append_whole_steps(of) != LEADING || config_integer(of->from, "steps_offset", 0, 0, STEPS) > 0)
        text_append(of->spec, " stride=even");
    if (!config_flag(of->from, "set_alpha_to_one", 1))
        text_append(of->spec, " final=sigma_min");
}

static void ddim_inverse(sampling *of, const char *kind)
{
    (void)kind;
    text_append(of->spec, "ddim_inverse steps=%lld", (long long)of->steps);
    append_limit(of, 1);
    const int spaced = append_whole_steps(of);
    if (spaced == LINSPACE)
        config_refuse(of->from, "timestep_spacing", json_get(of->from->json, "timestep_spacing"),
                      "\"leading\" or \"trailing\"");
    if (spaced != LEADING)
        text_append(of->spec, " stride=even");
    if (!config_flag(of->from, "set_alpha_to_one", 1))
        text_append(of->spec, " final=sigma_min");
}

static void pndm(sampling *of, const char *kind)
{
    (void)kind;
    static const char *const predictions[] = {"epsilon", "v_prediction", NULL};
    text_append(of->spec, "pndm steps=%lld", (long long)of->steps);
    if (!config_flag(of->from, "skip_prk_steps", 0))
        text_append(of->spec, " warm_up=prk");
    if (config_choice(of->from, "prediction_type", predictions, 0) == 1)
        text_append(of->spec, " combine=v");
    append_whole_steps(of);
    if (!config_flag(of->from, "set_alpha_to_one", 0))
        text_append(of->spec, " final=sigma_min");
}

/* sigma = sin^2(pi u / 2), u falling evenly from 1. */
static void ipndm(sampling *of, const char *kind)
{
    (void)kind;
    const double half_pi = acos(0.0);
    text_append(of->spec, "ipndm steps_list=");
    for (int64_t i = 0; i < of->steps; i++) {
        const double u = 1.0 - (double)i / (double)of->steps, sine = sin(half_pi * u), sigma = sine * sine;
        const double signal = sqrt(fmax(1.0 - sigma * sigma, 0.0));
        text_append_real(of->spec, i > 0 ? "," : "", (double)of->total * (atan2(sigma, signal) / half_pi));
    }
}

/* ---- EDM and flow matching ---- */

static void append_edm_levels(sampling *of)
{
    static const char *const kinds[] = {"karras", "exponential", NULL};
    text_append(of->spec, " steps=%lld spacing=%s", (long long)of->steps,
                kinds[config_choice(of->from, "sigma_schedule", kinds, 0)]);
    text_append_real(of->spec, " rho=", config_real(of->from, "rho", 7, 1e-3, 1e3));
    append_final(of, "zero");
}

static void edm_euler(sampling *of, const char *kind)
{
    (void)kind;
    text_append(of->spec, "euler model_before_churn=yes");
    append_edm_levels(of);
}

static void edm_dpmsolver(sampling *of, const char *kind)
{
    (void)kind;
    append_dpmsolver(of, 0);
    append_edm_levels(of);
    append_limit(of, 0);
}

static void flow(sampling *of, const char *kind)
{
    text_append(of->spec, "%s", kind);
    sampling_append_flow_times(of);
}

#define SIGMAS "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"
#define FLOWS "use_flow_sigmas", "flow_shift"
#define SOLVER "solver_order", "solver_type", "algorithm_type", "lower_order_final"

static const char *const ddpm_keys[] = {"clip_sample", "thresholding", "set_alpha_to_one", NULL};
static const char *const ddim_keys[] = {"clip_sample", "thresholding", "set_alpha_to_one", NULL};
static const char *const ddim_inverse_keys[] = {"clip_sample", "set_alpha_to_one", NULL};
static const char *const multistep_keys[] = {
    SOLVER,         SIGMAS, FLOWS, "use_lu_lambdas", "euler_at_final", "final_sigmas_type", "lambda_min_clipped",
    "thresholding", NULL};
static const char *const deis_keys[] = {SOLVER, SIGMAS, FLOWS, "thresholding", NULL};
static const char *const unipc_keys[] = {
    SOLVER, SIGMAS, FLOWS, "predict_x0", "disable_corrector", "final_sigmas_type", "thresholding", NULL};
static const char *const sa_keys[] = {
    SOLVER, SIGMAS, FLOWS, "predictor_order", "corrector_order", "lambda_min_clipped", "thresholding", NULL};
static const char *const euler_keys[] = {SIGMAS,      "interpolation_type", "sigma_min",
                                         "sigma_max", "final_sigmas_type",  NULL};
static const char *const sigma_keys[] = {SIGMAS, "clip_sample", NULL};
static const char *const pndm_keys[] = {"skip_prk_steps", "set_alpha_to_one", NULL};
static const char *const edm_keys[] = {SOLVER, "sigma_min",         "sigma_max",      "sigma_data",   "sigma_schedule",
                                       "rho",  "final_sigmas_type", "euler_at_final", "thresholding", NULL};
static const char *const flow_keys[] = {
    SIGMAS,       "shift",     "use_dynamic_shifting", "shift_terminal",    "time_shift_type",
    "base_shift", "max_shift", "base_image_seq_len",   "max_image_seq_len", NULL};
static const char *const no_keys[] = {NULL};

static const scheduler_class classes[] = {
    {"DDPMScheduler", FAMILY_BETAS, 1e-4, 0.02, ddpm, "", 0, ddpm_keys},
    {"DDIMScheduler", FAMILY_BETAS, 1e-4, 0.02, ddim, "", 0, ddim_keys},
    {"DDIMInverseScheduler", FAMILY_BETAS, 1e-4, 0.02, ddim_inverse, "", 0, ddim_inverse_keys},
    {"DPMSolverMultistepScheduler", FAMILY_BETAS, 1e-4, 0.02, dpmsolver, "", 0, multistep_keys},
    {"DPMSolverSinglestepScheduler", FAMILY_BETAS, 1e-4, 0.02, dpmsolver, singlestep, 0, multistep_keys},
    {"DEISMultistepScheduler", FAMILY_BETAS, 1e-4, 0.02, deis, "", 0, deis_keys},
    {"UniPCMultistepScheduler", FAMILY_BETAS, 1e-4, 0.02, unipc, "", 0, unipc_keys},
    {"SASolverScheduler", FAMILY_BETAS, 1e-4, 0.02, sa_solver, "", 0, sa_keys},
    {"EulerDiscreteScheduler", FAMILY_BETAS, 1e-4, 0.02, in_sigma, "euler model_before_churn=yes", 0, euler_keys},
    {"EulerAncestralDiscreteScheduler", FAMILY_BETAS, 1e-4, 0.02, in_sigma, "euler_ancestral", 0, no_keys},
    {"HeunDiscreteScheduler", FAMILY_BETAS, 0.00085, 0.012, in_sigma, "heun", 0, sigma_keys},
    {"LMSDiscreteScheduler", FAMILY_BETAS, 1e-4, 0.02, in_sigma, "lms", 0, sigma_keys},
    {"KDPM2DiscreteScheduler", FAMILY_BETAS, 0.00085, 0.012, in_sigma, "kdpm2", 0, sigma_keys},
    {"KDPM2AncestralDiscreteScheduler", FAMILY_BETAS, 0.00085, 0.012, in_sigma, "kdpm2_ancestral", 0, sigma_keys},
    {"PNDMScheduler", FAMILY_BETAS, 1e-4, 0.02, pndm, "", 0, pndm_keys},
    {"IPNDMScheduler", FAMILY_TRIGONOMETRIC, 0, 0, ipndm, "", 1, no_keys},
    {"EDMEulerScheduler", FAMILY_EDM, 0, 0, edm_euler, "", 0, edm_keys},
    {"EDMDPMSolverMultistepScheduler", FAMILY_EDM, 0, 0, edm_dpmsolver, "", 0, edm_keys},
    {"FlowMatchEulerDiscreteScheduler", FAMILY_FLOW, 0, 0, flow, "euler", 0, flow_keys},
    {"FlowMatchHeunDiscreteScheduler", FAMILY_FLOW, 0, 0, flow, "heun path=flow", 0, flow_keys},
};

const scheduler_class *scheduler_class_named(const char *name)
{
    for (size_t i = 0; i < SPEC_COUNT(classes) && name != NULL; i++)
        if (strcmp(classes[i].name, name) == 0)
            return &classes[i];
    return NULL;
}
