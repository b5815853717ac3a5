/* Files that other programs made. The numbers come of Python's json and struct modules. */
#include "golden.h"

static safetensors *open_shared(const char *name)
{
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, golden(name)));
    return file;
}

static void assert_values(safetensors *file, const safetensors_entry *entry, double first, double last, double sum)
{
    double *values = malloc(entry->count * sizeof *values);
    float *floats = malloc(entry->count * sizeof *floats);
    assert_ok(safetensors_read_double(file, entry, values, entry->count));
    assert_ok(safetensors_read_float(file, entry, floats, entry->count));
    double total = 0;
    for (size_t i = 0; i < entry->count; i++) {
        total += values[i];
        assert_true(floats[i] == values[i]);
    }
    assert_close(values[0], first, 0, 0);
    assert_close(values[entry->count - 1], last, 0, 0);
    assert_close(total, sum, 1e-12, 1e-12);
    free(values);
    free(floats);
}

static void half_precision_weights_with_unaligned_data_are_read(void **state)
{
    (void)state;
    safetensors *file = open_shared("data/safetensors/lora_analog_svd_rank4.safetensors");
    assert_int_equal(safetensors_count(file), 384);
    assert_int_equal(safetensors_metadata_count(file), 194);
    assert_string_equal(safetensors_metadata(file, "text_encoder"), "[\"CLIPAttention\"]");
    assert_string_equal(safetensors_metadata_at(file, 193).key, "unet:9:rank");
    const safetensors_entry *entry = safetensors_at(file, 0);
    assert_string_equal(entry->name, "text_encoder:0:down");
    assert_true(entry->type == SAFETENSORS_F16 && entry->rank == 2 && entry->shape[0] == 4 && entry->shape[1] == 768);
    assert_values(file, entry, -0.0098419189453125, 0.029052734375, 1.761831283569336);
    assert_values(file, safetensors_find(file, "unet:9:up"), 0.0002899169921875, 0.00027751922607421875,
                  -0.020259499549865723);
    safetensors_close(file);
}

static void single_precision_weights_with_unaligned_data_are_read(void **state)
{
    (void)state;
    safetensors *file = open_shared("data/safetensors/lora_disney.safetensors");
    assert_int_equal(safetensors_count(file), 386);
    assert_int_equal(safetensors_metadata_count(file), 196);
    assert_string_equal(safetensors_metadata(file, "<s1>"), "<embed>");
    const safetensors_entry *entry = safetensors_at(file, 0);
    assert_string_equal(entry->name, "<s1>");
    assert_true(entry->type == SAFETENSORS_F32 && entry->rank == 1 && entry->shape[0] == 768);
    assert_values(file, entry, -0.0029720112215727568, 0.008343598805367947, 0.08765462014707737);
    assert_values(file, safetensors_find(file, "unet:9:up"), -0.006763479672372341, -0.00042435337672941387,
                  0.404209986229489);
    safetensors_close(file);
}

/* beta_1 and beta_T of the linear schedule are 1e-4 and 0.02 by definition (arXiv:2006.11239). */
static void a_golden_file_in_double_precision_is_read(void **state)
{
    (void)state;
    size_t count;
    double *betas = golden_values("process/linear-1000.safetensors", "betas", &count);
    assert_int_equal(count, 1000);
    assert_close(betas[0], 1e-4, 1e-15, 0);
    assert_close(betas[999], 0.02, 1e-15, 0);
    free(betas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_precision_weights_with_unaligned_data_are_read),
        cmocka_unit_test(single_precision_weights_with_unaligned_data_are_read),
        cmocka_unit_test(a_golden_file_in_double_precision_is_read),
    };
    return golden_run(tests, NULL, NULL);
}
