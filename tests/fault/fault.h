/* Every allocation of a scenario made to fail: the failure comes back as DIFFUSION_E_MEMORY, and nothing is left. */
#ifndef FAULT_FAULT_H
#define FAULT_FAULT_H

#include "blocks.h"
#include "folder.h"

/* Does something that allocates and undoes it all; returns the first failure. Its set-up must not use the library. */
typedef diffusion_status fault_run(void);

typedef struct fault_scenario {
    fault_run *run;
} fault_scenario;

/* One line of a table of tests. */
#define FAULT_SCENARIO(function)                                                                                       \
    {                                                                                                                  \
#function, fault_each_allocation, NULL, NULL, &(fault_scenario)                                                \
        {                                                                                                              \
            function                                                                                                   \
        }                                                                                                              \
    }

static block_counts fault_blocks;

/* A model keeps the working memory of its last pass: from here on it has some. */
static inline void fault_warm(const diffusion_model *model)
{
    float x[64] = {0}, out[128];
    const double first = 1.0;
    assert_ok(diffusion_model_forward(model, x, &first, NULL, 1, out));
}

/* Request `number` fails, and all after it up to `last`. True if there was such a request. */
static inline int fault_at(fault_run *run, size_t number, size_t last)
{
    size_t live = fault_blocks.live, entries = folder_entries();
    int descriptor = folder_next_descriptor();
    blocks_count_from_here(&fault_blocks, number, last);
    diffusion_status status = run();
    int reached = fault_blocks.asked >= number;
    blocks_count_from_here(&fault_blocks, 0, 0);
    if (status != (reached ? DIFFUSION_E_MEMORY : DIFFUSION_OK))
        fail_msg("request %zu refused: returned %d ('%s')", number, (int)status, diffusion_last_error());
    if (reached && strstr(diffusion_last_error(), "could not be allocated") == NULL)
        fail_msg("request %zu refused: the sentence is '%s'", number, diffusion_last_error());
    if (fault_blocks.live != live)
        fail_msg("request %zu refused: %zu blocks live, %zu before", number, (size_t)fault_blocks.live, live);
    assert_int_equal(folder_entries(), entries);
    assert_int_equal(folder_next_descriptor(), descriptor);
    return reached;
}

/* The test: the first request fails, then the second, … until the scenario runs through; each alone, then for good. */
static inline void fault_each_allocation(void **state)
{
    fault_run *run = ((const fault_scenario *)*state)->run;
    size_t number = 1;
    while (fault_at(run, number, number))
        assert_true(fault_at(run, number++, SIZE_MAX));
    if (number == 1)
        fail_msg("the scenario allocates nothing");
    print_message("%zu allocations\n", number - 1);
}

/* In a fresh folder, with all memory counted. */
static inline int fault_enter(void **state)
{
    blocks_use(&fault_blocks);
    return folder_enter(state);
}

#endif
