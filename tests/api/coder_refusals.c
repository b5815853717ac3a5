/* What a coder refuses: files that are not as it wrote them, or that were written elsewhere, and values that it has no
 * symbol for. Its callbacks. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "make.h"

static unsigned char *read_code(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char *bytes = calloc(1 << 16, 1);
    *size = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    return bytes;
}

static void write_code(const char *path, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* ---- what is refused ---- */

enum { FEW = 6, DIM = 5 };

typedef struct few {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_coder *coder;
    float x0[FEW * DIM];
} few;

static void open_few(few *self)
{
    self->schedule = make_schedule("cosine steps=6");
    self->model = make_model("mlp shape=5 width=8 depth=2 time_features=2", 3);
    fill_weights(self->model, 4);
    make_levels(self->x0, FEW * DIM, 256, 9);
    self->coder = make_coder(self->model, self->schedule, "bits_back");
    assert_ok(diffusion_coder_encode(self->coder, self->x0, NULL, FEW));
    assert_ok(diffusion_coder_save(self->coder, "few"));
}

static void close_few(few *self)
{
    (void)remove("bad");
    assert_int_equal(remove("few"), 0);
    diffusion_coder_free(self->coder);
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
}

static void a_damaged_file_is_refused_wherever_it_is(void **state)
{
    (void)state;
    few self;
    size_t size;
    diffusion_coder *coder = NULL;
    open_few(&self);
    unsigned char *bytes = read_code("few", &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x10;
        write_code("bad", bytes, size);
        assert_int_equal(diffusion_coder_load(&coder, self.model, self.schedule, "bad"), DIFFUSION_E_FORMAT);
        bytes[i] ^= 0x10;
        write_code("bad", bytes, i);
        assert_int_equal(diffusion_coder_load(&coder, self.model, self.schedule, "bad"), DIFFUSION_E_FORMAT);
    }
    assert_null(coder);
    free(bytes);
    close_few(&self);
}

/* The file's own hash, as its format says: FNV-1a. */
static void seal(unsigned char *bytes, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size - 8; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < 8; i++)
        bytes[size - 8 + i] = (unsigned char)(hash >> 8 * i);
}

/* Whatever the numbers are, and however the words: an error, or the data; never other data. */
static void a_forged_file_gives_an_error_or_the_data(void **state)
{
    (void)state;
    few self;
    size_t size, decoded = 0;
    float back[FEW * DIM];
    open_few(&self);
    unsigned char *bytes = read_code("few", &size);
    for (size_t i = 8; i < size - 8; i++)
        for (int bit = 0; bit < 8; bit += 3) {
            diffusion_coder *coder = NULL;
            bytes[i] ^= (unsigned char)(1 << bit);
            seal(bytes, size);
            write_code("bad", bytes, size);
            if (diffusion_coder_load(&coder, self.model, self.schedule, "bad") == DIFFUSION_OK) {
                for (size_t j = 0; j < FEW * DIM; j++)
                    back[j] = 777;
                const diffusion_status status = diffusion_coder_decode(coder, back, NULL, FEW);
                decoded++;
                if (status == DIFFUSION_OK)
                    assert_memory_equal(back, self.x0, sizeof back);
                else
                    assert_true(back[0] == 777.0f);
            }
            diffusion_coder_free(coder);
            bytes[i] ^= (unsigned char)(1 << bit);
        }
    assert_true(decoded > 20);
    free(bytes);
    close_few(&self);
}

static void expect_refusal(const diffusion_model *model, const diffusion_schedule *schedule, const char *path,
                           const char *words)
{
    diffusion_coder *coder = NULL;
    assert_int_equal(diffusion_coder_load(&coder, model, schedule, path), DIFFUSION_E_CONTENT);
    if (strstr(diffusion_last_error(), words) == NULL)
        fail_msg("'%s' lacks '%s'", diffusion_last_error(), words);
}

static void another_model_schedule_or_machine_is_refused(void **state)
{
    (void)state;
    few self;
    size_t size;
    open_few(&self);
    diffusion_model *other = make_model("mlp shape=5 width=8 depth=2 time_features=2", 4);
    diffusion_schedule *schedule = make_schedule("linear steps=6");
    expect_refusal(other, self.schedule, "few", "by another model");
    expect_refusal(self.model, schedule, "few", "by another model");
    unsigned char *bytes = read_code("few", &size);
    const size_t machine = 8 + 13 * 8 + strlen(diffusion_coder_spec(self.coder));
    bytes[machine] ^= 1;
    seal(bytes, size);
    write_code("bad", bytes, size);
    expect_refusal(self.model, self.schedule, "bad", "which decoding needs too");
    bytes[machine] ^= 1;
    bytes[8 + 5 * 8] ^= 1; /* the probe */
    seal(bytes, size);
    write_code("bad", bytes, size);
    expect_refusal(self.model, self.schedule, "bad", "other bits than on this machine");
    free(bytes);
    diffusion_model_free(other);
    diffusion_schedule_free(schedule);
    close_few(&self);
}

static void values_that_are_no_symbols_are_refused(void **state)
{
    (void)state;
    few self;
    open_few(&self);
    const double before = coder_figure(self.coder, "k_bits");
    const float wrong[] = {0.0f, 1.01f, -1.01f, 1e30f, 0.0045f};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        self.x0[7] = wrong[i];
        assert_int_equal(diffusion_coder_encode(self.coder, self.x0, NULL, FEW), DIFFUSION_E_ARGUMENT);
        assert_non_null(strstr(diffusion_last_error(), "x0[7]"));
    }
    assert_true(coder_figure(self.coder, "k_bits") == before);
    close_few(&self);
}

/* ---- callbacks ---- */

typedef struct listener {
    int64_t calls, stop, done, total;
    diffusion_coder *coder;
} listener;

static int32_t listen(int64_t done, int64_t total, void *user)
{
    listener *self = user;
    float x0[FEW * DIM] = {0};
    assert_true(done >= self->done);
    assert_int_equal(diffusion_coder_encode(self->coder, x0, NULL, FEW), DIFFUSION_E_STATE);
    self->done = done;
    self->total = total;
    return ++self->calls == self->stop ? 7 : 0;
}

static void a_run_tells_of_its_progress_and_may_be_stopped(void **state)
{
    (void)state;
    few self;
    float back[FEW * DIM];
    open_few(&self);
    listener of = {.coder = self.coder};
    assert_ok(diffusion_coder_set_progress(self.coder, listen, &of));
    assert_ok(diffusion_coder_encode(self.coder, self.x0, NULL, FEW));
    assert_int_equal(of.total, FEW * 6);
    assert_int_equal(of.done, of.total);
    for (of.stop = 1; of.stop < 4; of.stop++) {
        of.calls = of.done = 0;
        assert_int_equal(diffusion_coder_decode(self.coder, back, NULL, FEW), 7);
        of.calls = of.done = 0;
        assert_int_equal(diffusion_coder_encode(self.coder, self.x0, NULL, FEW), 7);
    }
    of.calls = of.done = of.stop = 0;
    assert_ok(diffusion_coder_decode(self.coder, back, NULL, FEW));
    assert_memory_equal(back, self.x0, sizeof back);
    close_few(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_file_is_refused_wherever_it_is),
        cmocka_unit_test(a_forged_file_gives_an_error_or_the_data),
        cmocka_unit_test(another_model_schedule_or_machine_is_refused),
        cmocka_unit_test(values_that_are_no_symbols_are_refused),
        cmocka_unit_test(a_run_tells_of_its_progress_and_may_be_stopped),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
