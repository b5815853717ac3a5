#include "entropy.h"

#include "data/toys.h"

#include <math.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;
static const double reach = 9; /* standard deviations; what lies beyond has 1e-18 of the mass */

/* The density at nodes x = y = origin + i * step, i < side. */
typedef struct grid {
    double origin, step;
    long side;
    double *density; /* [side, side] */
} grid;

/* Adds weight * N((x, y); centre, noise^2 I): the product of a row and a column of one-dimensional Gaussians. */
static void add_gaussian(grid *on, double weight, double x, double y, double noise, double *row)
{
    long first_x = (long)ceil((x - reach * noise - on->origin) / on->step);
    long first_y = (long)ceil((y - reach * noise - on->origin) / on->step);
    long count = (long)floor(2 * reach * noise / on->step);
    for (long i = 0; i < count; i++) {
        double off = (on->origin + (double)(first_x + i) * on->step - x) / noise;
        row[i] = weight / (2 * pi * noise * noise) * exp(-0.5 * off * off);
    }
    for (long j = 0; j < count; j++) {
        double off = (on->origin + (double)(first_y + j) * on->step - y) / noise, column = exp(-0.5 * off * off);
        double *line = on->density + (first_y + j) * on->side + first_x;
        for (long i = 0; i < count; i++)
            line[i] += column * row[i];
    }
}

/* p(x, y) = mean over r of N((x, y); r (cos r, sin r), noise^2 I), by Gauss and Legendre's rule of five points on
 * panels that are at most noise / fineness * 2 long on the arc. */
static void fill(grid *on, double noise, int fineness, double *row)
{
    static const double nodes[] = {0, 0.53846931010568309, -0.53846931010568309, 0.90617984593866399,
                                   -0.90617984593866399};
    static const double weights[] = {0.56888888888888889, 0.47862867049936647, 0.47862867049936647, 0.23692688505618909,
                                     0.23692688505618909};
    double outer = ROLL_INNER * ROLL_GROWTH, length = outer - ROLL_INNER;
    long panels = 1 + (long)(length * sqrt(1 + outer * outer) * fineness / (2 * noise));
    if (panels < 100)
        panels = 100; /* wide noise leaves the roll itself to resolve */
    double half = 0.5 * length / (double)panels;
    for (long panel = 0; panel < panels; panel++) {
        for (int k = 0; k < 5; k++) {
            double r = ROLL_INNER + half * (double)(2 * panel + 1) + half * nodes[k];
            add_gaussian(on, weights[k] * half / length, r * cos(r), r * sin(r), noise, row);
        }
    }
}

/* - integral of p log p by the trapezoidal rule, which for a function that dies away smoothly on all sides converges
 * faster than any power of the step. NaN if there is no memory. */
static double entropy_at(double noise, int fineness)
{
    double edge = ROLL_INNER * ROLL_GROWTH + (reach + 1) * noise, sum = 0;
    grid on = {-edge, noise / fineness, 0, NULL};
    on.side = 2 + (long)(2 * edge / on.step);
    on.density = calloc((size_t)on.side * (size_t)on.side, sizeof *on.density);
    double *row = calloc((size_t)(2 * reach * fineness) + 2, sizeof *row);
    if (on.density != NULL && row != NULL) {
        fill(&on, noise, fineness, row);
        for (long i = 0; i < on.side * on.side; i++)
            if (on.density[i] > 0)
                sum -= on.density[i] * log(on.density[i]) * on.step * on.step;
    } else {
        sum = NAN;
    }
    free(on.density);
    free(row);
    return sum;
}

double roll_entropy(double noise, double *error)
{
    double coarse = entropy_at(noise, 4), fine = entropy_at(noise, 6);
    *error = fabs(fine - coarse) + 1e-12; /* and the rounding of the sums */
    return fine;
}

/* E r^2, E r cos r and E r sin r of r uniform in a..b, integrated in closed form. */
double roll_variance(double noise)
{
    double a = ROLL_INNER, b = ROLL_INNER * ROLL_GROWTH, length = b - a;
    double square = (b * b * b - a * a * a) / (3 * length);
    double x = (b * sin(b) + cos(b) - a * sin(a) - cos(a)) / length;
    double y = (sin(b) - b * cos(b) - sin(a) + a * cos(a)) / length;
    double mean = (x + y) / 2;
    return square / 2 + noise * noise - mean * mean;
}

double heartbeat_entropy_bits(void)
{
    return log2(HEARTBEAT_PERIOD);
}
