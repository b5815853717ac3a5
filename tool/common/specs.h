/* Specs as the command sees them: text of key=value pairs to look into and to complete. The library gives
 * them their meaning. */
#ifndef COMMON_SPECS_H
#define COMMON_SPECS_H

/* The value of a key, or NULL; freed by free(). */
char *spec_value(const char *spec, const char *key);

/* The spec with those pairs of `standards` ("key=value key=value") whose key it lacks; freed by free(). */
char *spec_complete(const char *spec, const char *standards);

/* The spec with the pair in place of the one it may have; freed by free(). */
char *spec_replace(const char *spec, const char *key, const char *value);

/* Whether the key has one of two values. */
int spec_is(const char *spec, const char *key, const char *first, const char *second);

/* Whether a schedule's complete spec names the binomial kernel. */
int spec_is_binomial(const char *schedule_spec);

#endif
