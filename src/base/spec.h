/* Specs: "kind key=value …" read into a struct, by a table that also writes the canonical text and the help. */
#ifndef BASE_SPEC_H
#define BASE_SPEC_H

#include "base/spec_key.h"

#include <diffusion/status.h>

typedef struct spec_kind {
    const char *name;
    const char *help;
    const spec_key *keys; /* of this kind alone */
    size_t key_count;
} spec_kind;

/* The kinds of a grammar by number, NULL past the last: the rows of a table whose classes hold their spec_kind. */
typedef const spec_kind *spec_kind_at_fn(size_t index);

typedef struct spec_grammar {
    const char *object;       /* begins every sentence: "schedule" */
    spec_kind_at_fn *kind_at; /* a spec begins with one of them; NULL: a spec is keys alone */
    const spec_key *keys;     /* of every kind */
    size_t key_count;
} spec_grammar;

/* The first member of an options struct with kinds: the named kind's own options, from which its keys' offsets count.
 */
typedef union spec_own {
    max_align_t alignment;
    unsigned char bytes[512];
} spec_own;
#define SPEC_OWN(type) _Static_assert(sizeof(type) <= sizeof(spec_own), "a kind's options fit spec_own")

#define SPEC_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Fills `options` (which need not be initialised) and *kind (an index; may be NULL where there are no kinds) from
 * `text`; NULL reads as "". A key is refused that plays no part beside the others (spec_key.h). On failure nothing is
 * left to release. */
typedef diffusion_status spec_parse_fn(const spec_grammar *grammar, const char *text, void *options, size_t *kind);
spec_parse_fn spec_parse;

/* The same of a spec that a file keeps: a key that plays no part is let be, as it may be an earlier version's default.
 */
spec_parse_fn spec_parse_stored;

/* Releases the lists that spec_parse() made in `options`. */
void spec_release(const spec_grammar *grammar, size_t kind, void *options);

/* The complete text, every key spelled out (empty lists left out); NULL with the sentence set if memory runs out. */
char *spec_format(const spec_grammar *grammar, size_t kind, const void *options);

/* The value of a key in a spec's text: where it begins, and its length; 0 if the text lacks the key. */
int spec_find(const char *text, const char *key, const char **value, size_t *length);

/* The help text; NULL with the sentence set if memory runs out. */
char *spec_help(const spec_grammar *grammar);

#endif
