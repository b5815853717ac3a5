#define _POSIX_C_SOURCE 200809L

#include "command.h"

#include "common/fail.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/text.h"
#include "reexec.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const command commands[] = {
    {"train", "fits a model to data", train_command},
    {"sample", "draws from a model: pictures, tables, trajectories", sample_command},
    {"encode", "takes data to the noise that a solver makes them of", encode_command},
    {"interpolate", "goes from one sample of data to another by way of that noise", interpolate_command},
    {"average", "makes a model of averaged weights of any width from a training's snapshots", average_command},
    {"variance", "measures what the best variances and steps of a chain follow from, and keeps it with the model",
     variance_command},
    {"inpaint", "draws what is missing of data, given the rest", inpaint_command},
    {"denoise", "draws data given noisy data", denoise_command},
    {"bound", "measures a model: the lower bound on log p(data), term by term", bound_command},
    {"compress", "codes data without loss, in as many bits as the bound says", compress_command},
    {"decompress", "brings back what compress coded", decompress_command},
    {"score", "scores every row of data by how unlikely it is: anomalies", score_command},
    {"compare", "compares samples with data, beside the floor of data held out", compare_command},
    {"report", "writes one page about a model, with its pictures and figures", report_command},
    {"parzen", "scores samples by a Parzen window, as the literature's tables do", parzen_command},
    {"data", "makes the toy data of the paper", data_command},
    {"export", "writes a model as a folder of diffusers", export_command},
    {"bench", "measures how fast the library is here, and says what would make it faster", bench_command},
    {"info", "describes a model, a checkpoint, data, or this installation", info_command},
    {"completion", "prints what makes a shell complete command lines", completion_command},
    {"help", "explains a command, or the keys of a spec", help_command},
    {"version", "prints the version", version_command},
    {NULL, NULL, NULL},
};

const command *command_find(const char *name)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t count = 0;
    for (; commands[count].name != NULL; count++) {
        names[count] = commands[count].name;
        if (strcmp(name, names[count]) == 0)
            return &commands[count];
    }
    names[count] = NULL;
    const char *nearest = text_nearest(name, names);
    if (nearest != NULL)
        fail_usage("unknown command '%s', did you mean '%s'?", name, nearest);
    fail_usage(
        "unknown command '%s', expected train, sample, encode, interpolate, average, variance, inpaint, denoise, "
        "bound, compress, decompress, score, compare, report, parzen, data, export, bench, info, completion, help or "
        "version",
        name);
}

static void overview(FILE *stream)
{
    fputs("diffusion: trains, samples and measures diffusion probabilistic models.\n\n"
          "usage: diffusion COMMAND [ARGUMENT...]\n\n",
          stream);
    for (const command *c = commands; c->name != NULL; c++)
        fprintf(stream, "  %-11s %s\n", c->name, c->about);
    fputs("\nA first run:\n"
          "  diffusion data swiss-roll -n 10000 -o roll.csv\n"
          "  diffusion train roll.csv -o roll.safetensors --plot loss.png\n"
          "  diffusion sample roll.safetensors -n 2000 -o samples.png\n"
          "  diffusion bound roll.safetensors roll.csv --plot kl.png\n\n"
          "Exit status: 0 done, 1 could not be done, 2 a wrong command line, 128 + n ended by signal n.\n"
          "diffusion COMMAND --help shows a command's options; diffusion help lists what else can be asked.\n",
          stream);
}

/* The common ways to ask a program what it is. */
static const char *plain_name(const char *name)
{
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return "version";
    return name;
}

/* A file must not take the place of a standard stream that is closed: what is printed would land in it. */
static void hold_standard_streams(void)
{
    int descriptor;
    do
        descriptor = open("/dev/null", O_RDONLY); /* printing fails, as it would have */
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        close(descriptor);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    reexec_with_best_kernels(argv);
    interrupt_install();
    if (argc < 2) {
        overview(stderr);
        return EXIT_USAGE;
    }
    const char *name = plain_name(argv[1]);
    if (strcmp(name, "help") == 0 && argc == 2)
        overview(stdout);
    const command *chosen = command_find(name);
    char *title = text_format("diffusion %s", chosen->name);
    argv[1] = title;
    int status = chosen->run(argc - 1, (const char **)(argv + 1));
    free(title);
    output_end_printing();
    return status;
}
