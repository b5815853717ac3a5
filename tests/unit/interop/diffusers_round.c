/* Schedulers there and back: every recorded run's options as specs, written as a configuration and read again; and
 * specs of each solver's own keys. */
#include "json.h"
#include "scheduler_options.h"

#include "base/memory.h"
#include "interop/diffusers/specs.h"

#include <dirent.h>

enum { STEPS = 20 };

static char *model_spec(const diffusers_scheduler *read)
{
    diffusers_unet unet = {.spec = (char *)"unet", .learned = strcmp(read->variance, "learned_range") == 0};
    return diffusers_model_spec(&unet, read);
}

static diffusion_status write_again(json_value **out, const diffusers_scheduler *read)
{
    struct diffusion_schedule *schedule = NULL;
    assert_ok(schedule_create(&schedule, read->schedule));
    char *spec = model_spec(read);
    diffusion_status status = diffusers_scheduler_write(out, schedule, spec, read->sampler);
    memory_release(spec);
    schedule_release(schedule);
    return status;
}

/* Levels laid out by sigma know no limit in lambda, and of others' layout the ends at most, which another says too; a
 * UniPC that goes by the noise holds no x_0. */
static int is_unread(const json_value *given, const char *key)
{
    static const char *const by_sigma[] = {"lambda_min_clipped", "interpolation_type", "timestep_spacing"};
    static const char *const of_x0[] = {"thresholding", "dynamic_thresholding_ratio", "sample_max_value"};
    int unread = 0;
    for (size_t i = 0; i < SPEC_COUNT(by_sigma); i++)
        unread |= strcmp(key, by_sigma[i]) == 0 && json_is(json_get(given, "use_karras_sigmas"), JSON_TRUE);
    for (size_t i = 0; i < SPEC_COUNT(of_x0); i++)
        unread |= strcmp(key, of_x0[i]) == 0 && json_is(json_get(given, "predict_x0"), JSON_FALSE);
    return unread;
}

/* Every option that the file gives is in the configuration, with its value. */
static void assert_options_are_kept(const json_value *given, const json_value *written, const char *name)
{
    for (const json_value *value = json_first(given); value != NULL; value = json_next(given, value)) {
        const char *key = json_key(value);
        const json_value *again = json_get(written, key);
        double a, b;
        const int log = strcmp(key, "variance_type") == 0 && strstr(scheduler_variance(given), "_log") != NULL;
        const int infinite = json_is(again, JSON_NOT_FINITE) && json_is(value, JSON_STRING); /* by recorded runs */
        const int unread = is_unread(given, key);
        const int other_name = strcmp(key, "use_lu_lambdas") == 0 || strcmp(key, "use_exponential_sigmas") == 0;
        if (!json_equal(again, value) && !(json_real(&a, again) && json_real(&b, value) && a == b) && !log &&
            !infinite && !other_name && !unread)
            fail_msg("%s: %s is written otherwise", name, key);
    }
}

static void assert_lists_are_near(const char *got, const char *truth)
{
    got = strchr(got, '=');
    truth = strchr(truth, '=');
    while (got != NULL && truth != NULL) {
        const double a = strtod(got + 1, NULL), b = strtod(truth + 1, NULL);
        assert_true(fabs(a - b) <= 1e-10 * fabs(b));
        got = strchr(got + 1, ',');
        truth = strchr(truth + 1, ',');
    }
    assert_true(got == NULL && truth == NULL);
}

/* 0 where there is nothing to write; 1: the same comes back; -1: refused. */
static int check_options(const json_value *options, const char *name, int64_t steps, double mu)
{
    const char *class = json_string(json_get(options, "_class_name"));
    const int learned = strncmp(scheduler_variance(options), "learned", 7) == 0;
    const diffusers_index index = {DIFFUSERS_DDPM, class, steps, mu};
    diffusers_index index_again = index;
    diffusers_scheduler read = {.schedule = NULL}, again = {.schedule = NULL};
    json_value *written = NULL;
    if (diffusers_scheduler_read(&read, options, name, &index, learned) != DIFFUSION_OK)
        return 0;
    /* No key holds mu; a static shift that ends at the same time visits the same. */
    index_again.mu = NAN;
    const diffusion_status status = write_again(&written, &read);
    if (status == DIFFUSION_OK) {
        assert_ok(diffusers_scheduler_read(&again, written, name, &index_again, learned));
        assert_string_equal(again.schedule, read.schedule);
        if (isfinite(mu))
            assert_lists_are_near(again.sampler, read.sampler);
        else
            assert_string_equal(again.sampler, read.sampler);
        assert_string_equal(again.predict, read.predict);
        assert_string_equal(again.variance, read.variance);
        assert_true(again.sigma_data == read.sigma_data);
        assert_string_equal(json_string(json_get(written, "_class_name")), class);
        if (!isfinite(mu))
            assert_options_are_kept(options, written, name);
        diffusers_scheduler_release(&again);
    } else {
        printf("%s: %s\n", name, diffusion_last_error());
    }
    diffusers_scheduler_release(&read);
    json_release(written);
    return status == DIFFUSION_OK ? 1 : -1;
}

