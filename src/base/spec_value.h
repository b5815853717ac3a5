/* One value of a spec: reading, writing and describing it by its type. Used by spec.c alone. */
#ifndef BASE_SPEC_VALUE_H
#define BASE_SPEC_VALUE_H

#include "base/spec_key.h"
#include "base/text.h"

#include <diffusion/status.h>

diffusion_status spec_value_parse(const char *object, const spec_key *key, const char *value, size_t length,
                                  void *options);
void spec_value_format(text_buffer *out, const spec_key *key, const void *options);
void spec_value_help(text_buffer *out, const spec_key *key);
int spec_value_is_empty(const spec_key *key, const void *options); /* a list or shape that was not given */
void spec_value_clear(const spec_key *key, void *options);
void spec_value_release(const spec_key *key, void *options);

#endif
