/* A file of coded data with any bytes changed and its checksum made right again, so that what is behind that is
 * reached: refused in one sentence, or the data as it was coded. The input is the changes: each the place, two bytes,
 * and what to change there; an odd byte at the end cuts so much off. */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"
#include "scratch.h"

enum { N = 6, DIM = 3, ROOM = 4096, SAMPLES_MOST = 64, CHECKSUM = 8 };

static diffusion_model *model;
static diffusion_schedule *schedule;
static uint8_t whole[ROOM];
static size_t whole_size;
static float x0[N * DIM];

/* Made once: of three levels, for every machine its own. */
static void make_code(const char *path)
{
    diffusion_coder *coder = NULL;
    FUZZ_CHECK(diffusion_set_threads(1) == 0);
    FUZZ_CHECK(diffusion_schedule_create(&schedule, "linear steps=3 beta_end=0.9") == 0);
    FUZZ_CHECK(diffusion_model_create(&model, "mlp shape=3 width=4 depth=1 time_features=2 predict=v", 1) == 0);
    for (size_t i = 0; i < (size_t)N * DIM; i++)
        x0[i] = (float)((int)(i * 5 % 3) - 1);
    FUZZ_CHECK(diffusion_coder_create(&coder, model, schedule, "bits_back levels=3") == 0);
    FUZZ_CHECK(diffusion_coder_encode(coder, x0, NULL, N) == 0 && diffusion_coder_save(coder, path) == 0);
    diffusion_coder_free(coder);
    FILE *file = fopen(path, "rb");
    FUZZ_CHECK(file != NULL);
    whole_size = fread(whole, 1, ROOM, file);
    FUZZ_CHECK(whole_size > CHECKSUM && whole_size < ROOM && fclose(file) == 0);
}

static size_t change(uint8_t *bytes, const uint8_t *data, size_t size)
{
    size_t kept = whole_size;
    memcpy(bytes, whole, whole_size);
    for (size_t i = 0; i + 2 < size; i += 3)
        bytes[(size_t)(data[i] | data[i + 1] << 8) % whole_size] ^= data[i + 2];
    if (size % 3 == 1)
        kept -= data[size - 1] % (whole_size - CHECKSUM);
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < kept - CHECKSUM; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < CHECKSUM; i++)
        bytes[kept - CHECKSUM + i] = (uint8_t)(hash >> 8 * i);
    return kept;
}

static void decode(diffusion_coder *coder)
{
    float back[SAMPLES_MOST * DIM];
    int32_t labels[SAMPLES_MOST];
    double samples = 0;
    FUZZ_CHECK(diffusion_coder_value(coder, "samples", &samples) == DIFFUSION_OK && samples >= 1);
    if (samples > SAMPLES_MOST)
        return;
    diffusion_status status = diffusion_coder_decode(coder, back, labels, (size_t)samples);
    if (status != DIFFUSION_OK)
        check_refused(status, NULL, "coder");
    else
        FUZZ_CHECK(samples == N && memcmp(back, x0, sizeof x0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[SCRATCH_PATH];
    uint8_t bytes[ROOM];
    diffusion_coder *coder = NULL;
    if (model == NULL) {
        scratch_path(path, ".diffcode");
        make_code(path);
    }
    scratch_write(path, bytes, change(bytes, data, size));
    diffusion_status status = diffusion_coder_load(&coder, model, schedule, path);
    FUZZ_CHECK(unlink(path) == 0 && (status == DIFFUSION_OK || size > 0));
    if (status != DIFFUSION_OK) {
        check_refused(status, coder, path);
        return 0;
    }
    decode(coder);
    diffusion_coder_free(coder);
    return 0;
}
