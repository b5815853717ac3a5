/* p(x_0) of a chain in the plane, by quadrature: the density of each state on a grid of its own, from that of the state
 * above by the trapezoidal rule, which for Gaussians is exact to rounding at two nodes to a standard deviation. */
#include "replay.h"

static const double nodes = 2.5, far = 7.0; /* to a standard deviation; standard deviations */

/* A square grid about 0. */
typedef struct grid {
    double step;
    int half; /* nodes -half..half along each side */
    double *density;
} grid;

static size_t side_of(const grid *of)
{
    return 2 * (size_t)of->half + 1;
}

static grid grid_open(double reach, double step)
{
    grid out = {.step = step, .half = (int)ceil(reach / step)};
    out.density = calloc(side_of(&out) * side_of(&out), sizeof *out.density);
    return out;
}

static double *node_of(const grid *of, int i, int j)
{
    return &of->density[(size_t)(i + of->half) * side_of(of) + (size_t)(j + of->half)];
}

/* The mean of p(x_{t-1} | x_t): that of q(x_{t-1} | x_t, x_0) at E[x_0 | x_t]. */
static void mean_below(const gaussian_chain *self, int32_t t, const double *x, double *mean)
{
    const double bar = self->alpha_bar[t], above = self->alpha_bar[t - 1], beta = self->beta[t];
    const double from_x0 = sqrt(above) * beta / (1.0 - bar), from_x = sqrt(1.0 - beta) * (1.0 - above) / (1.0 - bar);
    mixture_mean(self->of, mean, x, sqrt(bar), sqrt(1.0 - bar));
    for (int j = 0; j < DIM; j++)
        mean[j] = from_x0 * mean[j] + from_x * x[j];
}

/* The values of a normal law along a line of nodes, those far from the mean left out: from *first, how many. */
static int line_of(const grid *of, double mean, double variance, double *values, int *first)
{
    const double reach = far * sqrt(variance);
    const int low = (int)ceil((mean - reach) / of->step), high = (int)floor((mean + reach) / of->step);
    *first = low > -of->half ? low : -of->half;
    const int last = high < of->half ? high : of->half;
    for (int i = *first; i <= last; i++) {
        const double off = of->step * i - mean;
        values[i - *first] = exp(-0.5 * off * off / variance) / sqrt(2.0 * acos(-1.0) * variance);
    }
    return last - *first + 1;
}

static void scatter(grid *to, double weight, const double *mean, double variance, double *lines)
{
    int first[DIM], count[DIM];
    double *line[DIM] = {lines, lines + side_of(to)};
    for (int j = 0; j < DIM; j++)
        count[j] = line_of(to, mean[j], variance, line[j], &first[j]);
    for (int i = 0; i < count[0]; i++) {
        const double share = weight * line[0][i];
        double *row = node_of(to, first[0] + i, first[1]);
        for (int k = 0; k < count[1]; k++)
            row[k] += share * line[1][k];
    }
}

static grid go_down(const gaussian_chain *self, int32_t t, const grid *from)
{
    static const double nothing = 1e-14; /* of the density */
    const double v = self->beta[t], below = self->beta[t - 1];
    grid to = grid_open(mixture_reach(self->of), sqrt(fmin(v, below)) / nodes);
    double *lines = malloc(DIM * side_of(&to) * sizeof *lines);
    for (int i = -from->half; i <= from->half; i++)
        for (int j = -from->half; j <= from->half; j++) {
            const double x[DIM] = {from->step * i, from->step * j}, p = *node_of(from, i, j);
            double mean[DIM];
            if (p < nothing)
                continue;
            mean_below(self, t, x, mean);
            scatter(&to, p * from->step * from->step, mean, v, lines);
        }
    free(lines);
    return to;
}

static void prior(const grid *of)
{
    for (int i = -of->half; i <= of->half; i++)
        for (int j = -of->half; j <= of->half; j++) {
            const double square = of->step * of->step * ((double)i * i + (double)j * j);
            *node_of(of, i, j) = exp(-0.5 * square) / (2.0 * acos(-1.0));
        }
}

/* The density at points below the last grid, those of x_1. */
static void read_points(const gaussian_chain *self, const grid *from, double *nats, const float *x0, size_t n)
{
    const double v = self->beta[1], pi = acos(-1.0);
    for (size_t k = 0; k < n; k++)
        nats[k] = 0.0;
    for (int i = -from->half; i <= from->half; i++)
        for (int j = -from->half; j <= from->half; j++) {
            const double x[DIM] = {from->step * i, from->step * j}, p = *node_of(from, i, j);
            double mean[DIM];
            mean_below(self, 1, x, mean);
            for (size_t k = 0; k < n; k++) {
                const double u = (double)x0[DIM * k] - mean[0], w = (double)x0[DIM * k + 1] - mean[1];
                nats[k] += p * from->step * from->step * exp(-0.5 * (u * u + w * w) / v) / (2.0 * pi * v);
            }
        }
    for (size_t k = 0; k < n; k++)
        nats[k] = log(nats[k]);
}

void chain_log_density(const gaussian_chain *self, double *nats, const float *x0, size_t n)
{
    grid at = grid_open(mixture_reach(self->of), sqrt(self->beta[self->steps]) / nodes / 2.0);
    prior(&at);
    for (int32_t t = self->steps; t > 1; t--) {
        const grid below = go_down(self, t, &at);
        free(at.density);
        at = below;
    }
    read_points(self, &at, nats, x0, n);
    free(at.density);
}
