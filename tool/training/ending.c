#include "training/ending.h"

#include "common/fail.h"
#include "common/interrupt.h"
#include "common/model.h"
#include "common/results.h"
#include "common/same_file.h"
#include "common/text.h"
#include "picture/figures.h"
#include "training/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What fail_rescue() needs to know; one training at a time is enough. */
static struct {
    const train_options *options;
    training *run;
    const char *path;
} now;

/* ---- the command that goes on ---- */

static void append_text(char **line, const char *option, const char *value)
{
    if (value == NULL)
        return;
    char *quoted = text_shell(value);
    text_append(line, " %s %s", option, quoted);
    free(quoted);
}

static void append_number(char **line, const char *option, long long value)
{
    if (value > 0)
        text_append(line, " %s %lld", option, value);
}

/* The data's name, which must not look like an option; "-" is standard input. */
static char *data_name(void)
{
    const int dash = now.path[0] == '-' && now.path[1] != '\0';
    char *path = text_format("%s%s", dash ? "./" : "", now.path), *quoted = text_shell(path);
    free(path);
    return quoted;
}

/* Everything after the command's name that the resumed run needs to be the same run. */
static char *resume_command(void)
{
    const train_options *options = now.options;
    char *data = data_name(), *line = text_format("diffusion train %s", data);
    free(data);
    append_text(&line, "--resume", now.run->checkpoint);
    append_text(&line, "-o", options->output);
    append_text(&line, "--data", options->data);
    append_text(&line, "--plot", options->plot);
    append_text(&line, "--log", options->log);
    append_number(&line, "--preview", options->preview.every);
    append_text(&line, "--preview-file", options->preview.file);
    append_text(&line, "--snapshots", options->snapshots.folder);
    append_number(&line, "--snapshot-every", options->snapshots.every);
    append_number(&line, "--steps", options->steps);
    append_number(&line, "--checkpoint-every", options->every);
    append_number(&line, "--threads", options->run.threads);
    if (options->force)
        text_append(&line, " --force");
    if (options->run.json)
        text_append(&line, " --json");
    if (options->run.quiet)
        text_append(&line, " --quiet");
    return line;
}

/* ---- endings ---- */

static void draw_losses(void)
{
    const char *plot = now.options->plot;
    if (plot != NULL)
        canvas_save(curve_sheet(now.run->losses, diffusion_trainer_spec(now.run->trainer), FIGURE_WIDTH), plot);
}

static char *name_checkpoint(void)
{
    return text_format("; the last good state, step %lld, is in %s",
                       (long long)diffusion_trainer_steps(now.run->trainer), now.run->checkpoint);
}

static char *name_model(void)
{
    return text_format("; the model is in %s", now.options->output);
}

/* A plot that cannot be written must not hide where the work is. */
static void draw_losses_of(char *(*what_is_safe)(void))
{
    fail_rescue(what_is_safe);
    draw_losses();
    fail_rescue(NULL);
}

static char *save_what_there_is(void)
{
    if (training_save(now.run) != DIFFUSION_OK)
        return text_format("; nor can the last good state be saved: %s", diffusion_last_error());
    draw_losses_of(name_checkpoint);
    return name_checkpoint();
}

void ending_prepare(const train_options *options, training *run, const char *path)
{
    now.options = options;
    now.run = run;
    now.path = path;
    fail_rescue(save_what_there_is);
}

/* The checkpoint, how to go on, and the plot so far, which may fail. */
static int leave_checkpoint(void)
{
    log_sync(now.run->log);
    fail_rescue(NULL);
    check(training_save(now.run));
    char *line = resume_command();
    fprintf(stderr, "interrupted at step %lld of %lld; go on with\n  %s\n",
            (long long)diffusion_trainer_steps(now.run->trainer), (long long)now.run->steps, line);
    free(line);
    draw_losses();
    return EXIT_SIGNAL + now.run->signal;
}

/* A checkpoint that nobody asked for has served its end. */
static void remove_checkpoint(void)
{
    const char *resumed = now.options->resume;
    const int is_it = resumed != NULL && same_file(resumed, now.run->checkpoint);
    if (now.options->every == 0 && (now.run->saved || is_it))
        remove(now.run->checkpoint);
}

static void tell(void)
{
    const run_options *how = &now.options->run;
    const curve *losses = now.run->losses;
    const size_t count = losses->count, held = losses->held_count;
    const long long steps = (long long)diffusion_trainer_steps(now.run->trainer);
    results to;
    if (how->quiet && !how->json)
        return;
    results_begin(&to, how->json ? stdout : stderr, how->json);
    results_text(&to, "output", now.options->output, "%s: %lld step%s\n", now.options->output, steps,
                 text_plural((size_t)steps));
    results_count(&to, "steps", (size_t)steps, NULL);
    results_count(&to, "parameters", model_parameters(diffusion_trainer_model(now.run->trainer)), NULL);
    results_number(&to, "loss", count > 0 ? losses->means[count - 1] : NAN, NULL);
    results_number(&to, "held_out_loss", held > 0 ? losses->held[held - 1].loss : NAN, NULL);
    results_end(&to);
}

int ending_come(void)
{
    if (now.run->signal != 0)
        return leave_checkpoint();
    diffusion_model *model = history_model(now.run->trainer, now.run->losses);
    interrupt_saving(1);
    check(diffusion_model_save(model, now.options->output));
    interrupt_saving(0);
    diffusion_model_free(model);
    fail_rescue(NULL);
    remove_checkpoint();
    draw_losses_of(name_model);
    tell();
    return EXIT_SUCCESS;
}
