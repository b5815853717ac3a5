/* The table of diffusers' schedulers. */
#include "interop/diffusers/scheduler_class.h"

#include <string.h>

/* clang-format off */
#define FLAGS "true=yes|false=no"
#define FINALS "zero=zero|sigma_min=sigma_min"
#define TOTAL {"num_train_timesteps", "1000", NULL, NULL}
#define BETAS(start, end) TOTAL, {"beta_start", start, NULL, NULL}, {"beta_end", end, NULL, NULL}, \
    {"beta_schedule", "\"linear\"", NULL, NULL}, {"trained_betas", "null", NULL, NULL}
#define COMMON_BETAS BETAS("0.0001", "0.02")
#define LATENT_BETAS BETAS("0.00085", "0.012")
#define PREDICTION {"prediction_type", "\"epsilon\"", NULL, NULL}
#define THRESHOLD {"thresholding", "false", NULL, NULL}, {"dynamic_thresholding_ratio", "0.995", NULL, NULL}
#define THRESHOLD_MAX {"sample_max_value", "1.0", NULL, NULL}
#define SPACING(standard) {"timestep_spacing", standard, NULL, NULL}, {"steps_offset", "0", NULL, NULL}
#define RESCALE {"rescale_betas_zero_snr", "false", NULL, NULL}
#define SIGMAS {"use_karras_sigmas", "false", NULL, NULL}, {"use_exponential_sigmas", "false", NULL, NULL}, \
    {"use_beta_sigmas", "false", NULL, NULL}
#define FLOWS {"use_flow_sigmas", "false", NULL, NULL}, {"flow_shift", "1.0", NULL, NULL}
#define ORDER {"solver_order", "2", "order", NULL}
#define ALGORITHM {"algorithm_type", "\"dpmsolver++\"", NULL, NULL}
/* Another solver's word, in a configuration that was made of its, is the default. */
#define TYPE {"solver_type", "\"midpoint\"", "type", \
    "midpoint=midpoint|heun=heun|logrho=midpoint|bh1=midpoint|bh2=midpoint"}
#define LOWER(standard) {"lower_order_final", standard, "lower_order_final", FLAGS}
#define EULER_AT_FINAL {"euler_at_final", "false", "euler_at_final", FLAGS}
#define FINAL(standard) {"final_sigmas_type", standard, "final", FINALS}
#define TO_ONE(standard) {"set_alpha_to_one", standard, "final", "true=zero|false=sigma_min"}
#define CLIPPED_LAMBDA {"lambda_min_clipped", "-Infinity", NULL, NULL}, {"variance_type", "null", NULL, NULL}
#define EDM(data) {"sigma_min", "0.002", NULL, NULL}, {"sigma_max", "80.0", NULL, NULL}, \
    {"sigma_data", data, NULL, NULL}, \
    {"sigma_schedule", "\"karras\"", "spacing", "karras=karras|exponential=exponential"}, TOTAL, PREDICTION, \
    {"rho", "7.0", NULL, NULL}
#define END {NULL, NULL, NULL, NULL}
/* clang-format on */

static const scheduler_option ddpm[] = {
    COMMON_BETAS,
    {"variance_type", "\"fixed_small\"", NULL, NULL},
    {"clip_sample", "true", NULL, NULL},
    PREDICTION,
    THRESHOLD,
    {"clip_sample_range", "1.0", NULL, NULL},
    THRESHOLD_MAX,
    SPACING("\"leading\""),
    RESCALE,
    END,
};

static const scheduler_option ddim[] = {
    COMMON_BETAS,
    {"clip_sample", "true", NULL, NULL},
    TO_ONE("true"),
    {"steps_offset", "0", NULL, NULL},
    PREDICTION,
    THRESHOLD,
    {"clip_sample_range", "1.0", NULL, NULL},
    THRESHOLD_MAX,
    {"timestep_spacing", "\"leading\"", NULL, NULL},
    RESCALE,
    END,
};

static const scheduler_option ddim_inverse[] = {
    COMMON_BETAS,
    {"clip_sample", "true", NULL, NULL},
    TO_ONE("true"),
    {"steps_offset", "0", NULL, NULL},
    PREDICTION,
    {"clip_sample_range", "1.0", NULL, NULL},
    {"timestep_spacing", "\"leading\"", NULL, NULL},
    RESCALE,
    END,
};

static const scheduler_option multistep[] = {
    COMMON_BETAS,
    ORDER,
    PREDICTION,
    THRESHOLD,
    THRESHOLD_MAX,
    ALGORITHM,
    TYPE,
    LOWER("true"),
    EULER_AT_FINAL,
    SIGMAS,
    {"use_lu_lambdas", "false", NULL, NULL},
    FLOWS,
    FINAL("\"zero\""),
    CLIPPED_LAMBDA,
    SPACING("\"linspace\""),
    RESCALE,
    END,
};

static const scheduler_option singlestep[] = {
    COMMON_BETAS,   ORDER,  PREDICTION, THRESHOLD,         THRESHOLD_MAX,  ALGORITHM, TYPE,
    LOWER("false"), SIGMAS, FLOWS,      FINAL("\"zero\""), CLIPPED_LAMBDA, END,
};

