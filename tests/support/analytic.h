/* The analytic reverse model of the golden files: every coordinate of x_0 is +1 or -1 with equal chance. */
#ifndef SUPPORT_ANALYTIC_H
#define SUPPORT_ANALYTIC_H

#include "test.h"

typedef struct analytic_model {
    const double *alpha_bar; /* [T], element t - 1 */
    const double *beta;      /* [T] */
    size_t dim;
    char predict; /* 'e'psilon, 'v', 'x'_0 */
    char
        variance; /* 'f'ixed, 'r'ange (s = tanh x), 'l'earned (log variance = log beta + 0.1 tanh x), ra'w': the same */
} analytic_model;

/* The peer's learned variance may exceed 1 where beta is near 1; ours, sigmoid(s + logit beta), cannot. */
static inline int analytic_can_represent(const analytic_model *self, int32_t t)
{
    return self->variance != 'l' || self->beta[t - 1] * exp(0.1) < 1.0;
}

/* The second half of the output for learned variances: range is read as in the peer; for learned the s that makes
 * sigmoid(s + logit beta) the peer's variance. */
static inline double analytic_variance_output(const analytic_model *self, int32_t t, double x)
{
    if (self->variance == 'r')
        return tanh(x);
    if (self->variance == 'w')
        return self->beta[t - 1] * exp(0.1 * tanh(x));
    if (!analytic_can_represent(self, t))
        return 0.0;
    double beta = self->beta[t - 1], variance = exp(log(beta) + 0.1 * tanh(x));
    return log(variance / (1.0 - variance)) - log(beta / (1.0 - beta));
}

static inline int32_t analytic_predict(const double *x, const double *time, const diffusion_condition *condition,
                                       size_t n, double *out, void *user)
{
    (void)condition;
    const analytic_model *self = user;
    size_t outputs = self->variance == 'f' ? self->dim : 2 * self->dim;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        double abar = self->alpha_bar[t - 1], signal = sqrt(abar), deviation = sqrt(1.0 - abar);
        for (size_t j = 0; j < self->dim; j++) {
            double xt = x[i * self->dim + j], x0 = tanh(signal * xt / (1.0 - abar));
            double epsilon = (xt - signal * x0) / deviation;
            double v = signal * epsilon - deviation * x0;
            out[i * outputs + j] = self->predict == 'v' ? v : self->predict == 'x' ? x0 : epsilon;
            if (outputs > self->dim)
                out[i * outputs + self->dim + j] = analytic_variance_output(self, t, xt);
        }
    }
    return 0;
}

#endif
