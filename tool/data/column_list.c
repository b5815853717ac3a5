#include "data/column_list.h"

#include "common/note.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *column_text(size_t number, const char *name)
{
    char *text = text_format("column %zu", number);
    if (name != NULL)
        text_append(&text, " (%.60s)", name);
    return text;
}

void column_list_add(column_list *list, size_t number, const char *name)
{
    enum { NAMED_MOST = 8 };
    char *column = column_text(number, name);
    if (list->text == NULL)
        list->text = text_format("%s", column);
    else if (list->count < NAMED_MOST)
        text_append(&list->text, ", %s", column + strlen("column "));
    else if (list->count == NAMED_MOST)
        text_append(&list->text, ", …");
    list->count++;
    free(column);
}

void column_list_say(column_list *list, const char *path, const char *what)
{
    if (list->count > 0)
        note("%s: column%s%s: %s", path, list->count > 1 ? "s" : "", list->text + strlen("column"), what);
    free(list->text);
    *list = (column_list){0};
}
