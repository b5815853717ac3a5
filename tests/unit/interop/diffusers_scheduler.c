/* scheduler_config.json as specs of a schedule and a sampler, and back. */
#include "json.h"

#include "base/memory.h"
#include "interop/diffusers/specs.h"

#define DDPM "pipelines/ddpm-mnist/scheduler/scheduler_config.json"

static const diffusers_index ddpm_index = {DIFFUSERS_DDPM, "DDPMScheduler", 0, 0},
                             ddim_index = {DIFFUSERS_DDIM, "DDIMScheduler", 0, 0};

/* The configuration that a read one is written as. */
static json_value *written(const diffusers_scheduler *read)
{
    json_value *json = NULL;
    struct diffusion_schedule *schedule = NULL;
    diffusers_unet unet = {.spec = (char *)"unet", .learned = strcmp(read->variance, "learned_range") == 0};
    char *spec = diffusers_model_spec(&unet, read);
    assert_ok(schedule_create(&schedule, read->schedule));
    assert_ok(diffusers_scheduler_write(&json, schedule, spec, read->sampler));
    memory_release(spec);
    schedule_release(schedule);
    return json;
}

/* Reads, checks both specs, and writes the same again. */
static void check_round(const json_value *truth, const char *schedule, const char *sampler)
{
    diffusers_scheduler read = {.schedule = NULL};
    const char *type = json_string(json_get(truth, "variance_type")),
               *class = json_string(json_get(truth, "_class_name"));
    const diffusers_index *index = strcmp(class, "DDIMScheduler") == 0 ? &ddim_index : &ddpm_index;
    assert_ok(
        diffusers_scheduler_read(&read, truth, "here", index, type != NULL && strcmp(type, "learned_range") == 0));
    if (schedule != NULL)
        assert_string_equal(read.schedule, schedule);
    if (sampler != NULL)
        assert_string_equal(read.sampler, sampler);
    json_value *again = written(&read);
    assert_json_equal(again, truth);
    json_release(again);
    diffusers_scheduler_release(&read);
}

static void what_diffusers_wrote_comes_back_to_the_last_key(void **state)
{
    (void)state;
    json_value *truth = json_golden(DDPM);
    check_round(truth, "cosine steps=1000 kernel=gaussian zero_terminal_snr=no", "ancestral clip=1 spacing=leading");
    json_release(truth);
}

static void each_supported_value_comes_back(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"beta_schedule", "\"linear\"",
         "linear steps=1000 beta_start=0.0001 beta_end=0.02 kernel=gaussian zero_terminal_snr=no", NULL},
        {"beta_schedule", "\"scaled_linear\"",
         "scaled_linear steps=1000 beta_start=0.0001 beta_end=0.02 kernel=gaussian zero_terminal_snr=no", NULL},
        {"beta_schedule", "\"sigmoid\"",
         "sigmoid steps=1000 beta_start=0.0001 beta_end=0.02 kernel=gaussian zero_terminal_snr=no", NULL},
        {"num_train_timesteps", "50", "cosine steps=50 kernel=gaussian zero_terminal_snr=no", NULL},
        {"rescale_betas_zero_snr", "true", "cosine steps=1000 kernel=gaussian zero_terminal_snr=yes", NULL},
        {"clip_sample", "false", NULL, "ancestral spacing=leading"},
        {"clip_sample_range", "2.5", NULL, "ancestral clip=2.5 spacing=leading"},
        {"timestep_spacing", "\"trailing\"", NULL, "ancestral clip=1"},
        {"timestep_spacing", "\"linspace\"", NULL, "ancestral clip=1 spacing=linspace"},
        {"steps_offset", "1", NULL, "ancestral clip=1 spacing=leading steps_offset=1"},
        {"prediction_type", "\"sample\"", NULL, NULL},
        {"prediction_type", "\"v_prediction\"", NULL, NULL},
        {"variance_type", "\"fixed_large\"", NULL, NULL},
        {"variance_type", "\"learned_range\"", NULL, NULL},
    };
    json_value *plain = json_golden(DDPM);
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *truth = json_with(plain, cases[i][0], cases[i][1]);
        check_round(truth, cases[i][2], cases[i][3]);
        json_release(truth);
    }
    json_release(plain);
}

