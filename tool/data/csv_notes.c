/* What of a text file is worth a word: numbers that may be none, and values that double does not hold. */
#include "data/column_list.h"
#include "data/csv.h"

#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void csv_notes_begin(csv_notes *out, const csv_columns *columns)
{
    *out = (csv_notes){.columns = columns, .zeros = allocate(columns->count, sizeof *out->zeros)};
}

void csv_notes_look(csv_notes *notes, size_t column, const char *field, double value)
{
    size_t mantissa = strcspn(field, "eE");
    notes->wide += fabs(value) >= 0x1p53 && field[mantissa] == '\0';
    notes->vanished += value == 0 && strcspn(field, "123456789") < mantissa;
    if (notes->zeros[column] == NULL && field[0] == '0' && isdigit((unsigned char)field[1]) &&
        strchr(field, '.') == NULL)
        notes->zeros[column] = text_format("%s", field);
}

static void list_column(column_list *list, const csv_columns *columns, size_t column)
{
    column_list_add(list, column + 1, columns->names != NULL ? columns->names[column] : NULL);
}

static void say_zeros(csv_notes *notes)
{
    column_list list = {0};
    char *what = text_format("%s", "");
    for (size_t j = 0; j < notes->columns->count; j++) {
        if (notes->zeros[j] == NULL)
            continue;
        if (list.count == 0)
            text_append(&what,
                        "leading zeros as in %.20s, which a number does not have: a code, taken for a quantity; --data "
                        "drop= leaves columns out",
                        notes->zeros[j]);
        list_column(&list, notes->columns, j);
        free(notes->zeros[j]);
    }
    column_list_say(&list, notes->columns->path, what);
    free(what);
    free(notes->zeros);
}

/* Whole numbers that rise with every row. */
static int counts_rows(const double *values, size_t count, size_t dim, size_t column)
{
    enum { FEW = 8 };
    for (size_t i = 0; i < count; i++) {
        double value = values[i * dim + column];
        if (value != floor(value) || (i > 0 && !(value > values[(i - 1) * dim + column])))
            return 0;
    }
    return count >= FEW && dim > 1;
}

static void say_counting(const csv_notes *notes, const double *values, size_t count)
{
    column_list list = {0};
    for (size_t i = 0, j = 0; i < notes->columns->count; i++) {
        if (!notes->columns->dropped[i] && counts_rows(values, count, notes->columns->kept, j++))
            list_column(&list, notes->columns, i);
    }
    column_list_say(
        &list, notes->columns->path,
        "whole numbers that rise with every row, as those of an index do, taken for a quantity; --data drop= "
        "leaves columns out");
}

static void say_count(const csv_notes *notes, size_t count, const char *what)
{
    if (count > 0)
        note("%s: %zu %s", notes->columns->path, count, what);
}

void csv_notes_say(csv_notes *notes, const double *values, size_t count)
{
    if (notes->skipped > 0)
        note("%s: %zu of %zu rows have missing values, and are left out", notes->columns->path, notes->skipped,
             notes->skipped + count);
    say_count(notes, notes->wide, "whole numbers beyond 2^53 are rounded to double");
    say_count(notes, notes->vanished, "numbers too near 0 for double are taken for 0");
    say_counting(notes, values, count);
    say_zeros(notes);
}
