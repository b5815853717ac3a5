/* Weights in shards, in variants and under former names; and folders of which nobody could say what they hold. */
#define _POSIX_C_SOURCE 200809L
#include "pipe.h"

#include "format/safetensors.h"

#include <sys/stat.h>

#define FIRST "pipe/unet/diffusion_pytorch_model-00001-of-00002.safetensors"
#define SECOND "pipe/unet/diffusion_pytorch_model-00002-of-00002.safetensors"
#define INDEX PIPE_WEIGHTS ".index.json"
#define VARIANT "pipe/unet/diffusion_pytorch_model.fp16.safetensors"

enum { TENSORS = 256 };

/* A pipeline's tensors, read off its file. */
static struct {
    size_t count;
    char names[TENSORS][128];
    safetensors_tensor tensors[TENSORS];
} whole;

static float *truth;

static void read_whole(void)
{
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, PIPE_WEIGHTS));
    whole.count = safetensors_count(file);
    assert_in_range(whole.count, 2, TENSORS - 2);
    for (size_t i = 0; i < whole.count; i++) {
        const safetensors_entry *entry = safetensors_at(file, i);
        float *values = malloc(entry->count * sizeof *values);
        assert_non_null(values);
        assert_ok(safetensors_read_float(file, entry, values, entry->count));
        snprintf(whole.names[i], sizeof whole.names[i], "%s", entry->name);
        whole.tensors[i] = (safetensors_tensor){.name = whole.names[i], .rank = entry->rank, .values = values};
        memcpy(whole.tensors[i].shape, entry->shape, sizeof entry->shape);
    }
    safetensors_close(file);
}

static void save(const char *path, size_t from, size_t to)
{
    const safetensors_pair format = {"format", "pt"};
    assert_ok(safetensors_save(path, whole.tensors + from, to - from, &format, 1));
}