/* Always to sigma_min. */
static const scheduler_option deis[] = {
    COMMON_BETAS,
    ORDER,
    PREDICTION,
    THRESHOLD,
    THRESHOLD_MAX,
    {"algorithm_type", "\"deis\"", NULL, "deis=deis|dpmsolver=deis|dpmsolver++=deis"},
    {"solver_type", "\"logrho\"", NULL, "logrho=logrho|midpoint=logrho|heun=logrho|bh1=logrho|bh2=logrho"},
    LOWER("true"),
    SIGMAS,
    FLOWS,
    SPACING("\"linspace\""),
    END,
};

/* Versions without final_sigmas_type went to sigma_min. */
static const scheduler_option unipc[] = {
    COMMON_BETAS,
    ORDER,
    PREDICTION,
    THRESHOLD,
    THRESHOLD_MAX,
    {"predict_x0", "true", "go_by", "true=x0|false=noise"},
    {"solver_type", "\"bh2\"", "type", "bh1=bh1|bh2=bh2|midpoint=bh2|heun=bh2|logrho=bh2"},
    LOWER("true"),
    {"disable_corrector", "[]", NULL, NULL},
    {"solver_p", "null", NULL, NULL},
    SIGMAS,
    FLOWS,
    SPACING("\"linspace\""),
    FINAL("\"sigma_min\""),
    RESCALE,
    END,
};

static const scheduler_option sa_solver[] = {
    COMMON_BETAS,
    {"predictor_order", "2", "predictor_order", NULL},
    {"corrector_order", "2", "corrector_order", NULL},
    PREDICTION,
    {"tau_func", "null", NULL, NULL},
    THRESHOLD,
    THRESHOLD_MAX,
    {"algorithm_type", "\"data_prediction\"", "go_by", "data_prediction=x0|noise_prediction=noise"},
    LOWER("true"),
    SIGMAS,
    FLOWS,
    CLIPPED_LAMBDA,
    SPACING("\"linspace\""),
    END,
};

static const scheduler_option euler[] = {
    COMMON_BETAS,
    PREDICTION,
    {"interpolation_type", "\"linear\"", NULL, NULL},
    SIGMAS,
    {"sigma_min", "null", NULL, NULL},
    {"sigma_max", "null", NULL, NULL},
    {"timestep_spacing", "\"linspace\"", NULL, NULL},
    {"timestep_type", "\"discrete\"", NULL, NULL},
    {"steps_offset", "0", NULL, NULL},
    RESCALE,
    FINAL("\"zero\""),
    END,
};

static const scheduler_option euler_ancestral[] = {COMMON_BETAS, PREDICTION, SPACING("\"linspace\""), RESCALE, END};

static const scheduler_option heun[] = {
    LATENT_BETAS,
    PREDICTION,
    SIGMAS,
    {"clip_sample", "false", NULL, NULL},
    {"clip_sample_range", "1.0", NULL, NULL},
    SPACING("\"linspace\""),
    END,
};

static const scheduler_option lms[] = {COMMON_BETAS, SIGMAS, PREDICTION, SPACING("\"linspace\""), END};
static const scheduler_option kdpm2[] = {LATENT_BETAS, SIGMAS, PREDICTION, SPACING("\"linspace\""), END};

static const scheduler_option pndm[] = {
    COMMON_BETAS,           {"skip_prk_steps", "false", "warm_up", "true=plms|false=prk"},
    TO_ONE("false"),        PREDICTION,
    SPACING("\"leading\""), END,
};

static const scheduler_option ipndm[] = {TOTAL, {"trained_betas", "null", NULL, NULL}, END};

static const scheduler_option edm_euler[] = {EDM("0.5"), FINAL("\"zero\""), END};
static const scheduler_option edm_multistep[] = {
    EDM("0.5"), ORDER, THRESHOLD, THRESHOLD_MAX, ALGORITHM, TYPE, LOWER("true"), EULER_AT_FINAL, FINAL("\"zero\""), END,
};

static const scheduler_option flow_euler[] = {
    TOTAL,
    {"shift", "1.0", NULL, NULL},
    {"use_dynamic_shifting", "false", NULL, NULL},
    {"base_shift", "0.5", NULL, NULL},
    {"max_shift", "1.15", NULL, NULL},
    {"base_image_seq_len", "256", NULL, NULL},
    {"max_image_seq_len", "4096", NULL, NULL},
    {"invert_sigmas", "false", NULL, "false=no"},
    {"shift_terminal", "null", NULL, NULL},
    SIGMAS,
    {"time_shift_type", "\"exponential\"", NULL, NULL},
    END,
};

static const scheduler_option flow_heun[] = {TOTAL, {"shift", "1.0", NULL, NULL}, END};

#define DPMSOLVERS "dpmsolver++|dpmsolver|sde-dpmsolver++|sde-dpmsolver"
#define EARLY "model_before_churn=yes"
#define TO_SIGMA_MIN "final=sigma_min"
/* Noise between steps 200 and 800, counted from 0, of 1000: that of the paper's figures. */
#define SA_SOLVER "tau=1 tau_start=801 tau_end=201 curvature=published " TO_SIGMA_MIN
#define MULTISTEP(name, kinds, fixed, options, ...)                                                                    \
    {                                                                                                                  \
        name, "0.33.1", FAMILY_BETAS, kinds, fixed, options, {__VA_ARGS__}, 0                                          \
    }
