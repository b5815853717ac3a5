/* Times that schedulers list: those of flow matching, as diffusers makes them, by their own lights (a static shift is
 * applied before the spacing and again after it), and IPNDM's. */
#include "interop/diffusers/sampling_steps.h"

#include "base/number.h"
#include "math/beta_quantile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 1000 };

/* ---- lists ---- */

static void append_list(sampling *of, const double *s)
{
    text_append(of->spec, " steps_list=");
    for (int64_t i = 0; i < of->steps; i++)
        text_append_real(of->spec, i > 0 ? "," : "", s[i] * (double)of->total);
}

static int is_countable(sampling *of)
{
    if (of->steps <= MOST)
        return 1;
    config_refuse(of->from, "num_train_timesteps", json_get(of->from->json, "num_train_timesteps"),
                  "a pipeline of at most %d steps of flow matching", (int)MOST);
    return 0;
}

/* Time `index` of the list that a spec holds, as s; 0 if there is none. */
static double listed(const describing *of, int64_t index)
{
    const char *value;
    size_t length;
    double t = 0.0;
    if (!spec_find(of->to->spec, "steps_list", &value, &length))
        return 0.0;
    for (; index > 0 && memchr(value, ',', length) != NULL; index--) {
        const char *next = (const char *)memchr(value, ',', length) + 1;
        length -= (size_t)(next - value);
        value = next;
    }
    const char *end = memchr(value, ',', length);
    number_parse_real(&t, value, end != NULL ? (size_t)(end - value) : length);
    return t / (double)of->total;
}

/* ---- flow matching ---- */

typedef enum flow_spacing { FLOW_EVEN, FLOW_KARRAS, FLOW_EXPONENTIAL, FLOW_BETA, FLOW_SPACINGS } flow_spacing;

static const char *const spacing_keys[] = {[FLOW_KARRAS] = "use_karras_sigmas",
                                           [FLOW_EXPONENTIAL] = "use_exponential_sigmas",
                                           [FLOW_BETA] = "use_beta_sigmas"};

/* What a scheduler of flow matching is told. */
typedef struct flow_times {
    double shift;
    double terminal; /* NAN: none */
    double dynamic;  /* exp(mu), or mu; NAN: a static shift */
    flow_spacing spacing;
} flow_times;

static double shifted(double s, double shift)
{
    return shift * s / (1.0 + (shift - 1.0) * s);
}

static void stretch(double *s, int64_t count, double end)
{
    const double scale = (1.0 - s[count - 1]) / (1.0 - end);
    for (int64_t i = 0; i < count; i++)
        s[i] = 1.0 - (1.0 - s[i]) / scale;
}

static void space(double *s, int64_t count, flow_spacing spaced)
{
    const double high = s[0], low = s[count - 1], rho = 7.0;
    for (int64_t i = 0; i < count && spaced != FLOW_EVEN; i++) {
        const double part = count > 1 ? (double)i / (double)(count - 1) : 0.0;
        if (spaced == FLOW_KARRAS)
            s[i] = pow(pow(high, 1.0 / rho) + part * (pow(low, 1.0 / rho) - pow(high, 1.0 / rho)), rho);
        else if (spaced == FLOW_EXPONENTIAL)
            s[i] = exp(log(high) + part * (log(low) - log(high)));
        else
            s[i] = low + beta_quantile(1.0 - part, 0.6, 0.6) * (high - low);
    }
}

static void make_times(double *s, int64_t count, int64_t total, flow_times of)
{
    const int dynamic = !isnan(of.dynamic);
    const double first = 1.0 / (double)total, least = dynamic ? first : shifted(first, of.shift);
    for (int64_t i = 0; i < count; i++) {
        s[i] = 1.0 + (count > 1 ? (double)i / (double)(count - 1) : 0.0) * (least - 1.0);
        s[i] = dynamic ? of.dynamic / (of.dynamic + (1.0 / s[i] - 1.0)) : shifted(s[i], of.shift);
    }
    if (!isnan(of.terminal))
        stretch(s, count, of.terminal);
    space(s, count, of.spacing);
}

/* The shift of a picture's size: exp(mu), or mu. */
static double read_dynamic(sampling *of)
{
    static const char *const types[] = {"exponential", "linear", NULL};
    const int linear = config_choice(of->from, "time_shift_type", types, 0);
    if (!config_flag(of->from, "use_dynamic_shifting", 0))
        return NAN;
    if (!isfinite(of->index->mu))
        config_refuse(of->from, "use_dynamic_shifting", json_get(of->from->json, "use_dynamic_shifting"),
                      "false: the shift would follow from the size of images, which nobody has told");
    return linear ? of->index->mu : exp(of->index->mu);
}

static void read_flow_times(sampling *of)
{
    double s[MOST];
    flow_times told = {config_real(of->from, "shift", 1, 1e-3, 1e3), NAN, read_dynamic(of), FLOW_EVEN};
    if (!config_is_null(of->from, "shift_terminal"))
        told.terminal = config_real(of->from, "shift_terminal", 0, 0, 1);
    sampling_check_spacings(of);
    for (int spaced = FLOW_SPACINGS - 1; spaced > FLOW_EVEN; spaced--)
        if (config_flag(of->from, spacing_keys[spaced], 0))
            told.spacing = (flow_spacing)spaced;
    if (!is_countable(of))
        return;
    make_times(s, of->steps, of->total, told);
    append_list(of, s);
}

/* ---- and back: the shift that a list was made with ---- */

static double second_time(const describing *of, flow_times told, double shift)
{
    double s[MOST];
    told.shift = shift;
    make_times(s, of->steps, of->total, told);
    return s[of->steps > 1];
}

