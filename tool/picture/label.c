/* Text with indices and exponents, which cairo's plain text has not. cairo draws nothing more after a text that is not
 * UTF-8, so what reaches it is made of whole characters here, whoever wrote the text. */
#include "picture/canvas.h"

#include "common/utf8.h"

#include <string.h>

typedef struct run {
    char text[128];
    double shift; /* of the baseline, in parts of the size; down is positive */
    double size;  /* in parts of the size */
} run;

/* The next stretch of even height; 0 at the end. */
static int next_run(run *out, const char **text)
{
    const char *at = *text;
    char *end = out->text;
    if (*at == '\0')
        return 0;
    int low = strncmp(at, "_{", 2) == 0, high = strncmp(at, "^{", 2) == 0;
    at += low || high ? 2 : 0;
    while (*at != '\0' && end + UTF8_MOST < out->text + sizeof out->text) {
        int begins = (*at == '_' || *at == '^') && at[1] == '{';
        if (low || high ? *at == '}' : begins)
            break;
        end += utf8_copy(end, &at);
    }
    *end = '\0';
    out->shift = low ? 0.22 : high ? -0.38 : 0;
    out->size = low || high ? 0.72 : 1;
    *text = at + ((low || high) && *at == '}');
    return 1;
}

double label_width(cairo_t *cr, double size, const char *text)
{
    double width = 0;
    run part;
    while (next_run(&part, &text)) {
        cairo_text_extents_t extents;
        cairo_set_font_size(cr, size * part.size);
        cairo_text_extents(cr, part.text, &extents);
        width += extents.x_advance;
    }
    return width;
}

void label_draw(cairo_t *cr, double x, double y, double size, label_side side, const char *text)
{
    double width = label_width(cr, size, text);
    x -= side == LABEL_CENTRE ? width / 2 : side == LABEL_RIGHT ? width : 0;
    run part;
    while (next_run(&part, &text)) {
        cairo_text_extents_t extents;
        cairo_set_font_size(cr, size * part.size);
        cairo_text_extents(cr, part.text, &extents);
        cairo_move_to(cr, x, y + part.shift * size);
        cairo_show_text(cr, part.text);
        x += extents.x_advance;
    }
    cairo_new_path(cr);
}

void label_draw_upwards(cairo_t *cr, double x, double y, double size, const char *text)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, -1.57079632679489661923);
    label_draw(cr, 0, 0, size, LABEL_CENTRE, text);
    cairo_restore(cr);
}