static void predictions_and_variances_become_ours(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *predict, *variance;
    } cases[] = {
        {"prediction_type", "\"epsilon\"", "epsilon", "fixed_small"},
        {"prediction_type", "\"sample\"", "x0", "fixed_small"},
        {"prediction_type", "\"v_prediction\"", "v", "fixed_small"},
        {"variance_type", "\"fixed_small_log\"", "epsilon", "fixed_small"},
        {"variance_type", "\"fixed_large\"", "epsilon", "fixed_large"},
        {"variance_type", "\"fixed_large_log\"", "epsilon", "fixed_large"},
        {"variance_type", "\"learned_range\"", "epsilon", "learned_range"},
    };
    json_value *plain = json_golden(DDPM);
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *json = json_with(plain, cases[i].key, cases[i].value);
        diffusers_scheduler read = {.schedule = NULL};
        assert_ok(diffusers_scheduler_read(&read, json, "here", &ddpm_index,
                                           strcmp(cases[i].variance, "learned_range") == 0));
        assert_string_equal(read.predict, cases[i].predict);
        assert_string_equal(read.variance, cases[i].variance);
        diffusers_scheduler_release(&read);
        json_release(json);
    }
    json_release(plain);
}

static void a_whole_number_may_be_written_as_a_real_one(void **state)
{
    (void)state;
    static const char *const thousands[] = {"1000", "1000.0", "1e3"};
    json_value *plain = json_golden(DDPM);
    for (size_t i = 0; i < SPEC_COUNT(thousands); i++) {
        json_value *json = json_with(plain, "num_train_timesteps", thousands[i]);
        diffusers_scheduler read = {.schedule = NULL};
        assert_ok(diffusers_scheduler_read(&read, json, "here", &ddpm_index, 0));
        assert_non_null(strstr(read.schedule, "steps=1000 "));
        diffusers_scheduler_release(&read);
        json_release(json);
    }
    json_release(plain);
}

static void given_betas_come_back_to_the_last_bit(void **state)
{
    (void)state;
    json_value *plain = json_golden(DDPM), *few = json_with(plain, "num_train_timesteps", "3");
    json_value *linear = json_with(few, "beta_schedule", "\"linear\"");
    json_value *truth = json_with(linear, "trained_betas", "[0.1, 0.30000000000000004, 0.987654321987654]");
    check_round(truth, "betas values=0.1,0.30000000000000004,0.987654321987654 kernel=gaussian zero_terminal_snr=no",
                NULL);
    json_value *all[] = {plain, few, linear, truth};
    for (size_t i = 0; i < 4; i++)
        json_release(all[i]);
}

/* As DDIMScheduler.save_pretrained() writes it. */
static const char ddim[] =
    "{\"_class_name\": \"DDIMScheduler\", \"_diffusers_version\": \"0.26.3\", \"num_train_timesteps\": 1000,"
    " \"beta_start\": 0.0001, \"beta_end\": 0.02, \"beta_schedule\": \"linear\", \"trained_betas\": null,"
    " \"clip_sample\": true, \"set_alpha_to_one\": true, \"steps_offset\": 0, \"prediction_type\": \"epsilon\","
    " \"thresholding\": false, \"dynamic_thresholding_ratio\": 0.995, \"clip_sample_range\": 1.0,"
    " \"sample_max_value\": 1.0, \"timestep_spacing\": \"leading\", \"rescale_betas_zero_snr\": false}";

