/* Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out. Every binding has
 * this same program, and prints the same lines.
 *
 *     gunzip -c data/digits.csv.gz >digits.csv
 *     digits digits.csv
 *
 * A row is 64 grey values 0..16 and the digit that they show.
 */
#define _POSIX_C_SOURCE 200809L

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM = 64, CLASSES = 10, ROWS = 4096, HELD_OUT = 297, BATCH = 64, STEPS = 3000 };

static float images[ROWS * DIM];
static int32_t digits[ROWS];

/* Reads the rows, grey values brought to -1..1. Returns their number, or 0 with a sentence printed. */
static int read_rows(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    int rows = 0;
    float grey;
    while (rows < ROWS && fscanf(file, "%f", &grey) == 1) {
        int sound = 1;
        for (int i = 0; i < DIM && sound; i++) {
            images[rows * DIM + i] = grey / 8 - 1;
            sound = fscanf(file, ",%f", &grey) == 1;
        }
        if (!sound) {
            fprintf(stderr, "%s: row %d has not %d values\n", path, rows + 1, DIM + 1);
            rows = 0;
            break;
        }
        digits[rows++] = (int32_t)grey;
    }
    fclose(file);
    if (rows > 0 && rows <= HELD_OUT) {
        fprintf(stderr, "%s: %d rows, but the last %d are held out\n", path, rows, HELD_OUT);
        rows = 0;
    }
    return rows;
}

static diffusion_status train(diffusion_trainer *trainer, int rows)
{
    diffusion_condition *condition;
    diffusion_status status = diffusion_condition_create(&condition, BATCH);
    if (status != DIFFUSION_OK)
        return status;
    for (int step = 1; step <= STEPS && status == DIFFUSION_OK; step++) {
        int64_t chosen[BATCH];
        float x0[BATCH * DIM];
        int32_t labels[BATCH];
        double loss;
        status = diffusion_trainer_draw(trainer, rows, BATCH, chosen);
        for (int i = 0; i < BATCH && status == DIFFUSION_OK; i++) {
            memcpy(x0 + i * DIM, images + chosen[i] * DIM, DIM * sizeof *x0);
            labels[i] = digits[chosen[i]];
        }
        if (status == DIFFUSION_OK)
            status = diffusion_condition_set_labels(condition, labels);
        if (status == DIFFUSION_OK)
            status = diffusion_trainer_step(trainer, x0, condition, BATCH, &loss);
        if (status == DIFFUSION_OK && step % 500 == 0)
            printf("step %d  loss %.6f\n", step, loss);
    }
    diffusion_condition_free(condition);
    return status;
}

/* One of each class, side by side in two rows of five. */
static diffusion_status draw(const diffusion_model *model, const diffusion_schedule *schedule)
{
    static const int32_t labels[CLASSES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    float x[CLASSES * DIM];
    diffusion_condition *condition = NULL;
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ddim steps=20 seed=7");
    if (status == DIFFUSION_OK)
        status = diffusion_condition_create(&condition, CLASSES);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_labels(condition, labels);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, condition, CLASSES, x);
    for (int line = 0; line < 16 && status == DIFFUSION_OK; line++) {
        for (int column = 0; column < 40; column++) {
            float value = x[(line / 8 * 5 + column / 8) * DIM + line % 8 * 8 + column % 8];
            putchar(value < -0.5f ? ' ' : value < 0 ? '.' : value < 0.5f ? 'o' : '@');
        }
        putchar('\n');
    }
    diffusion_sampler_free(sampler);
    diffusion_condition_free(condition);
    return status;
}

/* The lower bound K on log2 p(data), a mean over the rows held out. */
static diffusion_status measure(const diffusion_model *model, const diffusion_schedule *schedule, int first)
{
    diffusion_condition *condition = NULL;
    diffusion_evaluator *evaluator = NULL;
    double bits, error;
    diffusion_status status = diffusion_evaluator_create(&evaluator, model, schedule, "elbo draws=1 seed=1");
    if (status == DIFFUSION_OK)
        status = diffusion_condition_create(&condition, HELD_OUT);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_labels(condition, digits + first);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(evaluator, images + first * DIM, condition, HELD_OUT);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_value(evaluator, "k_bits", &bits);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_value(evaluator, "standard_error_bits", &error);
    if (status == DIFFUSION_OK)
        printf("K = %.12f bits, standard error %.12f\n", bits, error);
    diffusion_evaluator_free(evaluator);
    diffusion_condition_free(condition);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: digits digits.csv\n");
        return EXIT_FAILURE;
    }
    int rows = read_rows(argv[1]);
    if (rows == 0)
        return EXIT_FAILURE;
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_trainer *trainer = NULL;
    int first = rows - HELD_OUT;
    const char *network = "mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range";
    const char *training = "objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1";
    diffusion_status status = diffusion_schedule_create(&schedule, "cosine steps=50");
    if (status == DIFFUSION_OK)
        status = diffusion_model_create(&model, network, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, training);
    if (status == DIFFUSION_OK)
        status = train(trainer, first);
    if (status == DIFFUSION_OK)
        status = draw(diffusion_trainer_model(trainer), schedule);
    if (status == DIFFUSION_OK)
        status = measure(diffusion_trainer_model(trainer), schedule, first);
    if (status != DIFFUSION_OK)
        fprintf(stderr, "digits: %s\n", diffusion_last_error());
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status == DIFFUSION_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
