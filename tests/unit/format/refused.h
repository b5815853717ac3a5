/* Hand-made files that the reader must refuse, on disk and in memory alike, leaving nothing behind. */
#ifndef FORMAT_REFUSED_H
#define FORMAT_REFUSED_H

#include "blocks.h"
#include "hand_made.h"

static block_counts blocks;

/* Opening the same bytes in memory fails with the same sentence, "memory" in place of the name. */
static inline void assert_refuses_memory(void)
{
    char sentence[1024];
    size_t size;
    safetensors *file = NULL;
    snprintf(sentence, sizeof sentence, "memory%s", diffusion_last_error() + strlen(HAND_MADE));
    unsigned char *bytes = folder_read(HAND_MADE, &size);
    assert_refused(safetensors_open_memory(&file, size > 0 ? bytes : NULL, size), DIFFUSION_E_FORMAT, sentence);
    assert_null(file);
    free(bytes);
}

/* Opening HAND_MADE fails, in one sentence that begins with the file's name, and leaves no block and no descriptor. */
static inline void assert_refuses(const char *sentence)
{
    safetensors *file = NULL;
    int descriptor = folder_next_descriptor();
    assert_refused(safetensors_open(&file, HAND_MADE), DIFFUSION_E_FORMAT, sentence);
    assert_ptr_equal(strstr(diffusion_last_error(), HAND_MADE), diffusion_last_error());
    assert_null(file);
    assert_refuses_memory();
    assert_int_equal(blocks.live, 0);
    assert_int_equal(folder_next_descriptor(), descriptor);
    remove(HAND_MADE);
}

typedef struct broken {
    const char *header;
    size_t data;
    const char *sentence;
} broken;

static inline void assert_all_refused(const broken *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hand_make(files[i].header, NULL, files[i].data);
        assert_refuses(files[i].sentence);
    }
}

#define ALL(files) files, sizeof(files) / sizeof(files)[0]

#endif