static void an_implicit_scheduler_comes_back(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"thresholding", "false", "ddim steps=50 clip=1 spacing=leading"},
        {"num_train_timesteps", "20", "ddim steps=20 clip=1 spacing=leading"},
        {"clip_sample", "false", "ddim steps=50 spacing=leading"},
        {"set_alpha_to_one", "false", "ddim steps=50 clip=1 spacing=leading final=sigma_min"},
        {"steps_offset", "1", "ddim steps=50 clip=1 spacing=leading steps_offset=1 stride=even"},
        {"timestep_spacing", "\"trailing\"", "ddim steps=50 clip=1"},
    };
    json_value *plain = json_of(ddim), *index = NULL;
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *truth = json_with(plain, cases[i][0], cases[i][1]);
        check_round(truth, NULL, cases[i][2]);
        json_release(truth);
    }
    assert_ok(diffusers_index_write(&index, plain, "ddim steps=50"));
    assert_string_equal(json_string(json_get(index, "_class_name")), "DDIMPipeline");
    assert_string_equal(json_string(json_item(json_get(index, "scheduler"), 1)), "DDIMScheduler");
    json_release(index);
    json_release(plain);
}

/* A DDPMPipeline takes 1000 steps of any scheduler, a DDIMPipeline 50 of the DDIMScheduler that it makes of any. */
static void steps_and_solver_are_the_pipelines(void **state)
{
    (void)state;
    static const struct {
        diffusers_index index;
        const char *steps, *sampler;
    } cases[] = {
        {{DIFFUSERS_DDPM, "DDPMScheduler", 0, 0}, "4000", "ancestral steps=1000 clip=1 spacing=leading"},
        {{DIFFUSERS_DDPM, "DDPMScheduler", 0, 0}, "1000", "ancestral clip=1 spacing=leading"},
        {{DIFFUSERS_DDPM, "DDPMScheduler", 0, 0}, "20", "ancestral clip=1 spacing=leading"},
        {{DIFFUSERS_DDPM, "DDIMScheduler", 0, 0}, "4000", "ddim steps=1000 clip=1 spacing=leading"},
        {{DIFFUSERS_DDPM, "DDIMScheduler", 0, 0}, "1000", "ddim steps=1000 clip=1 spacing=leading"},
        {{DIFFUSERS_DDPM, "DDIMScheduler", 0, 0}, "20", "ddim steps=20 clip=1 spacing=leading"},
        {{DIFFUSERS_DDIM, "DDPMScheduler", 0, 0}, "4000", "ddim steps=50 clip=1 spacing=leading"},
        {{DIFFUSERS_DDIM, "DDPMScheduler", 0, 0}, "20", "ddim steps=20 clip=1 spacing=leading"},
        {{DIFFUSERS_DDIM, "DDIMScheduler", 0, 0}, "1000", "ddim steps=50 clip=1 spacing=leading"},
    };
    json_value *plain = json_golden(DDPM);
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *json = json_with(plain, "num_train_timesteps", cases[i].steps);
        diffusers_scheduler read = {.schedule = NULL};
        assert_ok(diffusers_scheduler_read(&read, json, "here", &cases[i].index, 0));
        assert_string_equal(read.sampler, cases[i].sampler);
        diffusers_scheduler_release(&read);
        json_release(json);
    }
    json_release(plain);
}

static void what_no_pipeline_does_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"ddim eta=0.5", "eta=0.5, expected 0, as a DDIMScheduler of diffusers has it"},
        {"ancestral last=model", "last=model, expected mean"},
        {"ancestral particles=4", "particles=4, expected 1"}};
    struct diffusion_schedule *schedule = NULL;
    assert_ok(schedule_create(&schedule, "linear steps=5"));
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *json = NULL;
        assert_refused(diffusers_scheduler_write(&json, schedule, "unet predict=v variance=fixed_small", cases[i][0]),
                       DIFFUSION_E_SPEC, cases[i][1]);
        assert_null(json);
    }
    json_value *json = NULL;
    assert_ok(diffusers_scheduler_write(&json, schedule, "unet predict=v variance=fixed_small", "ddim eta=0.0"));
    json_release(json);
    schedule_release(schedule);
}

