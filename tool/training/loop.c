#include "training/loop.h"

#include "common/fail.h"
#include "common/interrupt.h"
#include "common/memory.h"
#include "common/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct batch {
    int64_t *indices;               /* [size] */
    float *x0;                      /* [size, dim] */
    int32_t *labels;                /* [size], or NULL */
    diffusion_condition *condition; /* of these labels, or NULL */
    size_t size;
} batch;

static void batch_create(batch *out, const training *run)
{
    out->size = (size_t)run->batch;
    out->indices = allocate(out->size, sizeof *out->indices);
    out->x0 = allocate(multiply(out->size, run->data->dim, "batch"), sizeof *out->x0);
    out->labels = NULL;
    out->condition = NULL;
    if (run->use_labels) {
        out->labels = allocate(out->size, sizeof *out->labels);
        check(diffusion_condition_create(&out->condition, out->size));
    }
}

static void batch_release(batch *b)
{
    free(b->indices);
    free(b->x0);
    free(b->labels);
    diffusion_condition_free(b->condition);
}

/* Fresh at every step, and the same after a resume. */
static void add_noise(batch *b, const training *run)
{
    uint64_t step = (uint64_t)diffusion_trainer_steps(run->trainer);
    for (size_t i = 0; i < b->size * run->data->dim; i++)
        b->x0[i] += scaling_noise(run->scale, i % run->data->dim, step, i);
}

static void batch_gather(batch *b, const training *run)
{
    const dataset *data = run->data;
    check(diffusion_trainer_draw(run->trainer, (int64_t)data->count, b->size, b->indices));
    for (size_t i = 0; i < b->size; i++) {
        size_t index = (size_t)b->indices[i];
        memcpy(b->x0 + i * data->dim, data->scaled + index * data->dim, data->dim * sizeof *b->x0);
        if (b->labels != NULL)
            b->labels[i] = data->labels[index];
    }
    if (run->scale->columns > 1)
        add_noise(b, run);
    if (b->labels != NULL)
        check(diffusion_condition_set_labels(b->condition, b->labels));
}

/* A mean over the last steps that has no memory of those of an hour ago. */
static double recent_loss(const training *run)
{
    size_t count = run->taken < RECENT ? run->taken : RECENT;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += run->recent[i];
    return sum / (double)count;
}

/* The last step: its loss, and how long it took. */
typedef struct taken_step {
    double loss, rate, seconds;
} taken_step;

static void show(const training *run, const taken_step *step, progress *bar, int64_t done)
{
    if (!progress_due(bar, done))
        return;
    char detail[128], held[32] = "";
    if (run->held->count > 0 && run->losses->held_count > 0)
        snprintf(held, sizeof held, "  held out %.4g", run->losses->held[run->losses->held_count - 1].loss);
    snprintf(detail, sizeof detail, "  loss %.4g%s  rate %.2g", recent_loss(run), held, step->rate);
    progress_show(bar, done, detail);
}

static void take_step(taken_step *out, training *run, batch *b, const progress *bar)
{
    double began = progress_seconds(bar);
    out->rate = diffusion_trainer_rate(run->trainer);
    batch_gather(b, run);
    check(diffusion_trainer_step(run->trainer, b->x0, b->condition, b->size, &out->loss));
    out->seconds = progress_seconds(bar) - began;
}

static void record(training *run, const taken_step *step, const progress *bar)
{
    log_entry entry = {.step = diffusion_trainer_steps(run->trainer), .loss = step->loss, .rate = step->rate};
    run->recent[run->taken++ % RECENT] = step->loss;
    curve_add(run->losses, step->loss);
    held_out_measure(run->held, run->trainer, run->steps, run->losses, &entry.held_out);
    entry.seconds = progress_seconds(bar);
    entry.speed = step->seconds > 0 ? (double)run->batch / step->seconds : 0;
    log_write(run->log, &entry);
}

diffusion_status training_save(training *run)
{
    char *losses = curve_text(run->losses);
    interrupt_saving(1);
    diffusion_status status = diffusion_trainer_set_metadata(run->trainer, "losses", losses);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_save(run->trainer, run->checkpoint);
    interrupt_saving(0);
    free(losses);
    run->saved |= status == DIFFUSION_OK;
    return status;
}

/* What fails here need not be tried again. */
static void save_now(training *run)
{
    log_sync(run->log);
    diffusion_status status = training_save(run);
    if (status != DIFFUSION_OK)
        fail_rescue(NULL);
    check(status);
}

/* `waited`: seconds since the last one. */
static int is_due(const training *run, int64_t done, double waited)
{
    static const double patience = 300;
    if (run->every > 0)
        return done % run->every == 0 || done == run->steps;
    return waited >= patience && done < run->steps;
}

void training_run(training *run)
{
    int64_t done = diffusion_trainer_steps(run->trainer);
    progress bar;
    batch b;
    double saved_at = 0;
    batch_create(&b, run);
    interrupt_defer();
    progress_begin(&bar, "step", 1, done, run->steps, run->quiet);
    while (done < run->steps && (run->signal = interrupt_pending()) == 0) {
        taken_step step;
        take_step(&step, run, &b, &bar);
        record(run, &step, &bar);
        done = diffusion_trainer_steps(run->trainer);
        show(run, &step, &bar, done);
        preview_draw(run->preview, run->trainer, run->steps);
        snapshots_save(run->snapshots, run->trainer, run->steps);
        if (is_due(run, done, progress_seconds(&bar) - saved_at)) {
            save_now(run);
            saved_at = progress_seconds(&bar);
        }
    }
    progress_break();
    batch_release(&b);
}