static double mu_of(safetensors *file)
{
    json_value *told = options_parse(safetensors_metadata(file, "set_timesteps"));
    double mu = NAN;
    json_real(&mu, json_get(told, "mu"));
    json_release(told);
    return mu;
}

/* How many files came back. */
static size_t check_folder(const char *folder)
{
    size_t count = 0;
    DIR *list = opendir(folder);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        char path[4096];
        safetensors *file = NULL;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".safetensors") == NULL || safetensors_open(&file, path) != DIFFUSION_OK)
            continue;
        json_value *options = scheduler_options(file);
        const char *steps = safetensors_metadata(file, "steps");
        const double mu = mu_of(file);
        if (options != NULL && steps != NULL) {
            const int found = check_options(options, entry->d_name, strtol(steps, NULL, 10), mu);
            if (found < 0)
                fail_msg("%s is not written", entry->d_name);
            count += (size_t)found;
        }
        json_release(options);
        safetensors_close(file);
    }
    if (list != NULL)
        closedir(list);
    return count;
}

static void options_of_recorded_runs_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *folder;
        size_t least;
    } folders[] = {{TEST_GOLDEN "/samplers", 9},
                   {TEST_GOLDEN "/samplers2", 34},
                   {TEST_SHARED "/golden/samplers", 0},
                   {TEST_SHARED "/golden/samplers2", 0}};
    for (size_t i = 0; i < SPEC_COUNT(folders); i++) {
        const size_t count = check_folder(folders[i].folder);
        printf("%s: %zu come back\n", folders[i].folder, count);
        assert_true(count >= folders[i].least);
    }
}

