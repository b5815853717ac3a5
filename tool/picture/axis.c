/* Where an axis begins and ends, its ticks and their numbers. */
#include "picture/axis.h"

#include <math.h>
#include <stdio.h>

axis axis_fit(const double *values, size_t count, int logarithmic, const char *label)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        double value = logarithmic ? (values[i] > 0 ? log10(values[i]) : NAN) : values[i];
        if (!isfinite(value))
            continue;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    if (low > high)
        low = high = 0;
    double room = high > low ? 0.04 * (high - low) : logarithmic ? 0.5 : high != 0 ? 0.1 * fabs(high) : 1;
    low -= room;
    high += room;
    if (logarithmic)
        return (axis){pow(10, low), pow(10, high), 1, label, 0};
    return (axis){low, high, 0, label, 0};
}

/* 1, 2 or 5 times a power of ten, so that 4 to 9 ticks fit. */
static double nice_step(double range)
{
    double power = pow(10, floor(log10(range / 5)));
    double part = range / 5 / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

double axis_origin(const axis *a)
{
    static const double alike = 1e5; /* %g shows six digits */
    double step = nice_step(a->high - a->low), size = fmax(fabs(a->low), fabs(a->high));
    double power = pow(10, floor(log10(a->high - a->low)) + 1);
    return !a->logarithmic && size >= 1e6 * fmin(step, 1) && size > alike * step ? rint(a->low / power) * power : 0;
}

static void name_number(char *text, double value, double step)
{
    double size = fabs(value) > step ? fabs(value) : step;
    int decimals = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;
    if (fabs(value) < step * 1e-6)
        value = 0;
    if (size >= 1e6 || decimals > 4)
        snprintf(text, TICK_NAME, "%g", value);
    else
        snprintf(text, TICK_NAME, "%.*f", decimals, value);
    if (text[0] == '-') { /* a true minus, as wide as a plus */
        char positive[TICK_NAME];
        snprintf(positive, sizeof positive, "%s", text + 1);
        snprintf(text, TICK_NAME, "\u2212%.*s", TICK_NAME - 4, positive);
    }
}

static size_t linear_ticks(tick *out, const axis *a)
{
    double step = nice_step(a->high - a->low), origin = axis_origin(a);
    size_t count = 0;
    for (double k = ceil(a->low / step - 1e-9); k * step <= a->high + 1e-9 * step && count < TICKS_MAX; k++) {
        out[count].value = k * step;
        out[count].major = 1;
        name_number(out[count++].name, k * step - origin, step);
    }
    return count;
}

static void name_power(char *text, double value, int exponent, int multiple)
{
    if (exponent >= -2 && exponent <= 3)
        snprintf(text, TICK_NAME, "%g", value);
    else if (multiple == 1)
        snprintf(text, TICK_NAME, "10^{%s%d}", exponent < 0 ? "\u2212" : "", exponent < 0 ? -exponent : exponent);
    else
        snprintf(text, TICK_NAME, "%d\u00b710^{%s%d}", multiple, exponent < 0 ? "\u2212" : "",
                 exponent < 0 ? -exponent : exponent);
}

/* Powers of ten, every second or third where they are many; 2 and 5 times them where they are few. */
static size_t logarithmic_ticks(tick *out, const axis *a)
{
    double decades = log10(a->high / a->low);
    int every = decades > 20 ? 5 : decades > 12 ? 3 : decades > 7 ? 2 : 1;
    size_t count = 0;
    for (int exponent = (int)floor(log10(a->low)); exponent <= (int)ceil(log10(a->high)); exponent++) {
        for (int multiple = 1; multiple <= 9 && count < TICKS_MAX; multiple++) {
            double value = multiple * pow(10, exponent);
            if (value < a->low * (1 - 1e-9) || value > a->high * (1 + 1e-9) || (multiple > 1 && decades > 7))
                continue;
            int named = multiple == 1 ? exponent % every == 0 : decades < 3 && (multiple == 2 || multiple == 5);
            out[count].value = value;
            out[count].major = named;
            out[count].name[0] = '\0';
            if (named)
                name_power(out[count].name, value, exponent, multiple);
            count++;
        }
    }
    return count;
}

size_t ticks_of(tick *out, const axis *a)
{
    return a->logarithmic ? logarithmic_ticks(out, a) : linear_ticks(out, a);
}
