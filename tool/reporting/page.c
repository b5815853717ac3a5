#include "reporting/page.h"

#include "reporting/escape.h"

#include "common/text.h"

#include <stdarg.h>
#include <stdlib.h>

/* Sizes follow the reader's own; the widest line of text has some 75 characters. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c1d20;--soft:#5c6068;--line:#dcdde0;--card:#fff;"
    "--accent:#0072b2}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#15161a;--ink:#e4e5e8;--soft:#9da2ab;--line:#33353c;"
    "--card:#15161a;--accent:#6cb6e8}.plot img{filter:invert(.915) hue-rotate(180deg)}}\n"
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;max-width:62rem;padding:1.2rem 1rem 4rem;background:var(--paper);color:var(--ink);"
    "font:1rem/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",\"DejaVu Sans\",sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:.6rem 0 .4rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.25rem;margin:2.6rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}\n"
    "h3{font-size:1rem;margin:1.6rem 0 .4rem}\n"
    "p{margin:.5rem 0;max-width:44rem;overflow-wrap:anywhere}\n"
    "figure{margin:1rem 0;overflow-x:auto}\n"
    "figure img{display:block;max-width:100%;height:auto;border-radius:4px}\n"
    ".wide img{max-width:max(100%,34rem)}\n"
    "figcaption{color:var(--soft);font-size:.875rem;margin-top:.35rem;max-width:44rem;position:sticky;left:0;"
    "overflow-wrap:anywhere}\n"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.2rem 1rem}\n"
    ".grid figure{margin:.4rem 0}.grid img{width:100%}\n"
    "div.table{overflow-x:auto;margin:.8rem 0}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.28rem .9rem .28rem 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}\n"
    "th{font-weight:600;color:var(--soft);white-space:normal;max-width:11rem;overflow-wrap:anywhere}\n"
    "th:first-child,td:first-child{text-align:left;white-space:normal;min-width:7rem;max-width:22rem;"
    "overflow-wrap:anywhere}\n"
    "dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.3rem 1.2rem;margin:.8rem 0;"
    "font-size:.95rem}\n"
    "dt{color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}\n"
    "code{font:.88em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
    "@media(max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}"
    "th,td{padding-right:.7rem;white-space:normal}table{font-size:.84rem}}\n";

void page_begin(FILE *to, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';img-src data:;"
          "style-src 'unsafe-inline'\">\n<title>",
          to);
    escape_text(to, title);
    fprintf(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
    escape_text(to, title);
    fputs("</h1>\n", to);
}

void page_end(FILE *to)
{
    fputs("</body>\n</html>\n", to);
}

static void put_element(FILE *to, const char *name, const char *text)
{
    fprintf(to, "<%s>", name);
    escape_text(to, text);
    fprintf(to, "</%s>\n", name);
}

void page_section(FILE *to, const char *heading)
{
    put_element(to, "h2", heading);
}

void page_heading(FILE *to, const char *heading)
{
    put_element(to, "h3", heading);
}

void page_text(FILE *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = text_format_list(format, arguments);
    va_end(arguments);
    put_element(to, "p", text);
    free(text);
}

void page_figure(FILE *to, cairo_t *sheet, page_picture how, const char *alternative, const char *caption)
{
    static const char *const classes[] = {"image", "plot", "plot wide"};
    double scale_x = 1, scale_y = 1;
    size_t size;
    cairo_user_to_device_distance(sheet, &scale_x, &scale_y);
    const int wide = (int)(cairo_image_surface_get_width(cairo_get_target(sheet)) / scale_x),
              high = (int)(cairo_image_surface_get_height(cairo_get_target(sheet)) / scale_y);
    unsigned char *png = canvas_png(sheet, &size);
    fprintf(to, "<figure class=\"%s\"><img width=\"%d\" height=\"%d\" alt=\"", classes[how], wide, high);
    escape_text(to, alternative);
    fputs("\" src=\"data:image/png;base64,", to);
    escape_base64(to, png, size);
    fputs("\">", to);
    if (caption != NULL) {
        fputs("<figcaption>", to);
        escape_text(to, caption);
        fputs("</figcaption>", to);
    }
    fputs("</figure>\n", to);
    free(png);
}

void page_grid_begin(FILE *to)
{
    fputs("<div class=\"grid\">\n", to);
}

void page_grid_end(FILE *to)
{
    fputs("</div>\n", to);
}

static void put_cells(FILE *to, const char *name, const char *const *cells)
{
    fputs("<tr>", to);
    for (; *cells != NULL; cells++) {
        fprintf(to, "<%s>", name);
        escape_text(to, *cells);
        fprintf(to, "</%s>", name);
    }
    fputs("</tr>\n", to);
}

void page_table_begin(FILE *to, const char *const *head)
{
    fputs("<div class=\"table\"><table>\n<thead>", to);
    put_cells(to, "th", head);
    fputs("</thead>\n<tbody>\n", to);
}

void page_row(FILE *to, const char *const *cells)
{
    put_cells(to, "td", cells);
}

void page_table_end(FILE *to)
{
    fputs("</tbody>\n</table></div>\n", to);
}

void page_facts_begin(FILE *to)
{
    fputs("<dl>\n", to);
}

void page_fact(FILE *to, const char *name, const char *value, int code)
{
    if (value == NULL)
        return;
    fputs("<dt>", to);
    escape_text(to, name);
    fputs(code ? "</dt><dd><code>" : "</dt><dd>", to);
    escape_text(to, value);
    fputs(code ? "</code></dd>\n" : "</dd>\n", to);
}

void page_facts_end(FILE *to)
{
    fputs("</dl>\n", to);
}
