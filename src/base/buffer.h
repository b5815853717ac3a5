/* Memory that is kept between calls and grows when a larger piece is asked for. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

typedef struct buffer {
    void *memory;
    size_t bytes;
} buffer;

/* At least count * size bytes, whose old content may be gone; NULL with the sentence set if memory runs out, and then
 * the buffer is as it was. */
void *buffer_reserve(buffer *self, size_t count, size_t size);

void buffer_release(buffer *self);

#endif