/* What a class is written as, and that it says the same when it is read. */
static void specs_of_each_solver_come_back(void **state)
{
    (void)state;
#define BETAS "linear steps=1000"
#define V "unet predict=v variance=fixed_small"
    static const char *const cases[][4] = {
        {"DDPMScheduler", BETAS, V, "ancestral threshold=0.9 threshold_max=2 spacing=trailing"},
        {"DDIMScheduler", BETAS, V, "ddim steps=20 spacing=linspace stride=even"},
        {"DDIMScheduler", BETAS, V, "ddim steps=20"},
        {"DDPMScheduler", "linear steps=3", V, "ancestral spacing=leading steps_offset=1"}, /* which cannot be walked */
        {"DDIMInverseScheduler", BETAS, V, "ddim_inverse steps=20 spacing=trailing stride=even"},
        {"DPMSolverMultistepScheduler", BETAS, V, "dpmsolver++ steps=20 spacing=linspace drop_lowest=yes"},
        {"DPMSolverMultistepScheduler", BETAS, V,
         "sde-dpmsolver++ steps=20 spacing=beta order=3 curvature=diffusers euler_at_final=yes lower_order_final=no"},
        {"DPMSolverMultistepScheduler", BETAS, V,
         "sde-dpmsolver steps=20 spacing=linspace drop_lowest=yes lambda_min=-4 type=heun final=sigma_min"},
        {"DPMSolverMultistepScheduler", BETAS, V, "sde-dpmsolver steps=20 spacing=karras type=heun final=sigma_min"},
        {"DPMSolverSinglestepScheduler", BETAS, V,
         "dpmsolver order=3 method=singlestep steps=21 spacing=linspace drop_lowest=yes final=sigma_min"},
        {"DEISMultistepScheduler", BETAS, V, "deis order=3 steps=20 spacing=exponential final=sigma_min"},
        {"UniPCMultistepScheduler", BETAS, V,
         "unipc order=3 type=bh1 go_by=noise disable_corrector=0,3 steps=20 spacing=trailing final=sigma_min"},
        {"SASolverScheduler", BETAS, V,
         "sa_solver predictor_order=3 corrector_order=0 tau=1 tau_start=801 tau_end=201 curvature=published "
         "final=sigma_min steps=20 "
         "spacing=karras go_by=noise"},
        {"EulerDiscreteScheduler", BETAS, V, "euler steps=20 spacing=karras sigma_min=0.05 sigma_max=20"},
        {"EulerDiscreteScheduler", BETAS, V, "euler steps=20 spacing=exponential drop_lowest=yes final=sigma_min"},
        {"EulerAncestralDiscreteScheduler", BETAS, V, "euler_ancestral steps=20 spacing=leading steps_offset=1"},
        {"HeunDiscreteScheduler", BETAS, V, "heun steps=20 spacing=beta clip=1.5"},
        {"LMSDiscreteScheduler", BETAS, V, "lms steps=20 spacing=linspace times=real"},
        {"KDPM2DiscreteScheduler", BETAS, V, "kdpm2 steps=20 spacing=trailing"},
        {"KDPM2AncestralDiscreteScheduler", BETAS, V, "kdpm2_ancestral steps=20 spacing=karras"},
        {"PNDMScheduler", BETAS, V, "pndm steps=20 spacing=leading warm_up=prk combine=v final=sigma_min"},
        {"PNDMScheduler", "cosine steps=50 zero_terminal_snr=yes", V, "pndm steps=10 combine=v spacing=leading"},
        {"EDMEulerScheduler", "edm sigma_max=40 rho=5", "unet predict=edm variance=fixed_small sigma_data=0.7",
         "euler steps=18 spacing=karras rho=5"},
        {"EDMEulerScheduler", "edm rho=5", "unet predict=edm variance=fixed_small sigma_data=0.5",
         "euler steps=18 spacing=exponential"},
        {"EDMDPMSolverMultistepScheduler", "edm", "unet predict=edm_v variance=fixed_small sigma_data=1",
         "dpmsolver++ steps=18 spacing=exponential order=2 type=heun"},
        {"FlowMatchEulerDiscreteScheduler", "flow", "unet predict=flow variance=fixed_small",
         "euler steps_list=1000,500.5,1"},
        {"FlowMatchHeunDiscreteScheduler", "flow", "unet predict=flow variance=fixed_small",
         "heun path=flow steps_list=1000,500.5,1"},
        {"UniPCMultistepScheduler", "flow", "unet predict=flow variance=fixed_small", "unipc steps_list=999,499.5"},
    };
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        struct diffusion_schedule *schedule = NULL;
        json_value *written = NULL;
        assert_ok(schedule_create(&schedule, cases[i][1]));
        assert_ok(diffusers_scheduler_write(&written, schedule, cases[i][2], cases[i][3]));
        assert_string_equal(json_string(json_get(written, "_class_name")), cases[i][0]);
        assert_int_equal(check_options(written, cases[i][0], STEPS, NAN), 1);
        json_release(written);
        schedule_release(schedule);
    }
}

