/* Spacings in sigma / signal, which both families of schedulers that go by levels have. */
#include "interop/diffusers/sampling_steps.h"

/* Spacings in sigma / signal, and their options: the first that is asked for counts. The second is another name of what
 * the third does. */
static const struct {
    const char *key, *spacing;
} by_sigma[] = {{"use_karras_sigmas", "karras"},
                {"use_lu_lambdas", "exponential"},
                {"use_exponential_sigmas", "exponential"},
                {"use_beta_sigmas", "beta"}};

static void refuse_beside(config *from, const char *key, const char *other)
{
    config_refuse(from, key, json_get(from->json, key), "false beside %s=true", other);
}

void sampling_check_spacings(sampling *of)
{
    static const char *const keys[] = {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"};
    const char *first = NULL;
    for (size_t i = 0; i < SPEC_COUNT(keys); i++) {
        if (!config_flag(of->from, keys[i], 0))
            continue;
        if (first != NULL)
            refuse_beside(of->from, keys[i], first);
        first = keys[i];
    }
}

const char *sampling_spacing_in_sigma(sampling *of)
{
    sampling_check_spacings(of);
    for (size_t i = 0; i < SPEC_COUNT(by_sigma); i++)
        if (config_flag(of->from, by_sigma[i].key, 0))
            return by_sigma[i].spacing;
    return NULL;
}

void sampling_check_flow_alone(sampling *of)
{
    for (size_t i = 0; i < SPEC_COUNT(by_sigma); i++)
        if (config_flag(of->from, by_sigma[i].key, 0))
            refuse_beside(of->from, by_sigma[i].key, "use_flow_sigmas");
}

int sampling_append_sigmas(sampling *of)
{
    const char *asked = sampling_spacing_in_sigma(of);
    if (asked != NULL)
        text_append(of->spec, " spacing=%s", asked);
    return asked != NULL;
}

/* By the last of two names, which all classes have. */
int sampling_put_sigmas(describing *of)
{
    size_t i = SPEC_COUNT(by_sigma);
    while (i > 0 && !writing_says(of->to, "spacing", by_sigma[i - 1].spacing))
        i--;
    if (i > 0)
        writing_put_flag(of->to, by_sigma[i - 1].key, 1);
    return i > 0;
}

void sampling_append_least_signal(sampling *of)
{
    if (config_flag(of->from, "rescale_betas_zero_snr", 0))
        text_append(of->spec, " signal_min=0.000244140625");
}
