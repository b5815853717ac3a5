#include "reporting/sections.h"

#include "reporting/page.h"

#include "common/model.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

/* The model's name without its folders. */
static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* In one sentence. */
static void put_summary(FILE *to, const report_job *job)
{
    const char *network = diffusion_model_spec(job->of.model), *schedule = diffusion_schedule_spec(job->of.schedule);
    const size_t all = job->given + job->given_held;
    char *text = text_format("A diffusion model: %.*s of %zu parameters, %.*s of %d steps", (int)strcspn(network, " "),
                             network, model_parameters(job->of.model), (int)strcspn(schedule, " "), schedule,
                             (int)diffusion_schedule_steps(job->of.schedule));
    if (job->data_path != NULL)
        text_append(&text, "; beside the data %s, %zu %s", base(job->data_path), all,
                    job->is_image ? "images" : "rows");
    if (job->given_held > 0)
        text_append(&text, ", of which %zu are held out", job->given_held);
    page_text(to, "%s.", text);
    free(text);
}

void report_write(FILE *to, report_job *job)
{
    page_begin(to, base(job->model_path));
    put_summary(to, job);
    section_samples(to, job);
    section_way(to, job);
    section_columns(to, job);
    section_bound(to, job);
    section_comparison(to, job);
    section_training(to, job);
    section_model(to, job);
    page_text(to, "By diffusion report, libdiffusion %s.", diffusion_version());
    page_end(to);
}