/* In one sentence that names the key, and what the scheduler has there. */
static void what_diffusers_cannot_say_is_refused(void **state)
{
    (void)state;
#define AS(class) ", as a " class " of diffusers has it"
    static const char *const cases[][4] = {
        {BETAS, V, "dpmsolver++ steps=20 spacing=leading",
         "drop_lowest=no, expected yes" AS("DPMSolverMultistepScheduler")},
        {BETAS, V, "dpmsolver++ steps=20 spacing=linspace",
         "drop_lowest=no, expected yes" AS("DPMSolverMultistepScheduler")},
        {BETAS, V, "dpmsolver++ order=3 steps=20 spacing=karras",
         "curvature=exact, expected published" AS("DPMSolverMultistepScheduler")},
        {BETAS, V, "sde-dpmsolver++ eta=0.5 steps=20 spacing=karras", "eta=0.5, expected 1"},
        {BETAS, V, "sde-dpmsolver steps=20 spacing=karras", "expected \"sigma_min\" with algorithm_type="},
        {BETAS, V, "deis steps=20 spacing=karras", "final=zero, expected sigma_min" AS("DEISMultistepScheduler")},
        {BETAS, V, "sa_solver tau=0.5 curvature=published steps=20 spacing=karras", "tau=0.5, expected 1"},
        {BETAS, V, "lms order=2 steps=20 spacing=trailing", "order=2, expected 4" AS("LMSDiscreteScheduler")},
        {BETAS, V, "euler s_churn=1 steps=20 spacing=karras", "s_churn=1, expected 0"},
        {BETAS, V, "heun steps=20 spacing=karras sigma_max=20", "sigma_max=20, expected 0"},
        {BETAS, V, "euler_ancestral clip=1 steps=20 spacing=trailing", "clip=1, expected 0"},
        {BETAS, V, "euler_ancestral steps=20 spacing=karras", "spacing=karras, expected linspace"},
        {BETAS, V, "pndm steps=20 spacing=leading", "combine=noise, expected v" AS("PNDMScheduler")},
        {BETAS, V, "ipndm steps=20", "schedule linear, expected one that the IPNDMScheduler of diffusers has"},
        {BETAS, V, "ddim_inverse steps=20", "stride=next, expected even"},
        {BETAS, V, "ddim_inverse steps=20 model_at=own", "model_at=own, expected next"},
        {BETAS, V, "dpm_fast", "sampler=dpm_fast, expected one that diffusers has"},
        {BETAS, V, "ddim steps=20 guidance_scale=3", "guidance_scale=3, expected 1"},
        {BETAS, "unet predict=flow variance=fixed_small", "euler steps=20 spacing=karras",
         "prediction_type=\"flow_prediction\", expected another"},
        {BETAS, "unet predict=edm variance=fixed_small", "euler steps=20 spacing=karras", "predict=edm, expected"},
        {"edm", "unet predict=edm variance=fixed_small sigma_data=0.5", "ddim steps=20",
         "schedule edm, expected one that the DDIMScheduler"},
        {"flow shift=3", "unet predict=flow variance=fixed_small", "euler steps_list=1000,500.5,1",
         "shift=3, expected 1" AS("FlowMatchEulerDiscreteScheduler")},
        {"flow", "unet predict=v variance=fixed_small", "euler steps_list=1000,500.5,1", "predict=v, expected flow"},
        {"flow", "unet predict=flow variance=fixed_small", "euler steps_list=1000,900,300,1",
         "steps_list=1000,900,300,1, "},
        {"flow", "unet predict=flow variance=fixed_small", "euler steps=20",
         "the sampler's levels, expected those of a FlowMatchEuler"},
    };
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        struct diffusion_schedule *schedule = NULL;
        json_value *written = NULL;
        assert_ok(schedule_create(&schedule, cases[i][0]));
        assert_refused(diffusers_scheduler_write(&written, schedule, cases[i][1], cases[i][2]), DIFFUSION_E_SPEC,
                       cases[i][3]);
        assert_null(written);
        schedule_release(schedule);
    }
}

/* Of schedulers that have an option for it and no use, and of those that have none. */
static void the_variance_comes_back(void **state)
{
    (void)state;
    static const char *const samplers[] = {"ddim steps=20", "dpmsolver++ steps=20 spacing=trailing", "euler steps=20",
                                           "pndm steps=20 final=sigma_min"};
    static const char *const variances[] = {"fixed_small", "fixed_large", "learned_range", "learned_raw"};
    struct diffusion_schedule *schedule = NULL;
    assert_ok(schedule_create(&schedule, BETAS));
    for (size_t i = 0; i < SPEC_COUNT(samplers) * SPEC_COUNT(variances); i++) {
        const char *variance = variances[i % SPEC_COUNT(variances)];
        char model[64];
        json_value *written = NULL;
        diffusers_scheduler read = {.schedule = NULL};
        snprintf(model, sizeof model, "unet predict=epsilon variance=%s", variance);
        assert_ok(diffusers_scheduler_write(&written, schedule, model, samplers[i / SPEC_COUNT(variances)]));
        const char *class = json_string(json_get(written, "_class_name"));
        const diffusers_index index = {DIFFUSERS_DDPM, class, 20, NAN};
        assert_ok(diffusers_scheduler_read(&read, written, class, &index, strncmp(variance, "learned", 7) == 0));
        assert_string_equal(read.variance, variance);
        diffusers_scheduler_release(&read);
        json_release(written);
    }
    schedule_release(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_recorded_runs_come_back),
        cmocka_unit_test(specs_of_each_solver_come_back),
        cmocka_unit_test(the_variance_comes_back),
        cmocka_unit_test(what_diffusers_cannot_say_is_refused),
    };
    return golden_run(tests, NULL, NULL);
}