/* The index is that of the pipeline which takes the steps by default, where there is one. */
static void the_pipeline_is_the_one_that_takes_the_steps(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"ddim steps=50", "DDIMPipeline"},
                                           {"ddim", "DDIMPipeline"},
                                           {"ddim steps=7", "DDIMPipeline"},
                                           {"ddim steps=1000", "DDPMPipeline"}};
    json_value *scheduler = json_of(ddim), *index = NULL;
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        assert_ok(diffusers_index_write(&index, scheduler, cases[i][0]));
        assert_string_equal(json_string(json_get(index, "_class_name")), cases[i][1]);
        assert_string_equal(json_string(json_item(json_get(index, "scheduler"), 1)), "DDIMScheduler");
        json_release(index);
    }
    json_release(scheduler);
}

static void the_index_is_diffusers_own(void **state)
{
    (void)state;
    json_value *scheduler = json_golden(DDPM), *truth = json_golden("pipelines/ddpm-mnist/model_index.json"),
               *index = NULL;
    assert_ok(diffusers_index_write(&index, scheduler, "ancestral clip=1"));
    assert_json_equal(index, truth);
    json_release(index);
    json_release(truth);
    json_release(scheduler);
}

/* google/ddpm-cifar10-32 as of version 0.1.1. */
static void an_early_configuration_has_todays_defaults(void **state)
{
    (void)state;
    json_value *json = json_of("{\"_class_name\": \"DDPMScheduler\", \"_diffusers_version\": \"0.1.1\","
                               " \"beta_end\": 0.02, \"beta_schedule\": \"linear\", \"beta_start\": 0.0001,"
                               " \"clip_sample\": true, \"num_train_timesteps\": 1000, \"timestep_values\": null,"
                               " \"tensor_format\": \"pt\", \"trained_betas\": null, \"variance_type\": "
                               "\"fixed_large\", \"skip_prk_steps\": true}");
    diffusers_scheduler read = {.schedule = NULL};
    assert_ok(diffusers_scheduler_read(&read, json, "here", &ddpm_index, 0));
    assert_string_equal(read.schedule, "linear steps=1000 beta_start=0.0001 beta_end=0.02 kernel=gaussian "
                                       "zero_terminal_snr=no");
    assert_string_equal(read.sampler, "ancestral clip=1 spacing=leading");
    assert_string_equal(read.predict, "epsilon");
    assert_string_equal(read.variance, "fixed_large");
    diffusers_scheduler_release(&read);
    json_release(json);
}

/* A schedule of ours that diffusers has no formula for goes by its betas. */
static void any_schedule_can_be_written(void **state)
{
    (void)state;
    static const char *const specs[][2] = {{"constant_rate steps=5", "ancestral"},
                                           {"sigmoid steps=5", "ddim"}, /* which a DDIMScheduler lacks */
                                           {"betas values=0.1,0.2,0.7 zero_terminal_snr=yes", "ancestral"}};
    for (size_t i = 0; i < SPEC_COUNT(specs); i++) {
        struct diffusion_schedule *schedule = NULL, *again = NULL;
        diffusers_scheduler read = {.schedule = NULL};
        json_value *json = NULL;
        assert_ok(schedule_create(&schedule, specs[i][0]));
        assert_ok(diffusers_scheduler_write(&json, schedule, "unet predict=v variance=fixed_small", specs[i][1]));
        assert_ok(diffusers_scheduler_read(&read, json, "here", &ddpm_index, 0));
        assert_ok(schedule_create(&again, read.schedule));
        assert_int_equal(again->steps, schedule->steps);
        for (int32_t t = 1; t <= schedule->steps; t++)
            assert_true(again->beta[t] == schedule->beta[t]);
        diffusers_scheduler_release(&read);
        json_release(json);
        schedule_release(schedule);
        schedule_release(again);
    }
}

