#include "command.h"

#include "common/fail.h"
#include "common/options.h"
#include "common/overwrite.h"
#include "common/text.h"
#include "picture/canvas.h"
#include "training/ending.h"
#include "training/interrupted.h"
#include "training/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "train",
    "DATA -o MODEL.safetensors [OPTION...]",
    "Fits a model to data: without options a U-Net to images, a perceptron to tables, with classes where there are\n"
    "labels. The first line says what. Ctrl-C saves a checkpoint and prints the command that goes on from it, to the\n"
    "same bits as if nothing had happened.",
    "  diffusion train roll.csv -o roll.safetensors\n"
    "  diffusion train train-images-idx3-ubyte.gz -o mnist.safetensors\n"
    "  diffusion train digits.csv.gz -o digits.safetensors --data \"labels=last shape=8,8,1 hold_out=297\" \\\n"
    "      --plot loss.png\n"
    "  diffusion train pictures -o pictures.safetensors --preview 500 --log pictures.jsonl\n"
    "  diffusion train beats.csv -o beats.safetensors --schedule \"constant_rate steps=2000 kernel=binomial "
    "rate=0.2\"\n"
    "  diffusion train digits.csv.gz -o digits.safetensors --data \"labels=last hold_out=297\" \\\n"
    "      --resume digits.checkpoint.safetensors --train \"rate=1e-4 steps=10000\"\n"
    "  diffusion train pictures -o tuned.safetensors --init ddpm-pipeline\n",
    1,
    1,
};

/* Beside the output. A name that would be too long is cut, and told from others by a hash. */
static char *checkpoint_beside(const char *output)
{
    enum { NAME_MOST = 255 - sizeof "0123456789abcdef.checkpoint.safetensors" };
    char *stem = text_without(output, ".safetensors");
    const char *slash = strrchr(stem, '/'), *base = slash != NULL ? slash + 1 : stem;
    unsigned long long hash = 0xcbf29ce484222325; /* FNV-1a */
    for (const char *byte = base; *byte != '\0'; byte++)
        hash = (hash ^ (unsigned char)*byte) * 0x100000001b3;
    char *path = strlen(base) <= NAME_MOST
                     ? text_format("%s.checkpoint.safetensors", stem)
                     : text_format("%.*s%016llx.checkpoint.safetensors", (int)(base - stem) + NAME_MOST, stem, hash);
    free(stem);
    return path;
}

static int run_training(const train_options *options, training_job *job, const char *checkpoint, char *preview_path)
{
    held_out held;
    preview pictures;
    snapshots kept;
    training_log log;
    training run = {
        .trainer = job->trainer,
        .data = &job->data,
        .scale = &job->scale,
        .use_labels = training_uses_labels(job),
        .steps = training_number(job->trainer, "steps"),
        .every = options->every,
        .batch = training_number(job->trainer, "batch"),
        .checkpoint = checkpoint,
        .quiet = options->run.quiet,
        .held = &held,
        .preview = &pictures,
        .snapshots = &kept,
        .log = &log,
        .losses = &job->losses,
    };
    held_out_begin(&held, job, run.steps, run.batch);
    preview_begin(&pictures, preview_path, options->preview.every, options->force, job);
    snapshots_begin(&kept, &options->snapshots, job->trainer, run.steps);
    log_begin(&log, options->log, diffusion_trainer_steps(job->trainer));
    ending_prepare(options, &run, job->path);
    training_run(&run);
    int status = ending_come();
    log_end(&log);
    preview_release(&pictures);
    held_out_release(&held);
    return status;
}

/* Returns the name of the previews. */
static char *check_options(const train_options *options, const char *data, const char *checkpoint)
{
    if (options->resume != NULL && (options->model != NULL || options->schedule != NULL || options->init != NULL))
        fail_usage("train: --resume goes on with the checkpoint's own model and schedule, so --model, --schedule and "
                   "--init are out of place");
    if (options->init != NULL && options->model != NULL)
        fail_usage("train: --init goes on with the network of %s, so --model is out of place", options->init);
    if (options->steps != COUNT_UNSET)
        options_range(&page, "--steps", options->steps, 1, INT64_MAX / 16);
    options_range(&page, "--checkpoint-every", options->every, 0, INT64_MAX / 16);
    overwrite_check(options->output, options->force);
    if (options->run.json && options->log != NULL && strcmp(options->log, "-") == 0)
        fail_usage("train: --log - and --json would both print on standard output, expected one of them");
    options_range(&page, "--preview", options->preview.every, 0, INT64_MAX / 16);
    canvas_check("--plot", options->plot, options->force);
    log_check(options->log, options->force);
    options_range(&page, "--snapshot-every", options->snapshots.every, 0, INT64_MAX / 16);
    snapshots_check(&options->snapshots, options->resume != NULL);
    char *preview_path = preview_check(&options->preview, options->output, options->force);
    if (options->resume != NULL)
        overwrite_spare(options->resume); /* its own next checkpoint may be of that name */
    overwrite_check(checkpoint, options->force);
    overwrite_spare(data);
    interrupted_spare(checkpoint, options->output, options->resume, options->force);
    return preview_path;
}

