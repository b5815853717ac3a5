#define _POSIX_C_SOURCE 200809L
#include "models.h"

static const float data[N * DIM] = {1, -1, 0, 0, 1, 1, 0, -1, 1, 0}, zeros[N * DIM] = {1, 0, 0, 0, 1, 1, 0, 1, 1, 0};

static int32_t go_on(int64_t done, int64_t total, void *user)
{
    (void)done, (void)total, (void)user;
    return 0;
}

static diffusion_status read_back(const diffusion_model *of, const diffusion_schedule *by, const float *x0)
{
    diffusion_coder *coder = NULL;
    float back[N * DIM];
    int32_t found[N];
    diffusion_status status = diffusion_coder_load(&coder, of, by, "code");
    assert_true((coder == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = diffusion_coder_decode(coder, back, found, N);
    if (status == DIFFUSION_OK)
        assert_memory_equal(back, x0, sizeof back);
    diffusion_coder_free(coder);
    return status;
}

/* There and back. A run that failed leaves what was coded before. */
static diffusion_status code(const diffusion_model *of, const diffusion_schedule *by,
                             const diffusion_condition *condition, const char *spec, const float *x0)
{
    diffusion_coder *coder = NULL;
    double bytes = 0;
    diffusion_status status = diffusion_coder_create(&coder, of, by, spec);
    assert_true((coder == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK) {
        assert_non_null(diffusion_coder_spec(coder));
        assert_ok(diffusion_coder_set_progress(coder, go_on, NULL));
        status = diffusion_coder_encode(coder, x0, condition, N);
        assert_string_equal(diffusion_coder_error(coder), status != DIFFUSION_OK ? diffusion_last_error() : "");
    }
    if (status == DIFFUSION_OK) {
        assert_ok(diffusion_coder_value(coder, "bytes", &bytes));
        status = diffusion_coder_save(coder, "code");
    }
    diffusion_coder_free(coder);
    if (status == DIFFUSION_OK)
        status = read_back(of, by, x0);
    (void)remove("code");
    return status;
}

static diffusion_status whole_numbers_with_labels(void)
{
    return code(model, schedule, labels, "bits_back levels=3 batch=2", data);
}

static diffusion_status bits_by_fewer_laws(void)
{
    return code(bit_model, bits, NULL, "bits_back edge=forward", zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(whole_numbers_with_labels),
        FAULT_SCENARIO(bits_by_fewer_laws),
    };
    return cmocka_run_group_tests(tests, models_enter, models_leave);
}
