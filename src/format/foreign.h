/* Files of other kinds, known by their first bytes: so that a sentence can say what was given in place of safetensors.
 */
#ifndef FORMAT_FOREIGN_H
#define FORMAT_FOREIGN_H

#include <stddef.h>

enum { FOREIGN_HEAD = 512 }; /* bytes worth looking at */

/* What a file is that begins so, in words, with what to do about it; NULL if that is not known. */
const char *foreign_kind(const unsigned char *head, size_t size);

#endif
