/* The name that somebody who mistyped probably meant. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* The closest of `names` by edit distance, NULL if none is near (over a third of the word, at least 2, would change).
 */
const char *nearest_name(const char *word, size_t length, const char *const *names, size_t count);

#endif