#define IN_SIGMA(name, kind, fixed, options, levels)                                                                   \
    {                                                                                                                  \
        name, "0.33.1", FAMILY_BETAS, kind, fixed, options, {&levels, &limit_part}, 0                                  \
    }

static const scheduler_class classes[] = {
    {"DDPMScheduler",
     "0.26.3",
     FAMILY_BETAS,
     "ancestral",
     "",
     ddpm,
     {&ddpm_steps_part, &limit_part, &whole_steps_part, &ddpm_last_part},
     0},
    {"DDIMScheduler",
     "0.26.3",
     FAMILY_BETAS,
     "ddim",
     "",
     ddim,
     {&steps_part, &limit_part, &whole_steps_part, &stride_part},
     0},
    {"DDIMInverseScheduler",
     "0.33.1",
     FAMILY_BETAS,
     "ddim_inverse",
     "",
     ddim_inverse,
     {&steps_part, &limit_part, &whole_steps_part, &inverse_stride_part},
     0},
    MULTISTEP("DPMSolverMultistepScheduler", DPMSOLVERS, "method=multistep", multistep, &dpmsolver_levels_part,
              &limit_part, &curvature_part),
    MULTISTEP("DPMSolverSinglestepScheduler", "dpmsolver++|dpmsolver|sde-dpmsolver++", "method=singlestep", singlestep,
              &dpmsolver_levels_part, &limit_part),
    MULTISTEP("DEISMultistepScheduler", "deis", TO_SIGMA_MIN, deis, &multistep_levels_part, &flow_end_part,
              &limit_part),
    MULTISTEP("UniPCMultistepScheduler", "unipc", "", unipc, &unipc_levels_part, &chosen_flow_end_part,
              &limit_of_x0_part, &uncorrected_part),
    MULTISTEP("SASolverScheduler", "sa_solver", SA_SOLVER, sa_solver, &multistep_levels_part, &flow_end_part,
              &limit_part),
    IN_SIGMA("EulerDiscreteScheduler", "euler", EARLY, euler, euler_levels_part),
    IN_SIGMA("EulerAncestralDiscreteScheduler", "euler_ancestral", "", euler_ancestral, sigma_levels_part),
    IN_SIGMA("HeunDiscreteScheduler", "heun", "path=sigma", heun, sigma_levels_part),
    IN_SIGMA("LMSDiscreteScheduler", "lms", "", lms, sigma_levels_part),
    IN_SIGMA("KDPM2DiscreteScheduler", "kdpm2", "", kdpm2, sigma_levels_part),
    IN_SIGMA("KDPM2AncestralDiscreteScheduler", "kdpm2_ancestral", "", kdpm2, sigma_levels_part),
    {"PNDMScheduler",
     "0.33.1",
     FAMILY_BETAS,
     "pndm",
     "",
     pndm,
     {&steps_part, &whole_steps_part, &pndm_stride_part, &combine_part},
     0},
    {"IPNDMScheduler", "0.33.1", FAMILY_TRIGONOMETRIC, "ipndm", "", ipndm, {&trigonometric_times_part}, 1},
    {"EDMEulerScheduler", "0.33.1", FAMILY_EDM, "euler", EARLY, edm_euler, {&steps_part, &edm_levels_part}, 0},
    {"EDMDPMSolverMultistepScheduler",
     "0.33.1",
     FAMILY_EDM,
     "dpmsolver++|sde-dpmsolver++",
     "method=multistep",
     edm_multistep,
     {&steps_part, &edm_levels_part, &limit_part, &curvature_part},
     0},
    {"FlowMatchEulerDiscreteScheduler", "0.33.1", FAMILY_FLOW, "euler", "", flow_euler, {&flow_times_part}, 0},
    {"FlowMatchHeunDiscreteScheduler", "0.33.1", FAMILY_FLOW, "heun", "path=flow", flow_heun, {&flow_times_part}, 0},
};

const scheduler_class *scheduler_class_at(size_t index)
{
    return index < SPEC_COUNT(classes) ? &classes[index] : NULL;
}

const scheduler_class *scheduler_class_named(const char *name)
{
    for (size_t i = 0; i < SPEC_COUNT(classes) && name != NULL; i++)
        if (strcmp(classes[i].name, name) == 0)
            return &classes[i];
    return NULL;
}

const scheduler_option *scheduler_class_option(const scheduler_class *of, const char *key)
{
    for (const scheduler_option *option = of->options; option->key != NULL; option++)
        if (strcmp(option->key, key) == 0)
            return option;
    return NULL;
}

int scheduler_class_has_kind(const scheduler_class *of, const char *kind, size_t length)
{
    for (const char *at = of->kinds; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strcspn(at, "|") == length && memcmp(at, kind, length) == 0)
            return 1;
    }
    return 0;
}