static void set_up(training_job *job, const train_options *o)
{
    const int64_t steps = o->steps != COUNT_UNSET ? o->steps : 0;
    const training_specs specs = {
        o->model, o->schedule, o->train, o->init, o->resume, steps, o->snapshots.folder != NULL};
    data_options_parse(&job->how, o->data);
    if (o->resume != NULL)
        training_resume(job, &specs);
    else if (o->init != NULL)
        training_tune(job, &specs);
    else
        training_begin(job, &specs);
    if (!o->run.quiet)
        training_announce(job);
}

int train_command(int argc, const char **argv)
{
    train_options o = {.steps = COUNT_UNSET};
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where the model goes", "MODEL.safetensors"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read the data; see diffusion help data",
         "\"key=value...\""},
        {"model", '\0', POPT_ARG_STRING, &o.model, 0, "The network; see diffusion help model", "SPEC"},
        {"schedule", '\0', POPT_ARG_STRING, &o.schedule, 0, "The forward process; see diffusion help schedule", "SPEC"},
        {"train", '\0', POPT_ARG_STRING, &o.train, 0, "Objective and optimiser; see diffusion help trainer",
         "\"key=value...\""},
        {"steps", '\0', POPT_ARG_LONGLONG, &o.steps, 0,
         "Steps in all, those before a resume included, whatever --train says", "N"},
        {"init", '\0', POPT_ARG_STRING, &o.init, 0,
         "Begins with a model's weights: a file, or a folder of diffusers. Its schedule, prediction and scale stay, "
         "unless --schedule or --data say otherwise; the rate is then 2e-4",
         "MODEL"},
        {"resume", '\0', POPT_ARG_STRING, &o.resume, 0,
         "Goes on from a checkpoint. --steps and --train may change rate, decay, steps and batch, as if they had been "
         "so from the beginning",
         "CHECKPOINT"},
        {"checkpoint-every", '\0', POPT_ARG_LONGLONG, &o.every, 0,
         "Saves a checkpoint every N steps, and keeps the last (default: every 5 minutes, until the model is there). "
         "That of another run, which has not come to its end, stays unless there is --force",
         "N"},
        {"plot", '\0', POPT_ARG_STRING, &o.plot, 0, "Draws the loss, and that of samples held out (--data hold_out=)",
         "LOSS.png"},
        {"log", '\0', POPT_ARG_STRING, &o.log, 0,
         "Writes a line of JSON a step: step, loss, held_out where it was measured, rate, seconds, samples_per_second. "
         "--resume goes on with it",
         "LOG.jsonl"},
        {"preview", '\0', POPT_ARG_LONGLONG, &o.preview.every, 0,
         "Draws samples of the averaged weights every N steps, and at the end, by a quick solver: pictures, or points "
         "of the first two columns among the data's",
         "N"},
        {"preview-file", '\0', POPT_ARG_STRING, &o.preview.file, 0,
         "Where they go, {step} in the name for a file each (default MODEL-preview.png, always the newest)",
         "FILE.png"},
        {"snapshots", '\0', POPT_ARG_STRING, &o.snapshots.folder, 0,
         "Saves snapshots there, of which diffusion average makes averaged weights of any width (post_hoc_ema=yes)",
         "FOLDER"},
        {"snapshot-every", '\0', POPT_ARG_LONGLONG, &o.snapshots.every, 0,
         "Saves one every N steps, and at the end (default: a 32nd of the steps)", "N"},
        OPTIONS_FORCE(o.force),
        OPTIONS_JSON(o.run),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    if (o.output == NULL)
        fail_usage("train: -o MODEL.safetensors is missing");
    if (!text_ends_with(o.output, ".safetensors"))
        fail_usage("train: -o %s: expected a name that ends in .safetensors", o.output);
    char *checkpoint = checkpoint_beside(o.output);
    char *preview_path = check_options(&o, given.values[0], checkpoint);
    options_start(&page, &o.run);
    training_job job = {.path = given.values[0]};
    set_up(&job, &o);
    int status = run_training(&o, &job, checkpoint, preview_path);
    free(checkpoint);
    training_release(&job);
    options_release(&given);
    return status;
}
