/* Whether two paths name one file. */
#ifndef COMMON_SAME_FILE_H
#define COMMON_SAME_FILE_H

/* Links are followed; 0 also where either is not there. */
int same_file(const char *a, const char *b);

#endif
