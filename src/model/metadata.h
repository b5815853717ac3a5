/* Texts by key, stored with a model. */
#ifndef MODEL_METADATA_H
#define MODEL_METADATA_H

#include <diffusion/status.h>

typedef struct metadata_pair {
    char *key, *value;
} metadata_pair;

/* Kept in the order of the keys' bytes, so that a file does not depend on the order of the calls. */
typedef struct metadata {
    metadata_pair *pairs;
    size_t count, capacity;
} metadata;

const char *metadata_get(const metadata *texts, const char *key); /* NULL if there is none */
diffusion_status metadata_set(metadata *texts, const char *key, const char *value /* NULL removes */);
diffusion_status metadata_copy(metadata *to, const metadata *from); /* `to` is empty */
void metadata_release(metadata *texts);

/* Whether a key is the library's own. */
int metadata_is_reserved(const char *key);

#endif