static void each_option_that_is_not_supported_is_named(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"_class_name", "\"RePaintScheduler\"", "_class_name=\"RePaintScheduler\", expected a scheduler that is read"},
        {"beta_schedule", "\"exp\"", "beta_schedule=\"exp\", expected \"linear\" or \"scaled_linear\" or"},
        {"variance_type", "\"learned\"", "=\"learned\", expected a fixed one, as the unet's out_channels"},
        {"variance_type", "\"learned_range\"", "=\"learned_range\", expected a fixed one, as the unet's out_channels"},
        {"prediction_type", "\"flow\"", "prediction_type=\"flow\", expected \"epsilon\" or \"sample\" or \"v_pred"},
        {"timestep_spacing", "\"even\"", "timestep_spacing=\"even\", expected \"leading\" or \"linspace\""},
        {"num_train_timesteps", "0", "num_train_timesteps=0, expected a whole number 1..100000"},
        {"num_train_timesteps", "1000.5", "num_train_timesteps=1000.5, expected a whole number"},
        {"beta_end", "\"0.02\"", "beta_end=\"0.02\", expected a number 0..1"},
        {"beta_start", "-1", "beta_start=-1, expected a number 0..1"},
        {"trained_betas", "[0.1]", "trained_betas=[0.1], expected 1000 numbers"},
        {"trained_betas", "0.1", "trained_betas=0.1, expected 1000 numbers"},
        {"clip_sample", "\"yes\"", "clip_sample=\"yes\", expected true or false"},
        {"clip_sample_range", "-1", "clip_sample_range=-1, expected a number"},
        {"clip_sample_range", "0", "clip_sample_range=0, expected a number above 0"},
        {"predict_epsilon", "false", "predict_epsilon=false, expected true"},
        {"use_karras_sigmas", "true", "use_karras_sigmas=true, expected no such option"},
        {"solver_order", "3", "solver_order=3, expected no such option"},
        {"final_sigmas_type", "\"denoise_to_zero\"", "final_sigmas_type=\"denoise_to_zero\", expected no such option"},
        {"timesteps", "1000", "timesteps=1000, expected no such option"},
        {"timestep_spacing", "null", "timestep_spacing=null, expected \"leading\""},
        {"prediction_type", "\"flow_prediction\"", "prediction_type=\"flow_prediction\", expected another without"},
        {"_class_name", "\"FlaxDDPMScheduler\"", "_class_name=\"FlaxDDPMScheduler\", expected a scheduler"},
        {"_class_name", "null", "_class_name=null, expected a scheduler"},
        {"_class_name", "[\"DDPMScheduler\"]", "expected a scheduler that is read"},
    };
    json_value *plain = json_golden(DDPM);
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *json = json_with(plain, cases[i][0], cases[i][1]);
        diffusers_scheduler read = {.schedule = NULL};
        assert_refused(diffusers_scheduler_read(&read, json, "a.json", &ddpm_index, 0), DIFFUSION_E_CONTENT,
                       cases[i][2]);
        assert_ptr_equal(strstr(diffusion_last_error(), "a.json: "), diffusion_last_error());
        assert_true(read.schedule == NULL && read.sampler == NULL);
        json_release(json);
    }
    json_release(plain);
}

/* What a configuration keeps of the class that it was made of, nulls, and diffusers' own notes. */
static void what_plays_no_part_is_left_out(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"_use_default_values", "[\"clip_sample_range\", \"thresholding\"]"},
        {"_name_or_path", "\"somewhere\""},
        {"skip_prk_steps", "true"},
        {"set_alpha_to_one", "false"},
        {"interpolation_type", "\"linear\""},
        {"solver_order", "2"},
        {"algorithm_type", "\"dpmsolver++\""},
        {"lower_order_final", "true"},
        {"lambda_min_clipped", "-Infinity"},
        {"final_sigmas_type", "\"zero\""},
        {"use_karras_sigmas", "false"},
        {"flow_shift", "1"},
        {"sigma_min", "null"},
        {"thresholding", "null"},
        {"variance_type", "null"},
        {"trained_betas", "null"},
        {"dynamic_thresholding_ratio", "null"},
        {"sample_max_value", "null"},
    };
    json_value *plain = json_golden(DDPM);
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        json_value *json = json_with(plain, cases[i][0], cases[i][1]);
        diffusers_scheduler read = {.schedule = NULL};
        assert_ok(diffusers_scheduler_read(&read, json, "here", &ddpm_index, 0));
        assert_string_equal(read.sampler, "ancestral clip=1 spacing=leading");
        assert_string_equal(read.variance, "fixed_small");
        diffusers_scheduler_release(&read);
        json_release(json);
    }
    json_release(plain);
}

