/* Typed access to a diffusers configuration, a JSON object whose keys may be missing: then diffusers' own default
 * holds. The first failure is kept, and what is asked after it changes nothing. */
#ifndef INTEROP_DIFFUSERS_CONFIG_H
#define INTEROP_DIFFUSERS_CONFIG_H

#include "base/printf_like.h"
#include "format/json.h"

typedef struct config {
    const json_value *json;
    const char *path; /* begins every sentence */
    diffusion_status status;
} config;

/* A key that is allowed certain values alone, as JSON with | between them; all mean that nothing unusual happens. */
typedef struct config_plain {
    const char *key, *values;
} config_plain;

/* A whole number, however it is written: 32.0 is one; 0 if it is none. */
int config_whole(int64_t *out, const json_value *value);

int64_t config_integer(config *from, const char *key, int64_t standard, int64_t least, int64_t most);
double config_real(config *from, const char *key, double standard, double least, double most);
int config_flag(config *from, const char *key, int standard); /* null is false */

/* An index into `choices`, which ends with NULL; with `standard` -1 the key must be there. */
int config_choice(config *from, const char *key, const char *const *choices, int standard);

/* Whether a key is missing or null. */
int config_is_null(const config *from, const char *key);

void config_check_plain(config *from, const config_plain *table, size_t count);

/* Whether a value of the object needs no reader: its key is in one of both tables, begins with _ (diffusers' own
 * notes), or the value is null or false (an option that is not used). `known` ends with NULL. */
int config_is_noted(const json_value *value, const char *const *known, const config_plain *table, size_t count);

/* Refuses any other key by its name. */
void config_check_known(config *from, const char *const *known, const config_plain *table, size_t count);

/* Keeps the sentence "path: key=value, expected ..." for a value of the object, or for the item of an array in it. */
void config_refuse(config *from, const char *key, const json_value *value, const char *format, ...) PRINTF_LIKE(4, 5);

#endif
