/* Trains on a Swiss roll, the paper's first figure, with the paper's own construction (mean and variance perturb the
 * forward step, K itself is maximised), then draws from the model and measures it.
 *
 *     swiss_roll [training steps] [samples.csv]
 */
#define _POSIX_C_SOURCE 200809L

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRAIN = 8192, HELD_OUT = 512, BATCH = 256 };

static int failed(const char *what)
{
    fprintf(stderr, "swiss_roll: %s: %s\n", what, diffusion_last_error());
    return EXIT_FAILURE;
}

static double uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* Angle 3/2 pi .. 9/2 pi, radius = angle, with noise; then each coordinate shifted and scaled to mean 0, variance 1. */
static void make_roll(float *points, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double angle = 4.712388980384690 * (1.0 + 2.0 * uniform());
        points[2 * i] = (float)(angle * cos(angle) + 0.25 * normal());
        points[2 * i + 1] = (float)(angle * sin(angle) + 0.25 * normal());
    }
    for (size_t axis = 0; axis < 2; axis++) {
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < n; i++) {
            sum += points[2 * i + axis];
            squares += (double)points[2 * i + axis] * points[2 * i + axis];
        }
        double mean = sum / (double)n, deviation = sqrt(squares / (double)n - mean * mean);
        for (size_t i = 0; i < n; i++)
            points[2 * i + axis] = (float)((points[2 * i + axis] - mean) / deviation);
    }
}

static diffusion_status train(diffusion_trainer *trainer, const float *points, long steps)
{
    static float batch[BATCH * 2];
    int64_t chosen[BATCH];
    for (long step = 1; step <= steps; step++) {
        double loss;
        diffusion_status status = diffusion_trainer_draw(trainer, TRAIN, BATCH, chosen);
        if (status != DIFFUSION_OK)
            return status;
        for (int i = 0; i < BATCH; i++) {
            batch[2 * i] = points[2 * chosen[i]];
            batch[2 * i + 1] = points[2 * chosen[i] + 1];
        }
        status = diffusion_trainer_step(trainer, batch, NULL, BATCH, &loss);
        if (status != DIFFUSION_OK)
            return status;
        if (step % 500 == 0)
            printf("step %5ld  loss %.4f\n", step, loss);
    }
    return DIFFUSION_OK;
}

/* Samples as comma-separated text, ready for any plotting program. */
static diffusion_status write_samples(const diffusion_model *model, const diffusion_schedule *schedule,
                                      const char *path)
{
    enum { SAMPLES = 1000 };
    static float x[SAMPLES * 2];
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral seed=7");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, NULL, SAMPLES, x);
    diffusion_sampler_free(sampler);
    FILE *file = status == DIFFUSION_OK ? fopen(path, "w") : NULL;
    for (int i = 0; file != NULL && i < SAMPLES; i++)
        fprintf(file, "%g,%g\n", (double)x[2 * i], (double)x[2 * i + 1]);
    if (file != NULL)
        fclose(file);
    return status;
}

int main(int argc, char **argv)
{
    long steps = argc > 1 ? atol(argv[1]) : 4000;
    static float points[(TRAIN + HELD_OUT) * 2];
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_evaluator *evaluator = NULL;
    double k, gain, error;

    make_roll(points, TRAIN + HELD_OUT);
    if (diffusion_schedule_create(&schedule, "cosine steps=100") != DIFFUSION_OK)
        return failed("schedule");
    if (diffusion_model_create(&model, "mlp shape=2 width=128 depth=3 predict=perturbation variance=learned", 1) !=
        DIFFUSION_OK)
        return failed("model");
    if (diffusion_trainer_create(&trainer, model, schedule, "objective=bound rate=2e-3 ema=0.995 seed=1") !=
        DIFFUSION_OK)
        return failed("trainer");
    if (train(trainer, points, steps) != DIFFUSION_OK)
        return failed("training");

    const diffusion_model *averaged = diffusion_trainer_model(trainer);
    if (argc > 2 && write_samples(averaged, schedule, argv[2]) != DIFFUSION_OK)
        return failed("sampling");
    if (diffusion_evaluator_create(&evaluator, averaged, schedule, "elbo draws=4 seed=1") != DIFFUSION_OK ||
        diffusion_evaluator_run(evaluator, points + 2 * TRAIN, NULL, HELD_OUT) != DIFFUSION_OK ||
        diffusion_evaluator_value(evaluator, "k_bits", &k) != DIFFUSION_OK ||
        diffusion_evaluator_value(evaluator, "k_minus_null_bits", &gain) != DIFFUSION_OK ||
        diffusion_evaluator_value(evaluator, "standard_error_bits", &error) != DIFFUSION_OK)
        return failed("bound");
    printf("held-out points: K = %.3f +- %.3f bits, K - L_null = %.3f bits\n", k, error, gain);

    diffusion_evaluator_free(evaluator);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return EXIT_SUCCESS;
}
