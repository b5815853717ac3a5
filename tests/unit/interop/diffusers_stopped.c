/* A save over a pipeline that is killed, or fails, at any of its file calls: what is left is the old pipeline, the new
 * one, or a folder that is refused in words, never the weights of one beside the scheduler of the other. Nothing else
 * in the folder is touched, and the next save goes through and leaves nothing beside its files. */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include "file_calls.h"
#include "pipe.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* The same tensors, read and sampled otherwise. */
#define OLD "unet shape=4,4,1 channels=4 blocks=1 groups=2 mid_attention=no"
#define NEW OLD " flip_sin_to_cos=no predict=v"

static int made, stopped_at, stopped_with; /* an errno; 0: a kill */
static int calls;                          /* of a save that is not stopped */
static int opened, replaced_at;            /* open() of a load before which the index is replaced */

static int file_call_fails(file_call which)
{
    if (which == OPEN && ++opened == replaced_at)
        assert_int_equal(rename("pipe/other.json", "pipe/model_index.json"), 0);
    if (++made != stopped_at)
        return 0;
    if (stopped_with == 0)
        kill(getpid(), SIGKILL);
    errno = stopped_with;
    return 1;
}

static diffusion_status save(const char *spec, uint64_t seed, const char *schedule_spec)
{
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(spec, seed);
    diffusion_status status = diffusion_model_save_diffusers(model, schedule, "link");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status save_old(void)
{
    return save(OLD, 1, "linear steps=20");
}

static diffusion_status save_new(void)
{
    return save(NEW, 2, "cosine steps=30");
}

static int is_of_seed(const diffusion_model *model, const char *spec, uint64_t seed)
{
    diffusion_model *truth = make_model(spec, seed);
    float *a = model_weights(model), *b = model_weights(truth);
    int same = memcmp(a, b, model_parameters(truth) * sizeof *a) == 0;
    free(a);
    free(b);
    diffusion_model_free(truth);
    return same;
}

/* 'o' and 'n' for the old and the new, 'r' for what is refused; fails for any mixture. */
static char what_is_there(const char *path, int scheduled)
{
    diffusion_model *model = NULL;
    if (diffusion_model_load(&model, path) != DIFFUSION_OK) {
        if (strstr(diffusion_last_error(), "expected it to be written again") == NULL)
            fail_msg("call %d: %s: '%s'", made, path, diffusion_last_error());
        return 'r';
    }
    int is_new = strstr(diffusion_model_spec(model), "flip_sin_to_cos=no") != NULL;
    const char *schedule = diffusion_model_metadata(model, "schedule");
    if (!is_of_seed(model, is_new ? NEW : OLD, is_new ? 2 : 1))
        fail_msg("call %d: %s: the weights are not those of the configuration", stopped_at, path);
    if (scheduled && strncmp(schedule, is_new ? "cosine" : "linear", 6) != 0)
        fail_msg("call %d: %s: the schedule is not that of the weights: %s", stopped_at, path, schedule);
    diffusion_model_free(model);
    return is_new ? 'n' : 'o';
}

static void check_rest(void)
{
    size_t size;
    struct stat about;
    unsigned char *bytes = folder_read("pipe/README.md", &size);
    assert_true(size == 4 && memcmp(bytes, "mine", 4) == 0);
    free(bytes);
    assert_int_equal(lstat("link", &about), 0);
    assert_true(S_ISLNK(about.st_mode));
}

static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

static void check_next_save(void)
{
    struct stat about;
    assert_ok(save_new());
    assert_int_equal(what_is_there("pipe", 1), 'n');
    assert_int_equal(stat(PIPE_WEIGHTS, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    assert_int_equal(entries("pipe"), 4);
    assert_int_equal(entries("pipe/unet"), 2);
    assert_int_equal(entries("pipe/scheduler"), 1);
}

/* One save over the old pipeline that a child makes; whether it was stopped. */
static int save_stopped(int at, int with, size_t found[256])
{
    stopped_at = 0;
    assert_ok(save_old());
    assert_int_equal(chmod(PIPE_WEIGHTS, 0640), 0);
    int ended;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        made = 0, stopped_at = at, stopped_with = with;
        diffusion_status status = save_new();
        _exit(status == DIFFUSION_OK ? 0 : made < at ? 2 : status == DIFFUSION_E_IO ? 1 : 3);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended) ? with == 0 : WEXITSTATUS(ended) <= 1);
    char whole = what_is_there("pipe", 1), unet = what_is_there("pipe/unet", 0);
    assert_true(whole == 'r' || whole == unet);
    found[(unsigned char)whole]++;
    check_rest();
    check_next_save();
    return WIFSIGNALED(ended) || WEXITSTATUS(ended) != 0;
}

static void a_save_that_is_killed_leaves_no_mixture(void **state)
{
    (void)state;
    size_t found[256] = {0};
    int at = 1;
    while (save_stopped(at, 0, found))
        at++;
    calls = at - 1;
    print_message("%d calls: %zu left the old, %zu the new, %zu neither\n", calls, found['o'], found['n'], found['r']);
    assert_true(found['o'] > 20 && found['n'] > 0 && found['r'] > 0);
}

/* A full disk is found out while the old files are all there. */
static void a_save_that_fails_leaves_no_mixture(void **state)
{
    (void)state;
    size_t found[256] = {0};
    for (int at = 1; at <= calls; at++)
        save_stopped(at, ENOSPC, found);
    assert_true(found['o'] > 20 && found['n'] > 0);
}

/* Whenever another pipeline takes the place of the one that is read: its index is another file. */
static void a_folder_that_is_replaced_while_it_is_read_is_refused(void **state)
{
    (void)state;
    diffusion_status status = DIFFUSION_E_IO;
    int at = 0;
    stopped_at = 0;
    assert_ok(save_old());
    while (status != DIFFUSION_OK) {
        size_t size;
        diffusion_model *model = NULL;
        unsigned char *index = folder_read("pipe/model_index.json", &size);
        folder_write("pipe/other.json", index, size);
        free(index);
        opened = 0, replaced_at = ++at;
        status = diffusion_model_load(&model, "pipe");
        replaced_at = 0;
        if (status != DIFFUSION_OK)
            assert_non_null(strstr(diffusion_last_error(), "pipe/model_index.json: was replaced while the folder was"));
        diffusion_model_free(model);
    }
    assert_int_equal(at, 5); /* the four files were each opened once */
    unlink("pipe/other.json");
}

static int enter(void **state)
{
    int status = folder_enter(state);
    mkdir("pipe", 0777);
    folder_write("pipe/README.md", "mine", 4);
    return status != 0 ? status : symlink("pipe", "link");
}

static int leave(void **state)
{
    stopped_at = 0;
    unlink("pipe/README.md");
    unlink("link");
    pipe_clean("pipe");
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_save_that_is_killed_leaves_no_mixture),
        cmocka_unit_test(a_save_that_fails_leaves_no_mixture),
        cmocka_unit_test(a_folder_that_is_replaced_while_it_is_read_is_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
