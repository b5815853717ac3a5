/* Linked with --wrap for _Exit, fopen and fclose: the tool's own calls of them come here. */
#define _POSIX_C_SOURCE 200809L
#include "contained.h"

#include <setjmp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MOST = 8, BLOCKS_MOST = 1 << 15, DESCRIPTORS_MOST = 8 };

_Noreturn void __wrap__Exit(int status);
_Noreturn void __real__Exit(int status);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
int __wrap_fclose(FILE *file);
int __real_fclose(FILE *file);

static jmp_buf way_out;
static volatile int inside;
static FILE *files[FILES_MOST];

/* libFuzzer's own ends have larger numbers. */
_Noreturn void __wrap__Exit(int status)
{
    enum { EXIT_MOST = 2 };
    if (inside && status <= EXIT_MOST)
        longjmp(way_out, status + 1);
    __real__Exit(status);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    FILE *file = __real_fopen(path, mode);
    for (size_t i = 0; inside && file != NULL && i < FILES_MOST; i++) {
        if (files[i] == NULL) {
            files[i] = file;
            break;
        }
    }
    return file;
}

int __wrap_fclose(FILE *file)
{
    for (size_t i = 0; i < FILES_MOST; i++)
        if (files[i] == file)
            files[i] = NULL;
    return __real_fclose(file);
}

/* ---- memory: a command that ends leaves it to the system, so that here it would pile up. Sanitizers tell of it. ----
 */

int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
                                              void (*released)(const volatile void *)) __attribute__((weak));

static void *blocks[BLOCKS_MOST]; /* by address, the next free place if that is taken */

static size_t place_of(const volatile void *block)
{
    return (size_t)((uintptr_t)block / 16 * UINT64_C(0x9e3779b97f4a7c15) >> 32) % BLOCKS_MOST;
}

static void note_block(const volatile void *block, size_t size)
{
    (void)size;
    size_t at = place_of(block);
    for (size_t tries = 0; inside && block != NULL && tries < BLOCKS_MOST; tries++, at = (at + 1) % BLOCKS_MOST) {
        if (blocks[at] == NULL) {
            blocks[at] = (void *)(uintptr_t)block;
            break;
        }
    }
}

/* Those behind it move up, so that no search ends too early. */
static void forget_block(const volatile void *block)
{
    size_t at = place_of(block);
    for (size_t tries = 0; blocks[at] != NULL && blocks[at] != block; at = (at + 1) % BLOCKS_MOST)
        if (++tries == BLOCKS_MOST)
            return;
    if (blocks[at] == NULL)
        return;
    blocks[at] = NULL;
    for (size_t next = (at + 1) % BLOCKS_MOST; blocks[next] != NULL; next = (next + 1) % BLOCKS_MOST) {
        size_t home = place_of(blocks[next]);
        int stays = at < next ? home > at && home <= next : home > at || home <= next;
        if (!stays) {
            blocks[at] = blocks[next];
            blocks[next] = NULL;
            at = next;
        }
    }
}

/* What a command that ended had open and allocated. */
static void release_all(int first_descriptor)
{
    for (size_t i = 0; i < FILES_MOST; i++) {
        if (files[i] != NULL)
            __real_fclose(files[i]);
        files[i] = NULL;
    }
    for (int i = 0; i < DESCRIPTORS_MOST; i++)
        close(first_descriptor + i);
    for (size_t i = 0; i < BLOCKS_MOST; i++)
        while (blocks[i] != NULL) {
            void *block = blocks[i];
            forget_block(block);
            free(block);
        }
}

int contained(void (*run)(void *with), void *with, char *said, size_t size)
{
    static int begun;
    FILE *standard = stderr, *memory = fmemopen(said, size, "w");
    int first_descriptor = dup(0);
    FUZZ_CHECK(memory != NULL && first_descriptor >= 0);
    close(first_descriptor);
    if (!begun && setenv("TZ", "UTC", 1) == 0)
        tzset(); /* libzip asks for it; the memory that the C library takes then is its own for ever */
    if (!begun && __sanitizer_install_malloc_and_free_hooks != NULL)
        __sanitizer_install_malloc_and_free_hooks(note_block, forget_block);
    begun = 1;
    setvbuf(memory, NULL, _IONBF, 0);
    stderr = memory;
    memset(blocks, 0, sizeof blocks);
    int status = setjmp(way_out);
    if (status == 0) {
        inside = 1;
        run(with);
    }
    inside = 0;
    stderr = standard;
    fclose(memory);
    if (status != 0)
        release_all(first_descriptor);
    return status - 1;
}
