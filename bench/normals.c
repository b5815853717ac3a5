/* Times the library's own normal draws, in nanoseconds each: rows of so many values, each from a stream of its own, as
 * a sampler draws them.
 *
 *     normals --seconds 2
 */
#define _POSIX_C_SOURCE 200809L

#include "base/rng.h"
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 15 };

static const size_t rows[][2] = {{1, 2}, {4096, 2}, {4096, 3}, {64, 64}, {16, 784}, {1, 32768}};
enum { ROWS = sizeof rows / sizeof rows[0] };

struct job {
    size_t rows, count;
    uint64_t step;
    double values[MOST];
};

static int draw(void *context)
{
    struct job *job = context;
    rng_normal_rows(job->values, job->rows, job->count, (rng_stream){7, RNG_SAMPLER, job->step++, 0});
    return 0;
}

int main(int argc, char **argv)
{
    static struct job job;
    const double seconds = argc == 3 && strcmp(argv[1], "--seconds") == 0 ? atof(argv[2]) : 2.0;
    for (int i = 0; i < ROWS; i++) {
        job.rows = rows[i][0];
        job.count = rows[i][1];
        const double best = clock_best(draw, &job, seconds / ROWS);
        printf("normal draws, %zu x %zu: %.2f ns each\n", job.rows, job.count,
               best * 1e9 / (double)(job.rows * job.count));
    }
    return 0;
}
