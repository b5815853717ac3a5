/* What a file is, by its first bytes. */
#ifndef COMMON_KIND_H
#define COMMON_KIND_H

/* NULL if what stands at `path` may be replaced by a file of the kind that its name says: nothing, next to nothing, or
 * one of that kind. Else what it is, in words; freed by free(). */
char *kind_in_the_way(const char *path);

#endif
