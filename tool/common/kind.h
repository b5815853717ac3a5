/* What a file is, by its first bytes. */
#ifndef COMMON_KIND_H
#define COMMON_KIND_H

#include <stddef.h>

/* NULL if what stands at `path` may be replaced by a file of the kind that its name says: nothing, next to nothing, or
 * one of that kind. Else what it is, in words; freed by free(). */
char *kind_in_the_way(const char *path);

/* What begins with these bytes, in words such as "a WAV sound"; NULL if that is not known. */
const char *kind_name(const char *head, size_t size);

/* Whether there are no control characters but white space. */
int kind_is_text(const char *bytes, size_t size);

#endif