/* A configuration of this class that says these words, read for four steps. */
static diffusion_status read_words(diffusers_scheduler *read, const char *class, const char *words)
{
    char text[256];
    snprintf(text, sizeof text, "{\"_class_name\":\"%s\",%s}", class, words);
    json_value *json = json_of(text);
    const diffusers_index index = {DIFFUSERS_DDPM, class, 4, 0};
    const diffusion_status status = diffusers_scheduler_read(read, json, "here", &index, 0);
    json_release(json);
    return status;
}

/* Schedulers of DPM-Solver's kin take each other's words for their own default. */
static void the_kins_words_are_read_as_diffusers_reads_them(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"DPMSolverMultistepScheduler", "\"algorithm_type\":\"deis\",\"solver_type\":\"logrho\"",
         "dpmsolver++ steps=4 spacing=linspace drop_lowest=yes"},
        {"DPMSolverMultistepScheduler", "\"use_lu_lambdas\":true,\"use_beta_sigmas\":true",
         "dpmsolver++ steps=4 spacing=exponential"},
        {"DEISMultistepScheduler", "\"algorithm_type\":\"dpmsolver++\",\"solver_type\":\"midpoint\"",
         "deis final=sigma_min steps=4 spacing=linspace drop_lowest=yes"},
        {"UniPCMultistepScheduler", "\"solver_type\":\"heun\",\"final_sigmas_type\":\"zero\"",
         "unipc steps=4 spacing=linspace drop_lowest=yes"},
        {"EDMEulerScheduler", "\"sigma_schedule\":\"exponential\",\"rho\":5",
         "euler model_before_churn=yes steps=4 spacing=exponential"},
        {"EDMEulerScheduler", "\"rho\":5", "euler model_before_churn=yes steps=4 rho=5 spacing=karras"},
    };
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        diffusers_scheduler read = {.schedule = NULL};
        assert_ok(read_words(&read, cases[i][0], cases[i][1]));
        assert_string_equal(read.sampler, cases[i][2]);
        diffusers_scheduler_release(&read);
    }
}

