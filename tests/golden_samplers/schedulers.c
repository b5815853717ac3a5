/* diffusers: specs by the library's own reader of schedulers. */
#include "replay.h"

#include "base/memory.h"
#include "interop/diffusers/sampling.h"
#include "interop/diffusers/specs.h"

#include <stdlib.h>

/* A noise schedule of SA-Solver's that no configuration holds: "constant 0.3", or 1 in between. */
static void append_tau(text_buffer *sampler, const char *spec, const char *tau)
{
    double value = 1.0;
    const char *at = strstr(spec, " tau_start=801 tau_end=201");
    if (tau == NULL || at == NULL || sscanf(tau, "constant %lf", &value) != 1) {
        text_append(sampler, "%s", spec);
        return;
    }
    text_append(sampler, "%.*s", (int)(at - spec), spec);
    text_append_real(sampler, " tau=", value);
    text_append(sampler, "%s", strchr(at + 24, ' '));
}

static double number_within(const char *text, const char *key, double standard)
{
    json_value *json = options_parse(text);
    const double value = options_number(json, key, standard);
    json_release(json);
    return value;
}

/* What diffusers does beside the mathematics where such a call or such steps are asked for; NULL: nothing. */
static const char *quirk_of(const recorded *of, const json_value *with, const json_value *called)
{
    const char *name = json_string(json_get(with, "_class_name"));
    const char *prediction = json_string(json_get(with, "prediction_type")), *variance = scheduler_variance(with);
    const int churns = options_number(called, "s_churn", 0.0) > 0.0;
    size_t count = 0;
    double *times = recorded_tensor(of->file, "timesteps", &count), lowest = count > 0 ? times[count - 1] : 0.0;
    free(times);
    if (churns && strcmp(name, "FlowMatchHeunDiscreteScheduler") == 0)
        return "puts noise back as if the signal were 1, beside the path that its model knows";
    if (churns && strcmp(name, "EulerDiscreteScheduler") == 0 && prediction != NULL && prediction[0] == 'v')
        return "reads v at sigma, of a state that has come to sigma_hat";
    if (lowest > 0.0 && strcmp(name, "DDPMScheduler") == 0 && strncmp(variance, "fixed_small", 11) != 0 &&
        strcmp(variance, "learned") != 0)
        return "draws noise of up to 1 - alpha_bar behind a last step from above the first";
    return NULL;
}

/* diffusers: by the library's own reader. */
void schedulers_read(specs *out, const recorded *of, replay *self)
{
    const char *steps = safetensors_metadata(of->file, "steps"), *name;
    json_value *called = options_parse(safetensors_metadata(of->file, "step")), *with = scheduler_options(of->file);
    text_buffer sampler = {0};
    name = json_string(json_get(with, "_class_name"));
    self->learned = strncmp(scheduler_variance(with), "learned", 7) == 0;
    const diffusers_index index = {DIFFUSERS_DDPM, name, strtol(steps, NULL, 10),
                                   number_within(safetensors_metadata(of->file, "set_timesteps"), "mu", NAN)};
    diffusers_scheduler read = {0};
    const char *quirk = quirk_of(of, with, called);
    if (quirk != NULL) {
        snprintf(out->refused, sizeof out->refused, "%s %s", name, quirk);
    } else if (diffusers_scheduler_read(&read, with, name, &index, self->learned) != DIFFUSION_OK) {
        snprintf(out->refused, sizeof out->refused, "%s", diffusion_last_error());
    } else {
        append_tau(&sampler, read.sampler, safetensors_metadata(of->file, "tau_func"));
        if (strcmp(name, "FlowMatchEulerDiscreteScheduler") != 0) /* which looks at none of them */
            options_append(&sampler, called, ",");
        if (recorded_says(of, "inverse", "own level"))
            text_append(&sampler, " model_at=own");
        if (called == NULL && number_within(safetensors_metadata(of->file, "eta"), "", 0.0) == 0.0 &&
            strncmp(read.sampler, "ddim", 4) == 0 && safetensors_metadata(of->file, "eta") != NULL)
            text_append_real(&sampler, " eta=", strtod(safetensors_metadata(of->file, "eta"), NULL));
        out->sampler = text_finish(&sampler);
        out->schedule = memory_text(read.schedule);
        snprintf(out->model, sizeof out->model, "predict=%s variance=%s sigma_data=%.17g", read.predict, read.variance,
                 read.sigma_data);
        snprintf(self->predict, sizeof self->predict, "%s", read.predict);
        self->sigma_data = read.sigma_data;
        self->raw = strcmp(read.variance, "learned_raw") == 0;
    }
    diffusers_scheduler_release(&read);
    json_release(with);
    json_release(called);
}
