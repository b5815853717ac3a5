/* Which columns of a text file are data. */
#include "data/csv.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A data frame's index, which has no name, or had none when the file was read and written again. */
static void drop_index(csv_columns *columns)
{
    if (columns->names == NULL || columns->count < 2 || columns->dropped[0] ||
        (*columns->names[0] != '\0' && strcmp(columns->names[0], "Unnamed: 0") != 0))
        return;
    columns->dropped[0] = 1;
    note("%s: the first column has no name: an index of rows, left out", columns->path);
}

static size_t drop_name(csv_columns *columns, const char *name)
{
    size_t found = 0;
    for (size_t j = 0; columns->names != NULL && j < columns->count; j++) {
        if (strcmp(columns->names[j], name) == 0) {
            columns->dropped[j] = 1;
            found++;
        }
    }
    return found;
}

/* "5" or "5-7", from 1. */
static size_t drop_range(csv_columns *columns, const char *range)
{
    int64_t first, last;
    char *start = text_format("%.*s", (int)strcspn(range, "-"), range);
    const char *end = range + strlen(start);
    int good = text_integer(&first, start, 1, (int64_t)columns->count);
    last = first;
    if (good && *end == '-')
        good = text_integer(&last, end + 1, first, (int64_t)columns->count);
    for (int64_t j = first; good && j <= last; j++)
        columns->dropped[j - 1] = 1;
    free(start);
    return good ? (size_t)(last - first + 1) : 0;
}

void csv_choose_columns(csv_columns *columns, const char *drop)
{
    columns->dropped = allocate(columns->count, 1);
    while (drop != NULL && *drop != '\0') {
        size_t length = strcspn(drop, ",");
        char *item = text_format("%.*s", (int)length, drop);
        if (drop_name(columns, item) == 0 && drop_range(columns, item) == 0)
            fail("%s: drop=%s: there is no column of that name, nor of that number in 1..%zu", columns->path, item,
                 columns->count);
        free(item);
        drop += length + (drop[length] == ',');
    }
    drop_index(columns);
    for (size_t j = 0; j < columns->count; j++)
        columns->kept += !columns->dropped[j];
    if (columns->kept == 0 && columns->count > 0)
        fail("%s: all of its %zu columns are to be left out", columns->path, columns->count);
}
