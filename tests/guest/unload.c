/* A host that loads the library, uses it and unloads it, again and again, and then ends. */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <diffusion.h>
#include <dlfcn.h>

enum { ROUNDS = 1000, N = 400, DIM = 64 };

typedef struct functions {
    __typeof__(diffusion_set_threads) *set_threads;
    __typeof__(diffusion_model_create) *create;
    __typeof__(diffusion_model_forward) *forward;
    __typeof__(diffusion_model_free) *release;
} functions;

static void find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    assert_non_null(address);
    memcpy(function, &address, sizeof address);
}

static functions find_all(void *library)
{
    functions all;
    find(library, "diffusion_set_threads", &all.set_threads);
    find(library, "diffusion_model_create", &all.create);
    find(library, "diffusion_model_forward", &all.forward);
    find(library, "diffusion_model_free", &all.release);
    return all;
}

static void use(const functions *library)
{
    static float x[N * DIM], out[N * DIM];
    double time[N];
    diffusion_model *model = NULL;
    for (int i = 0; i < N; i++)
        time[i] = 1.0;
    assert_int_equal(library->set_threads(2), DIFFUSION_OK);
    assert_int_equal(library->create(&model, "mlp shape=8,8,1 width=64 depth=2", 1), DIFFUSION_OK);
    assert_int_equal(library->forward(model, x, time, NULL, N, out), DIFFUSION_OK);
    library->release(model);
}

static void loads_and_unloads(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        void *library = dlopen(TEST_LIBRARY, RTLD_NOW | RTLD_LOCAL);
        if (library == NULL)
            fail_msg("%s", dlerror());
        functions all = find_all(library);
        use(&all);
        assert_int_equal(dlclose(library), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(loads_and_unloads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
