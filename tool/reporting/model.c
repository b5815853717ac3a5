/* What the model is, and how it was trained. */
#include "reporting/sections.h"

#include "reporting/page.h"

#include "common/condition.h"
#include "common/model.h"
#include "common/specs.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MOST = 40, CURVE_WIDTH = 440 };

static const char *metadata(const report_job *job, const char *key)
{
    return diffusion_model_metadata(job->of.model, key);
}

/* "0..255, of mean 33.8 and deviation 78.6" */
static char *range_text(const report_job *job)
{
    const scaling *scale = &job->of.scale;
    const column_scaling *c = &scale->of[0];
    char *text;
    if (job->is_binomial)
        return text_format("bits");
    if (scale->columns > 1)
        text = text_format("each column less its own mean, over its own deviation");
    else if (isfinite(c->minimum) && isfinite(c->maximum))
        text = text_format("%.6g to %.6g; the model's are less %.5g, over %.5g", c->minimum, c->maximum, c->shift,
                           c->scale);
    else
        text = text_format("the model's are less %.5g, over %.5g", c->shift, c->scale);
    if (scaling_dequantizes(scale))
        text_append(&text, "; whole numbers, dequantised with uniform noise");
    return text;
}

static char *names_text(const report_job *job)
{
    const size_t dim = diffusion_model_dim(job->of.model);
    if (metadata(job, "data.columns") == NULL)
        return NULL;
    char *text = text_format("%s", "");
    for (size_t j = 0; j < dim && j < NAMES_MOST; j++) {
        char *name = report_name(job, j);
        text_append(&text, "%s%s", j > 0 ? ", " : "", name);
        free(name);
    }
    if (dim > NAMES_MOST)
        text_append(&text, " and %zu more", dim - NAMES_MOST);
    return text;
}

static void put_data(FILE *to, const report_job *job)
{
    const char *shape = metadata(job, "data.shape"), *count = metadata(job, "data.samples");
    if (shape != NULL) {
        char *text = text_format("%s%s%s of %s", count != NULL ? count : "", count != NULL ? " " : "",
                                 job->is_image ? "images" : "rows", shape);
        page_fact(to, "Trained on", text, 0);
        free(text);
    }
    char *range = range_text(job), *names = names_text(job);
    page_fact(to, "Values", range, 0);
    page_fact(to, "Columns", names, 0);
    page_fact(to, "Classes", metadata(job, "data.classes"), 0);
    page_fact(to, "Label column", metadata(job, "data.label"), 0);
    free(range);
    free(names);
}

void section_model(FILE *to, const report_job *job)
{
    const diffusion_model *model = job->of.model;
    char *parameters =
        text_format("%zu in %zu tensors", model_parameters(model), diffusion_model_parameter_count(model));
    page_section(to, "The model");
    page_facts_begin(to);
    page_fact(to, "Network", diffusion_model_spec(model), 1);
    page_fact(to, "Parameters", parameters, 0);
    page_fact(to, "Schedule", diffusion_schedule_spec(job->of.schedule), 1);
    page_fact(to, "Its own sampler", metadata(job, "sampler"), 1);
    page_fact(to, "Its bound", metadata(job, "bound"), 1);
    page_fact(to, "Average width", metadata(job, "average_width"), 0);
    put_data(to, job);
    page_facts_end(to);
    free(parameters);
}

void section_training(FILE *to, const report_job *job)
{
    const history *trained = &job->trained;
    page_section(to, "Training");
    if (trained->spec == NULL) {
        page_text(to, "The file does not say how the model was trained.");
        return;
    }
    char *steps = text_format("%lld", (long long)trained->steps);
    page_facts_begin(to);
    page_fact(to, "Steps", steps, 0);
    page_fact(to, "Objective and optimiser", trained->spec, 1);
    page_facts_end(to);
    free(steps);
    if (trained->losses.count > 0)
        page_figure(to, curve_sheet(&trained->losses, trained->spec, CURVE_WIDTH), PAGE_PLOT,
                    "The loss over the steps of training",
                    trained->losses.held_count > 0 ? "The training loss, and that of data held out."
                                                   : "The training loss.");
}
