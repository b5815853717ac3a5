#include "process/log_snr_logits.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "process/schedule/log_snr.h"

#include <math.h>

enum { PARTS = 32 /* of a straight line */ };

static const log_snr_options *options_of(const struct diffusion_schedule *schedule)
{
    return (const log_snr_options *)(const void *)&schedule->options.own;
}

diffusion_status log_snr_logits_check(const struct diffusion_schedule *schedule, const char *object)
{
    diffusion_status status = schedule_check_additive(schedule, object, "learn_schedule=log_snr");
    if (status == DIFFUSION_OK && schedule->curve != &log_snr_curve)
        status = error_set(DIFFUSION_E_SPEC, "%s: learn_schedule=log_snr with %s, expected the schedule log_snr",
                           object, schedule->curve->spec.name);
    if (status == DIFFUSION_OK && schedule->steps < 2)
        status = error_set(DIFFUSION_E_SPEC, "%s: learn_schedule=log_snr needs a schedule of at least 2 steps", object);
    return status;
}

size_t log_snr_logits_count(const struct diffusion_schedule *schedule)
{
    const spec_reals *shares = &options_of(schedule)->shares;
    return LOG_SNR_LOGITS + (shares->count > 0 ? shares->count : PARTS);
}

void log_snr_logits_of(double *value, const struct diffusion_schedule *schedule)
{
    const log_snr_options *options = options_of(schedule);
    value[LOG_SNR_MAXIMUM] = options->maximum / LOG_SNR_UNIT;
    value[LOG_SNR_MINIMUM] = options->minimum / LOG_SNR_UNIT;
    for (size_t k = LOG_SNR_LOGITS; k < log_snr_logits_count(schedule); k++)
        value[k] = options->shares.count > 0 ? log(options->shares.values[k - LOG_SNR_LOGITS]) : 0.0;
}

void log_snr_logits_hold(double *value)
{
    const double middle = 0.5 * (value[LOG_SNR_MAXIMUM] + value[LOG_SNR_MINIMUM]), half = 0.5 / LOG_SNR_UNIT;
    value[LOG_SNR_MAXIMUM] = fmax(value[LOG_SNR_MAXIMUM], middle + half);
    value[LOG_SNR_MINIMUM] = fmin(value[LOG_SNR_MINIMUM], middle - half);
}

void log_snr_logits_shares(double *share, const double *value, size_t count)
{
    double largest = -INFINITY, sum = 0.0;
    for (size_t k = LOG_SNR_LOGITS; k < count; k++)
        largest = fmax(largest, value[k]);
    for (size_t k = LOG_SNR_LOGITS; k < count; k++)
        sum += exp(value[k] - largest);
    for (size_t k = LOG_SNR_LOGITS; k < count; k++)
        share[k - LOG_SNR_LOGITS] = fmax(exp(value[k] - largest) / sum, LOG_SNR_SHARE_MIN);
}

diffusion_status log_snr_logits_schedule(struct diffusion_schedule **out, int32_t steps, const double *value,
                                         size_t count, double raised)
{
    text_buffer text = {NULL, 0, 0, 0};
    double *share = memory_allocate(count, sizeof *share);
    if (share == NULL)
        return DIFFUSION_E_MEMORY;
    log_snr_logits_shares(share, value, count);
    text_append(&text, "log_snr steps=%d", (int)steps);
    text_append_real(&text, " maximum=", LOG_SNR_UNIT * value[LOG_SNR_MAXIMUM] + raised);
    text_append_real(&text, " minimum=", LOG_SNR_UNIT * value[LOG_SNR_MINIMUM] + raised);
    for (size_t k = 0; k < count - LOG_SNR_LOGITS; k++)
        text_append_real(&text, k == 0 ? " shares=" : ",", share[k]);
    memory_release(share);
    char *spec = text_finish(&text);
    if (spec == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = schedule_create(out, spec);
    memory_release(spec);
    return status;
}