static void what_diffusers_does_not_do_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"DPMSolverMultistepScheduler", "\"algorithm_type\":\"dpmsolver\"",
         "final_sigmas_type=\"zero\", expected \"sigma_min\" with algorithm_type="},
        {"DPMSolverMultistepScheduler", "\"algorithm_type\":\"sde-dpmsolver\",\"final_sigmas_type\":\"zero\"",
         "final_sigmas_type=\"zero\", expected \"sigma_min\" with algorithm_type="},
        {"DPMSolverSinglestepScheduler", "\"algorithm_type\":\"dpmsolver\"",
         "final_sigmas_type=\"zero\", expected \"sigma_min\" with algorithm_type="},
        {"UniPCMultistepScheduler", "\"predict_x0\":false,\"final_sigmas_type\":\"zero\"",
         "final_sigmas_type=\"zero\", expected \"sigma_min\" with predict_x0=false"},
        {"DPMSolverMultistepScheduler", "\"use_karras_sigmas\":true,\"use_beta_sigmas\":true",
         "use_beta_sigmas=true, expected false beside use_karras_sigmas=true"},
        {"HeunDiscreteScheduler", "\"use_exponential_sigmas\":true,\"use_karras_sigmas\":true",
         "use_exponential_sigmas=true, expected false beside use_karras_sigmas=true"},
        {"FlowMatchEulerDiscreteScheduler", "\"use_exponential_sigmas\":true,\"use_beta_sigmas\":true",
         "use_beta_sigmas=true, expected false beside use_exponential_sigmas=true"},
        {"UniPCMultistepScheduler", "\"use_karras_sigmas\":true,\"use_flow_sigmas\":true",
         "use_karras_sigmas=true, expected false beside use_flow_sigmas=true"},
        {"DPMSolverMultistepScheduler", "\"use_lu_lambdas\":true,\"use_flow_sigmas\":true",
         "use_lu_lambdas=true, expected false beside use_flow_sigmas=true"},
        {"IPNDMScheduler", "\"trained_betas\":[1.0,0.5,0.0]", "trained_betas=[1.0,0.5,0.0], expected null"},
        {"DPMSolverMultistepScheduler", "\"use_flow_sigmas\":true,\"final_sigmas_type\":\"sigma_min\"",
         "final_sigmas_type=\"sigma_min\", expected \"zero\" with use_flow_sigmas"},
        {"EulerDiscreteScheduler", "\"use_karras_sigmas\":true,\"sigma_min\":0.05,\"final_sigmas_type\":\"sigma_min\"",
         "final_sigmas_type=\"sigma_min\", expected \"zero\": its sigma_min is that of the first step, below 0.05"},
    };
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        diffusers_scheduler read = {.schedule = NULL};
        assert_refused(read_words(&read, cases[i][0], cases[i][1]), DIFFUSION_E_CONTENT, cases[i][2]);
    }
}

/* Whatever class it is, a DDIMPipeline makes DDIM of its 50 steps. */
static void a_ddim_pipeline_makes_ddim_of_any_class(void **state)
{
    (void)state;
    static const char *const classes[] = {"DPMSolverMultistepScheduler", "EulerDiscreteScheduler", "PNDMScheduler",
                                          "UniPCMultistepScheduler", "EDMEulerScheduler"};
    for (size_t i = 0; i < SPEC_COUNT(classes); i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"_class_name\":\"%s\",\"use_karras_sigmas\":%s}", classes[i],
                 i == 0 || i == 3 ? "true" : "false");
        json_value *json = json_of(text);
        const diffusers_index index = {DIFFUSERS_DDIM, classes[i], 0, 0};
        diffusers_scheduler read = {.schedule = NULL};
        assert_ok(diffusers_scheduler_read(&read, json, "here", &index, 0));
        assert_string_equal(read.sampler, "ddim steps=50 clip=1 spacing=leading");
        diffusers_scheduler_release(&read);
        json_release(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_diffusers_wrote_comes_back_to_the_last_key),
        cmocka_unit_test(each_supported_value_comes_back),
        cmocka_unit_test(predictions_and_variances_become_ours),
        cmocka_unit_test(a_whole_number_may_be_written_as_a_real_one),
        cmocka_unit_test(given_betas_come_back_to_the_last_bit),
        cmocka_unit_test(an_implicit_scheduler_comes_back),
        cmocka_unit_test(steps_and_solver_are_the_pipelines),
        cmocka_unit_test(what_no_pipeline_does_is_refused),
        cmocka_unit_test(the_pipeline_is_the_one_that_takes_the_steps),
        cmocka_unit_test(the_index_is_diffusers_own),
        cmocka_unit_test(an_early_configuration_has_todays_defaults),
        cmocka_unit_test(any_schedule_can_be_written),
        cmocka_unit_test(each_option_that_is_not_supported_is_named),
        cmocka_unit_test(what_plays_no_part_is_left_out),
        cmocka_unit_test(the_kins_words_are_read_as_diffusers_reads_them),
        cmocka_unit_test(what_diffusers_does_not_do_is_refused),
        cmocka_unit_test(a_ddim_pipeline_makes_ddim_of_any_class),
    };
    return golden_run(tests, NULL, NULL);
}
