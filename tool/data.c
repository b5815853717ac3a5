#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/text.h"
#include "data/toys.h"
#include "data/write.h"
#include "picture/scatter.h"
#include "picture/tiles.h"

#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "data",
    "swiss-roll|heartbeat -n N -o FILE.csv|.csv.gz|.npy|.png [OPTION...]",
    "Makes the paper's toy data (section 3.1).\n\n"
    "swiss-roll  points r (cos r, sin r) of the plane, r uniform in 1.5 pi..4.5 pi, plus Gaussian noise\n"
    "heartbeat   sequences of 20 bits, a 1 in every fifth bin at one of 5 phases; their entropy is log2(5) bits",
    "  diffusion data swiss-roll -n 10000 -o roll.csv --seed 1\n"
    "  diffusion data swiss-roll -n 2000 -o roll.png --noise 0.25\n"
    "  diffusion data heartbeat -n 50000 -o beats.csv.gz\n",
    1,
    1,
};

enum { COUNT_MAX = 100000000 };

typedef struct toy_options {
    char *output, *seed;
    long long count;
    double noise;
} toy_options;

static void check_options(const toy_options *options)
{
    if (options->output == NULL)
        fail_usage("data: -o FILE is missing");
    if (!table_knows(options->output) && !text_ends_with(options->output, ".png"))
        fail_usage("data: -o %s: expected a name that ends in .csv, .csv.gz, .npy or .png", options->output);
    options_range(&page, "-n", options->count, 1, COUNT_MAX);
    if (!(options->noise >= 0 && options->noise <= 1000))
        fail_usage("data: --noise %g, expected 0..1000", options->noise);
}

static void write_values(const char *path, const float *values, size_t count, int64_t dim)
{
    if (table_knows(path)) {
        table_write(path, values, count, &dim, 1);
    } else if (dim == 2) {
        scatter_save(values, count, path);
    } else {
        tiles as = tiles_of(&dim, 1, 0, 1);
        tiles_save(&as, values, count, 0, path);
    }
}

static void make(const char *kind, const toy_options *options, uint64_t seed)
{
    int roll = strcmp(kind, "swiss-roll") == 0;
    if (!roll && strcmp(kind, "heartbeat") != 0)
        fail_usage("data: unknown kind '%s', expected swiss-roll or heartbeat", kind);
    size_t count = (size_t)options->count, dim = roll ? 2 : HEARTBEAT_LENGTH;
    float *values = allocate(count, dim * sizeof *values);
    if (roll)
        toy_swiss_roll(values, count, options->noise, seed);
    else
        toy_heartbeat(values, count, seed);
    write_values(options->output, values, count, (int64_t)dim);
    free(values);
}

int data_command(int argc, const char **argv)
{
    toy_options o = {.count = 1000, .noise = 0.5};
    struct poptOption table[] = {
        {"count", 'n', POPT_ARG_LONGLONG, &o.count, 0, "Samples (default 1000)", "N"},
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where they go: a table, or a picture", "FILE"},
        {"seed", '\0', POPT_ARG_STRING, &o.seed, 0, "Seed (default 1); sample i depends on the seed and i alone", "N"},
        {"noise", '\0', POPT_ARG_DOUBLE, &o.noise, 0, "Standard deviation of the roll's noise (default 0.5)", "S"},
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o);
    make(given.values[0], &o, options_seed(&page, o.seed, 1));
    options_release(&given);
    return EXIT_SUCCESS;
}
