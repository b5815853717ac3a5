/* Files as bytes, packed or not. */
#ifndef DATA_BYTES_H
#define DATA_BYTES_H

#include <stddef.h>

/* A file's bytes, unpacked if it is gzip, with a zero behind them; freed by free(). Ends the command if it cannot be
 * read. */
char *data_bytes(const char *path, size_t *size);

#endif
