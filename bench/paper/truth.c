/* What a perfect model would reach: the negative entropy of the paper's toy data, as JSON.
 *     truth swiss-roll [noise [scale]]   points divided by scale; default: to variance 1
 *     truth heartbeat
 * `diffusion bound --json` prints the scale that a model's training data got. */
#include "data/toys.h"
#include "entropy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double nats_per_bit = 0.693147180559945309417232121458;

/* A number above 0, or 0. */
static double read_number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    return *end == '\0' && value > 0 && isfinite(value) ? value : 0;
}

static int print_roll(double noise, double scale)
{
    if (!(noise >= roll_noise_least && noise <= roll_noise_most) || !(scale > 0)) {
        fprintf(stderr, "truth: expected a noise of %g..%g and a scale above 0\n", roll_noise_least, roll_noise_most);
        return 2;
    }
    double error, nats = roll_entropy(noise, &error);
    if (!isfinite(nats)) {
        fprintf(stderr, "truth: not enough memory for the grid of noise %g\n", noise);
        return 1;
    }
    /* x / scale has the density scale^2 p(x). */
    printf("{\n  \"data\": \"swiss-roll\",\n  \"unit\": \"bits/point\",\n");
    printf("  \"noise\": %.17g,\n  \"scale\": %.17g,\n", noise, scale);
    printf("  \"negative_entropy_bits\": %.12g,\n", -nats / nats_per_bit + 2 * log2(scale));
    printf("  \"error_bits\": %.2g\n}\n", error / nats_per_bit);
    return 0;
}

static int print_heartbeat(void)
{
    printf("{\n  \"data\": \"heartbeat\",\n  \"unit\": \"bits/sequence\",\n");
    printf("  \"negative_entropy_bits\": %.12g,\n  \"error_bits\": 0\n}\n", -heartbeat_entropy_bits());
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "heartbeat") == 0)
        return print_heartbeat();
    if (argc >= 2 && argc <= 4 && strcmp(argv[1], "swiss-roll") == 0) {
        double noise = argc > 2 ? read_number(argv[2]) : ROLL_NOISE;
        return print_roll(noise, argc > 3 ? read_number(argv[3]) : sqrt(roll_variance(noise)));
    }
    fprintf(stderr, "usage: truth swiss-roll [noise [scale]] | truth heartbeat\n");
    return 2;
}
