/* A self-contained page of HTML: no script, nothing from elsewhere, every text escaped. */
#ifndef REPORTING_PAGE_H
#define REPORTING_PAGE_H

#include "picture/canvas.h"

#include <stdio.h>

void page_begin(FILE *to, const char *title);
void page_end(FILE *to);

/* Opens a section, which ends where the next begins. */
void page_section(FILE *to, const char *heading);

/* A smaller heading within it. */
void page_heading(FILE *to, const char *heading);

/* A paragraph. */
void page_text(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How a picture is shown. */
typedef enum page_picture {
    PAGE_IMAGE, /* as it is */
    PAGE_PLOT,  /* turned to light on dark where the reader's screen is */
    PAGE_WIDE,  /* likewise, and not narrower than can be read: it scrolls */
} page_picture;

/* A picture, which is released, as wide as it was drawn and never wider than the page. */
void page_figure(FILE *to, cairo_t *sheet, page_picture how, const char *alternative, const char *caption);

/* Figures between these stand side by side where there is room. */
void page_grid_begin(FILE *to);
void page_grid_end(FILE *to);

/* A table: its head, then rows of as many cells, all but the first to the right; NULL ends the cells. */
void page_table_begin(FILE *to, const char *const *head);
void page_row(FILE *to, const char *const *cells);
void page_table_end(FILE *to);

/* A list of names and what they are; `code` is text of a program. */
void page_facts_begin(FILE *to);
void page_fact(FILE *to, const char *name, const char *value, int code);
void page_facts_end(FILE *to);

#endif
