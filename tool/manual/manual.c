#include "manual/manual.h"

#include "common/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Text as it is: no request, no escape, and hyphens that can be copied. */
static void put_text(const char *text, size_t length)
{
    int begins = 1;
    for (size_t i = 0; i < length; i++) {
        if (begins && (text[i] == '.' || text[i] == '\''))
            fputs("\\&", stdout);
        begins = text[i] == '\n';
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(text[i]);
    }
}

static void put_line(const char *text)
{
    put_text(text, strlen(text));
    putchar('\n');
}

/* Words, two blanks or more, and what they mean. */
static int is_table_row(const char *text, size_t length)
{
    for (size_t i = 1; i + 1 < length; i++)
        if (text[i] == ' ' && text[i + 1] == ' ')
            return 1;
    return 0;
}

/* A sentence a line, as mdoc wants it. */
static void put_sentences(const char *text, size_t length)
{
    const char *end = text + length;
    for (const char *at = text; at + 1 < end; at++)
        if (*at == '.' && at[1] == ' ') {
            put_text(text, (size_t)(at + 1 - text));
            putchar('\n');
            text = at + 2;
        }
    put_text(text, (size_t)(end - text));
    putchar('\n');
}

/* Text that is broken anywhere; an empty line begins a paragraph, rows of a table stay as they are. */
static void put_paragraphs(const char *text)
{
    int in_table = 0;
    for (size_t length; *text != '\0'; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        const int row = length > 0 && (in_table || is_table_row(text, length));
        if (row != in_table)
            puts(row ? ".Bd -literal" : ".Ed");
        in_table = row;
        if (row) {
            put_text(text, length);
            putchar('\n');
        } else if (length > 0) {
            put_sentences(text, length);
        } else if (!is_table_row(text + 1, strcspn(text + 1, "\n"))) {
            puts(".Pp");
        }
    }
    if (in_table)
        puts(".Ed");
}

/* As one argument of a request. */
static void put_word(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputs("\\(dq", stdout);
        else if (*text == ' ')
            fputs("\\ ", stdout);
        else
            put_text(text, 1);
    }
}

static void put_option(const struct poptOption *option)
{
    fputs(".It", stdout);
    if (option->shortName != '\0')
        printf(" Fl %c ,", option->shortName);
    fputs(" Fl Fl ", stdout);
    put_text(option->longName, strlen(option->longName));
    if (option->argDescrip != NULL) {
        fputs(" Ar \\&", stdout);
        put_word(option->argDescrip);
    }
    putchar('\n');
    put_paragraphs(option->descrip);
}

static const char endings[] =
    ".Sh EXIT STATUS\n"
    "0 if the work is done, 1 if it could not be done, 2 if the command line is wrong, 128 + n if signal n ended it.\n";

static void put_page(const command_page *page, const struct poptOption *table, void *user)
{
    const command *of = user;
    printf(".\\\" Made by diffusion help --man %s: change its table instead.\n", page->name);
    fputs(".Dd November 26, 2026\n.Dt DIFFUSION-", stdout);
    for (const char *c = page->name; *c != '\0'; c++)
        putchar(toupper((unsigned char)*c));
    printf(" 1\n.Os\n.Sh NAME\n.Nm diffusion-%s\n.Nd ", page->name);
    put_line(of->about);
    printf(".Sh SYNOPSIS\n.Nm diffusion Cm %s ", page->name);
    put_line(page->synopsis);
    puts(".Sh DESCRIPTION");
    put_paragraphs(page->about);
    printf(".Pp\n.Xr diffusion 1 ,\nunder\n.Cm %s ,\nhas the details.\n", page->name);
    puts(".Sh OPTIONS\n.Bl -tag -width Ds");
    for (const struct poptOption *option = table; option->longName != NULL; option++)
        put_option(option);
    puts(".El");
    fputs(endings, stdout);
    puts(".Sh EXAMPLES\n.Bd -literal");
    put_text(page->examples, strlen(page->examples));
    puts(".Ed\n.Sh SEE ALSO\n.Xr diffusion 1");
}

void manual_print(const command *of)
{
    command copy = *of;
    options_visit(of->run, put_page, &copy);
}
