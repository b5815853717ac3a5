#include "base/nearest.h"

#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, one row of the table at a time. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_length];
}

const char *nearest_name(const char *word, size_t length, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t limit = length / 3 > 2 ? length / 3 : 2;
    for (size_t i = 0; i < count && length <= LONGEST; i++) {
        size_t name_length = strlen(names[i]);
        if (name_length > LONGEST)
            continue;
        size_t distance = edit_distance(word, length, names[i], name_length);
        if (distance <= limit && distance < name_length) {
            nearest = names[i];
            limit = distance > 0 ? distance - 1 : 0;
        }
    }
    return nearest;
}
