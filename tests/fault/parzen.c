#define _POSIX_C_SOURCE 200809L
#include "fault.h"

enum { M = 3, N = 2, DIM = 2 };

static const float samples[M * DIM] = {1, 0, 0, 0, 1, 1}, data[N * DIM] = {0.5f, 0, 1, 0.25f};

static diffusion_status log_densities(void)
{
    double nats[N] = {-1, -1};
    diffusion_status status = diffusion_parzen_evaluate(samples, M, data, N, DIM, 0.5, nats);
    if (status != DIFFUSION_OK)
        assert_true(nats[0] == -1 && nats[1] == -1);
    return status;
}

static diffusion_status a_bandwidth(void)
{
    double bandwidth = -1;
    diffusion_status status = diffusion_parzen_bandwidth(samples, M, data, N, DIM, 0.01, 10, &bandwidth);
    assert_true((bandwidth > 0) == (status == DIFFUSION_OK));
    return status;
}

static int leave(void **state)
{
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(log_densities),
        FAULT_SCENARIO(a_bandwidth),
    };
    return cmocka_run_group_tests(tests, fault_enter, leave);
}
