#include "replay.h"

static double *mean_of(const mixture *self, size_t k)
{
    return self->mean + DIM * k;
}

int mixture_read(mixture *out, safetensors *file)
{
    size_t means = 0, covariances = 0;
    *out = (mixture){0};
    out->weight = tensor_of(file, "weights", &out->parts);
    out->mean = tensor_of(file, "means", &means);
    out->covariance = tensor_of(file, "covariances", &covariances);
    return out->weight != NULL && out->parts <= PARTS_MOST && means == DIM * out->parts &&
           covariances == DIM * DIM * out->parts;
}

void mixture_release(mixture *of)
{
    free(of->weight);
    free(of->mean);
    free(of->covariance);
}

/* A part's log density at x, of the mixture with noise, and its own mean of x_0. */
static double part_log(const mixture *self, size_t k, const double *x, double signal, double sigma, double *x0)
{
    const double *c = self->covariance + DIM * DIM * k, *m = mean_of(self, k), s2 = signal * signal;
    const double a = s2 * c[0] + sigma * sigma, b = s2 * c[1], d = s2 * c[3] + sigma * sigma, det = a * d - b * b;
    const double u = x[0] - signal * m[0], v = x[1] - signal * m[1];
    const double p = (d * u - b * v) / det, q = (a * v - b * u) / det;
    x0[0] = m[0] + signal * (c[0] * p + c[1] * q);
    x0[1] = m[1] + signal * (c[1] * p + c[3] * q);
    return log(self->weight[k]) - 0.5 * (log(det) + u * p + v * q);
}

/* The log density, but for log 2 pi, and E[x_0 | x]. */
static double mix(const mixture *self, const double *x, double signal, double sigma, double *out)
{
    double logs[PARTS_MOST], means[PARTS_MOST][DIM], most = -HUGE_VAL, sum = 0.0;
    for (size_t k = 0; k < self->parts; k++) {
        logs[k] = part_log(self, k, x, signal, sigma, means[k]);
        most = fmax(most, logs[k]);
    }
    out[0] = out[1] = 0.0;
    for (size_t k = 0; k < self->parts; k++) {
        const double share = exp(logs[k] - most);
        sum += share;
        for (int j = 0; j < DIM; j++)
            out[j] += share * means[k][j];
    }
    out[0] /= sum;
    out[1] /= sum;
    return most + log(sum);
}

void mixture_mean(const mixture *self, double *out, const double *x, double signal, double sigma)
{
    mix(self, x, signal, sigma, out);
}

double mixture_log_density(const mixture *self, const double *x)
{
    double ignored[DIM];
    return mix(self, x, 1.0, 0.0, ignored) - log(2.0 * acos(-1.0));
}

double mixture_reach(const mixture *self)
{
    double reach = 6.0;
    for (size_t k = 0; k < self->parts; k++)
        for (size_t j = 0; j < DIM; j++)
            reach = fmax(reach, fabs(mean_of(self, k)[j]) + 7.0 * sqrt(self->covariance[DIM * DIM * k + 3 * j]));
    return reach;
}
