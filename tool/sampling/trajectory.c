#include "sampling/sampling.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/progress.h"
#include "common/sampler.h"
#include "common/specs.h"
#include "picture/figures.h"
#include "sampling/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char adaptive[] = "dpm_adaptive"; /* takes all its steps within one */

int sampling_is_plane(const sampling *s)
{
    return s->rank == 1 && s->dim == 2;
}

tiles sampling_tiles(const sampling *s, const float *values, size_t count)
{
    double low, high;
    scaling_range(&s->scale, &low, &high);
    if (!isfinite(low) || !isfinite(high)) {
        low = high = values[0];
        for (size_t i = 0; i < count; i++) {
            low = fmin(low, values[i]);
            high = fmax(high, values[i]);
        }
    }
    tiles as = tiles_of(s->shape, s->rank, low, high);
    const double side = (double)(as.height > as.width ? as.height : as.width);
    if (s->widest > 0)
        as.factor = fmin(as.factor, s->widest / side);
    return as;
}

float *sampling_load(const sampling *s, const char *path, size_t count)
{
    data_options how;
    dataset data;
    data_options_parse(&how, s->options->data);
    data_options_complete(&how, s->model);
    data_prepare(&data, path, &how, DATA_MEASURING);
    if (data.count < count)
        fail("%s: holds %zu samples, but %zu are shown; draw fewer with -n", path, data.count, count);
    scaling_check_like(&s->scale, &data, s->model, path, 0);
    scaling_apply(&s->scale, s->model, &data, path);
    float *start = data.scaled;
    data.scaled = NULL; /* the caller's now */
    data_release(&data);
    data_options_release(&how);
    return start;
}

/* The model's drift at the moments recorded, on a grid over what the figure shows. The paper's edge rule trains no mean
 * for t = 1, so the first drift is that of t = 2. */
static cairo_t *sheet_of_plane(const sampling *s, const trajectory *of, const record *r)
{
    enum { SIDE = 17, COUNT = SIDE * SIDE };
    drift_field field = {.count = COUNT, .cell = (float)(2 * FIGURE_PLANE / SIDE)};
    float *x = allocate(2 * COUNT * (2 + of->columns), sizeof *x), *there = x + 2 * COUNT, *drift = there + 2 * COUNT;
    int32_t t[COUNT], first = of->steps > 1 ? 2 : 1;
    for (size_t i = 0; i < COUNT; i++) {
        x[2 * i] = field.cell * ((float)(i % SIDE) - SIDE / 2);
        x[2 * i + 1] = field.cell * ((float)(i / SIDE) - SIDE / 2);
    }
    for (size_t column = 0; column < of->columns; column++) {
        float *mean = drift + 2 * COUNT * column, spread = (float)record_spread(r, s->schedule, column);
        int32_t step = (int32_t)lround(of->t[column]), at = step > first ? step : first;
        for (size_t i = 0; i < COUNT; i++)
            t[i] = at;
        for (size_t i = 0; i < 2 * COUNT; i++)
            there[i] = spread * x[i];
        check(diffusion_model_predict(s->model, s->schedule, there, t, NULL, COUNT, mean, NULL));
        for (size_t i = 0; i < 2 * COUNT; i++)
            mean[i] = (mean[i] - there[i]) / spread;
    }
    field.x = x;
    field.drift = drift;
    cairo_t *sheet =
        figure_trajectory_plane(of, spec_is_binomial(diffusion_schedule_spec(s->schedule)) ? NULL : &field);
    free(x);
    return sheet;
}

/* Rows stand side by side here, so they are smaller. */
static void make_small(tiles *as, const sampling *s)
{
    if (s->rank == 1)
        as->factor = floor(fmax(1, fmin(8, 160.0 / (double)s->dim)));
}

static void check_trajectory(const sampling *s, const record *r)
{
    tiles as = tiles_of(s->shape, s->rank, 0, 1);
    make_small(&as, s);
    if (!sampling_is_plane(s))
        figure_trajectory_check(&as, r->moments, r->count);
}

static cairo_t *sheet_of_tiles(const sampling *s, const trajectory *of, record *r)
{
    size_t values = r->moments * r->count * r->dim;
    scaling_invert_floats(s->model, r->forward, values);
    scaling_invert_floats(s->model, r->reverse, values);
    tiles as = sampling_tiles(s, r->reverse + (r->moments - 1) * r->count * r->dim, r->count * r->dim);
    make_small(&as, s);
    return figure_trajectory_tiles(of, &as);
}

cairo_t *sampling_trajectory(const sampling *s, record *r, const float *start)
{
    record_forward(r, s->schedule, start, 1);
    record_normalise(r, s->schedule);
    const trajectory of = {r->moments, r->t, r->forward, r->reverse, r->count, diffusion_schedule_steps(s->schedule)};
    return sampling_is_plane(s) ? sheet_of_plane(s, &of, r) : sheet_of_tiles(s, &of, r);
}

/* The points of the plane are all shown; of rows 20, of images 4. */
size_t sampling_recorded(const sampling *s)
{
    size_t most = sampling_is_plane(s) ? s->count : data_is_image(s->shape, s->rank) ? 4 : 20;
    return s->count < most ? s->count : most;
}

void sampling_record_begin(record *r, const sampling *s)
{
    size_t moments = sampling_is_plane(s) ? 3 : s->rank == 1 ? 4 : 7;
    record_create(r, moments, sampling_recorded(s), s->dim, diffusion_schedule_steps(s->schedule));
}

void sampling_record(sampling *s, diffusion_sampler *sampler, record *r)
{
    progress bar;
    double t;
    progress_begin(&bar, "step", (int64_t)s->count, 0, 0, s->options->run.quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_begin(sampler, s->condition, s->count));
    record_reverse(r, sampler, s->values);
    do {
        check(diffusion_sampler_step(sampler));
        check(diffusion_sampler_state(sampler, NULL, &t));
        record_reverse(r, sampler, s->values);
    } while (t > 0);
    check(diffusion_sampler_state(sampler, s->values, NULL));
    progress_break();
}

int sampling_has_states(const sampling *s, const char *given)
{
    char *sampler = sampler_of(s->model, s->schedule, given);
    size_t kind = strcspn(sampler, " ");
    int is_adaptive = kind == strlen(adaptive) && strncmp(sampler, adaptive, kind) == 0;
    free(sampler);
    return !is_adaptive;
}

void sampling_check_recorded(const sampling *s, const char *given)
{
    if (!sampling_has_states(s, given))
        fail_usage("sample: %s takes all its steps within one, each sample its own, so that --trajectory would show "
                   "nothing between, expected another --sampler",
                   adaptive);
}

void sampling_run_recorded(sampling *s, diffusion_sampler *sampler)
{
    record r;
    sampling_record_begin(&r, s);
    check_trajectory(s, &r);
    sampling_record(s, sampler, &r);
    canvas_save(sampling_trajectory(s, &r, s->data != NULL ? s->data : s->values), s->options->trajectory);
    record_release(&r);
}
