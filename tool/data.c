#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/overwrite.h"
#include "common/text.h"
#include "data/toys.h"
#include "data/write.h"
#include "picture/scatter.h"
#include "picture/tiles.h"

#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "data",
    "swiss-roll|heartbeat|dead-leaves -n N -o FILE.csv|.npy|.png|FOLDER [OPTION...]",
    "Makes the paper's toy data (section 3.1).\n\n"
    "swiss-roll  points r (cos r, sin r) of the plane, r uniform in 1.5 pi..4.5 pi, plus Gaussian noise\n"
    "heartbeat   sequences of 20 bits, a 1 in every fifth bin at one of 5 phases; their entropy is log2(5) bits\n"
    "dead-leaves grey pictures of discs that hide one another (Lee, Mumford, Huang 2001): radii of density r^-3 in\n"
    "            --radius, levels 0..255 with equal chance, until every pixel is covered; to .npy, .png or a new "
    "folder",
    "  diffusion data swiss-roll -n 10000 -o roll.csv --seed 1\n"
    "  diffusion data swiss-roll -n 2000 -o roll.png --noise 0.25\n"
    "  diffusion data heartbeat -n 50000 -o beats.csv.gz\n"
    "  diffusion data dead-leaves -n 50000 --size 32 --radius 1,32 -o leaves.npy\n",
    1,
    1,
};

enum { COUNT_MAX = 100000000, SIDE_MAX = 4096 };
static const double radius_least = 0.5, radius_most = 1e4;

typedef struct toy_options {
    char *output, *seed, *radius;
    long long count, size;
    int force;
    double noise;
} toy_options;

static int is_leaves(const char *kind)
{
    return strcmp(kind, "dead-leaves") == 0;
}

static int is_folder(const toy_options *options)
{
    return !table_knows(options->output) && !text_ends_with(options->output, ".png");
}

static void check_options(const char *kind, const toy_options *options)
{
    if (options->output == NULL)
        fail_usage("data: -o FILE is missing");
    if (*options->output == '\0')
        fail_usage("data: the name of the file to write is empty");
    if (!is_leaves(kind) && is_folder(options))
        fail_usage("data: -o %s: expected a name that ends in " TABLE_ENDINGS " or .png", options->output);
    if (!is_leaves(kind) && (options->size > 0 || options->radius != NULL))
        fail_usage("data: --size and --radius are those of dead-leaves");
    if (is_leaves(kind) && table_knows(options->output) && !text_ends_with(options->output, ".npy"))
        fail_usage("data: -o %s: expected a name that ends in .npy or .png, or a folder", options->output);
    options_range(&page, "-n", options->count, 1, COUNT_MAX);
    if (!(options->noise >= 0 && options->noise <= 1000))
        fail_usage("data: --noise %g, expected 0..1000", options->noise);
    if (!is_folder(options))
        overwrite_check(options->output, options->force);
}

static void write_values(const char *path, const float *values, size_t count, int64_t dim)
{
    double *wide = allocate(count * (size_t)dim, sizeof *wide);
    for (size_t i = 0; i < count * (size_t)dim; i++)
        wide[i] = values[i];
    if (table_knows(path)) {
        table_write(path, &(table_rows){.values = wide, .count = count, .shape = &dim, .rank = 1});
    } else if (dim == 2) {
        canvas_save(scatter_sheet(wide, count), path);
    } else {
        tiles as = tiles_of(&dim, 1, 0, 1);
        canvas_save(tiles_sheet(&as, values, count, 0), path);
    }
    free(wide);
}

/* Without --radius from one pixel to the whole picture. */
static leaves read_leaves(const toy_options *options)
{
    long long side = options->size > 0 ? options->size : 32;
    options_range(&page, "--size", side, 1, SIDE_MAX);
    leaves how = {(size_t)side, 1, (double)(side > 1 ? side : 2)};
    const char *text = options->radius;
    if (text == NULL)
        return how;
    int good = text_number(&how.smallest, &text) && *text == ',';
    text += good;
    good = good && text_number(&how.widest, &text) && *text == '\0' && how.smallest >= radius_least &&
           how.smallest < how.widest && how.widest <= radius_most;
    if (!good)
        fail_usage("data: --radius %s, expected two radii in pixels, %g <= smallest < widest <= %g", options->radius,
                   radius_least, radius_most);
    return how;
}

static void make_leaves(const toy_options *options, uint64_t seed)
{
    leaves how = read_leaves(options);
    size_t count = (size_t)options->count, dim = how.side * how.side;
    const int64_t shape[] = {(int64_t)how.side, (int64_t)how.side, 1};
    tiles as = tiles_of(shape, 3, 0, 255);
    if (text_ends_with(options->output, ".png"))
        tiles_check(&as, count, 0, TILES_PLAIN);
    if (is_folder(options))
        folder_begin(options->output);
    unsigned char *pixels = allocate(count, dim);
    for (size_t i = 0; i < count; i++)
        toy_leaves(pixels + i * dim, &how, i, seed);
    if (text_ends_with(options->output, ".npy")) {
        table_write_bytes(options->output, pixels, count, shape, 3);
    } else if (text_ends_with(options->output, ".png")) {
        float *values = allocate(multiply(count, dim, "-n"), sizeof *values);
        for (size_t i = 0; i < count * dim; i++)
            values[i] = pixels[i];
        canvas_save(tiles_sheet(&as, values, count, 0), options->output);
        free(values);
    } else {
        folder_write(options->output, pixels, count, how.side, how.side);
    }
    free(pixels);
}

static void make(const char *kind, const toy_options *options, uint64_t seed)
{
    int roll = strcmp(kind, "swiss-roll") == 0;
    if (!roll && strcmp(kind, "heartbeat") != 0)
        fail_usage("data: unknown kind '%s', expected swiss-roll, heartbeat or dead-leaves", kind);
    size_t count = (size_t)options->count, dim = roll ? 2 : HEARTBEAT_LENGTH;
    if (!roll && text_ends_with(options->output, ".png")) {
        tiles as = tiles_of(&(int64_t){HEARTBEAT_LENGTH}, 1, 0, 1);
        tiles_check(&as, count, 0, TILES_PLAIN);
    }
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
    toy_options o = {.count = 1000, .noise = ROLL_NOISE};
    struct poptOption table[] = {
        {"count", 'n', POPT_ARG_LONGLONG, &o.count, 0, "Samples (default 1000)", "N"},
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where they go: a table, a picture, or a folder", "FILE"},
        OPTIONS_FORCE(o.force),
        {"seed", '\0', POPT_ARG_STRING, &o.seed, 0, "Seed (default 1); sample i depends on the seed and i alone", "N"},
        {"noise", '\0', POPT_ARG_DOUBLE, &o.noise, 0, "Standard deviation of the roll's noise (default 0.5)", "S"},
        {"size", '\0', POPT_ARG_LONGLONG, &o.size, 0, "Side of a picture of leaves in pixels (default 32)", "N"},
        {"radius", '\0', POPT_ARG_STRING, &o.radius, 0,
         "Smallest and largest radius of a leaf in pixels (default 1 and the picture's side)", "MIN,MAX"},
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(given.values[0], &o);
    uint64_t seed = options_seed(&page, o.seed, 1);
    if (is_leaves(given.values[0]))
        make_leaves(&o, seed);
    else
        make(given.values[0], &o, seed);
    options_release(&given);
    return EXIT_SUCCESS;
}