/* By halving in log shift. */
static double find_shift(const describing *of, flow_times told)
{
    const double wanted = listed(of, 1);
    double low = log(1e-3), high = log(1e3);
    const int rises = second_time(of, told, 1e3) > second_time(of, told, 1e-3);
    for (int i = 0; i < 100; i++) {
        const double middle = 0.5 * (low + high);
        if ((second_time(of, told, exp(middle)) < wanted) == rises)
            low = middle;
        else
            high = middle;
    }
    return exp(0.5 * (low + high));
}

static int makes_the_list(const describing *of, flow_times told, double tolerance)
{
    double s[MOST];
    make_times(s, of->steps, of->total, told);
    for (int64_t i = 0; i < of->steps; i++)
        if (!(fabs(s[i] - listed(of, i)) <= tolerance))
            return 0;
    return 1;
}

static double with_digits(double value, int digits)
{
    const double scale = pow(10.0, digits - 1 - floor(log10(value)));
    return round(value * scale) / scale;
}

/* A number as a file may have had it: that with the fewest digits. */
static double shortened(double value)
{
    int digits = 1;
    while (digits < 17 && fabs(with_digits(value, digits) - value) > 1e-13)
        digits++;
    return with_digits(value, digits);
}

static int settle_shift(const describing *of, flow_times *told, double tolerance)
{
    const double found = of->steps > 1 ? find_shift(of, *told) : 1.0;
    for (int digits = 1; digits <= 17; digits++) {
        told->shift = with_digits(found, digits);
        if (makes_the_list(of, *told, tolerance))
            return 1;
    }
    return 0;
}

/* The first way to make the list, to the last digit if there is one: a shift by mu is a static one to another end,
 * rounded. What none makes is found on reading again. */
static void write_flow_times(describing *of)
{
    const double last = listed(of, of->steps - 1);
    if (of->steps > MOST || !(last > 0.0))
        return;
    for (int i = 0; i < 4 * FLOW_SPACINGS; i++) {
        const int terminal = i % 2, spaced = i / 2 % FLOW_SPACINGS;
        flow_times told = {1.0, terminal ? shortened(last) : NAN, NAN, (flow_spacing)spaced};
        if (told.terminal == 1.0 || !settle_shift(of, &told, i < 2 * FLOW_SPACINGS ? 1e-15 : 1e-12))
            continue;
        writing_put_real(of->to, "shift", told.shift);
        if (terminal)
            writing_put_real(of->to, "shift_terminal", told.terminal);
        if (spaced != FLOW_EVEN)
            writing_put_flag(of->to, spacing_keys[spaced], 1);
        return;
    }
}

const scheduler_part flow_times_part = {read_flow_times, write_flow_times};

/* ---- multistep schedulers: s from 0 to 1 - 1/T in steps + 1 points, shifted, and without the lowest ---- */

static double multistep_time(int64_t index, int64_t steps, int64_t total, double shift)
{
    const double span = 1.0 - 1.0 / (double)total;
    return shifted(span * (double)(steps - index) / (double)steps, shift);
}

static double read_multistep_shift(sampling *of)
{
    return config_real(of->from, "flow_shift", 1, 1e-3, 1e3);
}

void sampling_append_multistep_flow_times(sampling *of)
{
    double s[MOST];
    const double shift = read_multistep_shift(of);
    if (!is_countable(of))
        return;
    for (int64_t i = 0; i < of->steps; i++)
        s[i] = multistep_time(i, of->steps, of->total, shift);
    append_list(of, s);
}

/* Schedulers that do not go to the data stay at the last of the times. */
static void read_flow_end(sampling *of)
{
    if (!config_flag(of->from, "use_flow_sigmas", 0))
        return;
    const double last = multistep_time(of->steps - 1, of->steps, of->total, read_multistep_shift(of));
    text_append_real(of->spec, " sigma_min=", last / (1.0 - last));
}

static void read_chosen_flow_end(sampling *of)
{
    if (sampling_ends_at_sigma_min(of))
        read_flow_end(of);
}

const scheduler_part flow_end_part = {read_flow_end, NULL}, chosen_flow_end_part = {read_chosen_flow_end, NULL};

/* A shift multiplies the odds s / (1 - s). */
void sampling_put_multistep_flow_times(describing *of)
{
    const double first = listed(of, 0), even = multistep_time(0, of->steps, of->total, 1.0);
    const double found = first / (1.0 - first) / (even / (1.0 - even));
    writing_put_flag(of->to, "use_flow_sigmas", 1);
    for (int digits = 1; digits <= 17 && isfinite(found) && found > 0.0; digits++) {
        const double shift = with_digits(found, digits);
        writing_put_real(of->to, "flow_shift", shift);
        if (fabs(multistep_time(0, of->steps, of->total, shift) - first) <= 1e-15)
            return;
    }
}

/* ---- IPNDM: sigma = sin^2(pi u / 2), u falling evenly from 1 ---- */

static void read_trigonometric_times(sampling *of)
{
    const double half_pi = acos(0.0);
    if (!config_is_null(of->from, "trained_betas"))
        config_refuse(of->from, "trained_betas", json_get(of->from->json, "trained_betas"), "null");
    text_append(of->spec, " steps_list=");
    for (int64_t i = 0; i < of->steps; i++) {
        const double u = 1.0 - (double)i / (double)of->steps, sine = sin(half_pi * u), sigma = sine * sine;
        const double signal = sqrt(fmax(1.0 - sigma * sigma, 0.0));
        text_append_real(of->spec, i > 0 ? "," : "", (double)of->total * (atan2(sigma, signal) / half_pi));
    }
}

const scheduler_part trigonometric_times_part = {read_trigonometric_times, NULL};
