#include "base/file_name.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static int ends_folder(char c)
{
#if defined(_WIN32)
    return c == '/' || c == '\\' || c == ':'; /* C:name is in the folder that is current on that drive */
#else
    return c == '/';
#endif
}

size_t file_name_folder_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && !ends_folder(path[length - 1]))
        length--;
    return length;
}

/* The slash at the end belongs to the name of a root alone, as a colon does. */
char *file_name_folder(const char *path)
{
    const size_t length = file_name_folder_length(path);
    char *folder = memory_text(length > 0 ? path : ".");
    if (folder != NULL && length > 0) {
        const int root = length == 1 || path[length - 1] == ':' || path[length - 2] == ':';
        folder[root ? length : length - 1] = '\0';
    }
    return folder;
}

char *file_name_part(const char *path, int number)
{
    enum { SUFFIX = 64, LONGEST = 120 }; /* encrypted folders take no more than 143 bytes */
    size_t folder = file_name_folder_length(path), kept = strlen(path);
    char hash[20] = "", count[16] = "";
    if (kept - folder > LONGEST) {
        kept = folder;
        snprintf(hash, sizeof hash, "%016llx",
                 (unsigned long long)hash_bytes(HASH_START, path + folder, strlen(path + folder)));
    }
    if (number > 0)
        snprintf(count, sizeof count, ".%d", number);
    char *name = memory_allocate(kept + SUFFIX, 1);
    if (name == NULL)
        return NULL;
    memcpy(name, path, kept);
    snprintf(name + kept, SUFFIX, "%s.diffusion%s.part", hash, count);
    return name;
}