/* The index of two shards, the first of `first` tensors; of one tensor, `name`, alone where that is given. */
static void save_index(size_t first, const char *name, const char *file)
{
    FILE *index = fopen(INDEX, "wb");
    assert_non_null(index);
    fprintf(index, "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
    for (size_t i = 0; i < whole.count && name == NULL; i++)
        fprintf(index, "%s\"%s\": \"diffusion_pytorch_model-0000%d-of-00002.safetensors\"", i > 0 ? ", " : "",
                whole.names[i], i < first ? 1 : 2);
    if (name != NULL)
        fprintf(index, "\"%s\": %s", name, file);
    fprintf(index, "}}");
    fclose(index);
}

static void clean(void)
{
    static const char *const files[] = {FIRST, SECOND, INDEX, VARIANT};
    for (size_t i = 0; i < 4; i++)
        remove(files[i]);
    remove("pipe/unet/diffusion_pytorch_model.non_ema.safetensors");
}

static void assert_loads(void)
{
    diffusion_model *model = NULL;
    assert_ok(diffusion_model_load(&model, "pipe"));
    float *got = model_weights(model);
    assert_same(got, truth, model_parameters(model) * sizeof *got);
    free(got);
    diffusion_model_free(model);
}

static void assert_not_loaded(diffusion_status status, const char *sentence)
{
    diffusion_model *model = NULL;
    assert_refused(diffusion_model_load(&model, "pipe"), status, sentence);
    assert_null(model);
}

static void shards_are_read_by_their_index(void **state)
{
    (void)state;
    for (size_t first = 1; first < whole.count; first += whole.count - 2) {
        save(FIRST, 0, first);
        save(SECOND, first, whole.count);
        save_index(first, NULL, NULL);
        assert_loads();
    }
    remove(SECOND);
    assert_not_loaded(DIFFUSION_E_IO, SECOND ": cannot open: " BECAUSE("No such file"));
    save(SECOND, 0, 1);
    assert_not_loaded(DIFFUSION_E_CONTENT, "is missing, which " INDEX " places there");
    save(SECOND, whole.count - 1, whole.count);
    save(FIRST, 0, whole.count); /* the last tensor in both */
    assert_not_loaded(DIFFUSION_E_CONTENT, "is there 2 times, expected once");
    remove(INDEX);
    remove(SECOND);
    assert_not_loaded(DIFFUSION_E_CONTENT, FIRST ": a shard without its index, expected diffusion_pytorch_model.safe");
    clean();
}

static void an_index_leads_nowhere_else(void **state)
{
    (void)state;
    static const char *const files[] = {"\"../../diffusion_pytorch_model.safetensors\"",
                                        "\"/etc/passwd\"",
                                        "\"diffusion_pytorch_model/../x.safetensors\"",
                                        "\"other.safetensors\"",
                                        "\"diffusion_pytorch_model.bin\"",
                                        "7",
                                        "null"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        save_index(0, "conv_in.weight", files[i]);
        assert_not_loaded(DIFFUSION_E_CONTENT, INDEX ": weight_map: 'conv_in.weight' is in ");
    }
    folder_write(INDEX, "{}", 2);
    assert_not_loaded(DIFFUSION_E_CONTENT, INDEX ": weight_map=missing, expected an object");
    folder_write(INDEX, "{\"weight_map\": {}}", 18);
    assert_not_loaded(DIFFUSION_E_CONTENT, "expected an object of names and files");
    folder_write(INDEX, "{\"weight_map\": []}", 18);
    assert_not_loaded(DIFFUSION_E_CONTENT, "expected an object of names and files");
    folder_write(INDEX, "{", 1);
    assert_not_loaded(DIFFUSION_E_FORMAT, INDEX ": the file is not valid JSON");
    save(PIPE_WEIGHTS, 0, whole.count);
    assert_not_loaded(DIFFUSION_E_CONTENT, "pipe/unet: both diffusion_pytorch_model.safetensors and diffusion_pytorch_"
                                           "model.safetensors.index.json are there, expected one of them");
    diffusion_model *model = make_model(PIPE_SPEC, 1);
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    assert_refused(diffusion_model_save_diffusers(model, schedule, "pipe"), DIFFUSION_E_IO,
                   INDEX ": shards of another model");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    remove(PIPE_WEIGHTS);
    clean();
}

static void a_variant_is_read_where_it_is_alone(void **state)
{
    (void)state;
    static const char other[] = "pipe/unet/diffusion_pytorch_model.non_ema.safetensors";
    save(VARIANT, 0, whole.count);
    assert_loads();
    save(other, 0, 1);
    assert_not_loaded(DIFFUSION_E_CONTENT,
                      "pipe/unet: both diffusion_pytorch_model.fp16.safetensors and diffusion_pytorch_model.non_ema."
                      "safetensors are there, expected diffusion_pytorch_model.safetensors: give the one");
    save(PIPE_WEIGHTS, 0, whole.count);
    assert_loads(); /* the plain one is not in doubt */
    remove(PIPE_WEIGHTS);
    clean();
}

static void a_variant_may_be_sharded(void **state)
{
    (void)state;
    save(FIRST, 0, 3);
    save(SECOND, 3, whole.count);
    save_index(3, NULL, NULL);
    assert_int_equal(rename(INDEX, PIPE_WEIGHTS ".index.fp16.json"), 0);
    assert_loads();
    remove(PIPE_WEIGHTS ".index.fp16.json");
    clean();
}

/* Today's name and the former one may be mixed, but no tensor is there by both. */
static void a_tensor_has_one_name(void **state)
{
    (void)state;
    size_t at = 0;
    while (strstr(whole.names[at], "mid_block.attentions.0.to_q.weight") == NULL)
        at++;
    safetensors_tensor kept = whole.tensors[at];
    whole.tensors[at].name = "mid_block.attentions.0.query.weight";
    save(PIPE_WEIGHTS, 0, whole.count);
    assert_loads();
    whole.tensors[whole.count] = kept;
    save(PIPE_WEIGHTS, 0, whole.count + 1);
    assert_not_loaded(DIFFUSION_E_CONTENT,
                      PIPE_WEIGHTS ": tensor 'mid_block.attentions.0.to_q.weight' is there 2 times, "
                                   "also as mid_block.attentions.0.query.weight, expected once");
    whole.tensors[at] = kept;
    remove(PIPE_WEIGHTS);
}

static int enter(void **state)
{
    int status = folder_enter(state);
    diffusion_model *model = pipe_model(PIPE_SPEC);
    truth = model_weights(model);
    diffusion_model_free(model);
    pipe_save(PIPE_SPEC, "cosine steps=20", NULL);
    read_whole();
    remove(PIPE_WEIGHTS);
    return status;
}

static int leave(void **state)
{
    for (size_t i = 0; i < whole.count; i++)
        free((void *)(uintptr_t)whole.tensors[i].values);
    free(truth);
    pipe_clean("pipe");
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_are_read_by_their_index),
        cmocka_unit_test(an_index_leads_nowhere_else),
        cmocka_unit_test(a_variant_is_read_where_it_is_alone),
        cmocka_unit_test(a_variant_may_be_sharded),
        cmocka_unit_test(a_tensor_has_one_name),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
