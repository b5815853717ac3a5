/* Pictures lie in the folder itself, or in folders within, a class each. */
#define _POSIX_C_SOURCE 200809L

#include "data/listing.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_picture(const char *name)
{
    static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pgm", ".ppm", ".pnm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (name[0] != '.' && text_ends_with(name, suffixes[i]))
            return 1;
    }
    return 0;
}

/* By bytes, whatever the locale: the order of the samples is part of what "same data" means. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_folder(const char *path, const char *name)
{
    struct stat about;
    char *whole = text_format("%s/%s", path, name);
    int is = stat(whole, &about) == 0 && S_ISDIR(about.st_mode);
    free(whole);
    return is;
}

static const char folder_kind[] = "folder";

/* Of what is no picture. */
static char *kind_of(const char *path, const char *name)
{
    const char *dot = strrchr(name, '.');
    if (name[0] == '.')
        return text_format("hidden");
    if (is_folder(path, name))
        return text_format("%s", folder_kind);
    return dot != NULL ? text_format("%.12s", dot) : text_format("without an ending");
}

/* Of a pipe nobody may ever write into, it would wait for ever. */
static void check_file(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        fail("%s: a pipe or a device, expected a file among those of a folder", path);
}

/* Where entries of a kind are counted: with their own, with all further kinds, or, of kind NULL yet, at the end. */
static left_out *find_kind(listing *list, const char *kind)
{
    size_t i = 0;
    while (i < LISTING_KINDS && list->left[i].kind != NULL && strcmp(list->left[i].kind, kind) != 0)
        i++;
    return &list->left[i];
}

/* Takes the text. */
static void leave_out(listing *list, char *kind)
{
    left_out *as = find_kind(list, kind);
    if (as->kind == NULL)
        as->kind = text_format("%s", as < &list->left[LISTING_KINDS] ? kind : "of other kinds");
    as->count++;
    list->left_count++;
    free(kind);
}

static void list_pictures(listing *out, const char *path)
{
    struct dirent **entries;
    int found = scandir(path, &entries, NULL, by_name);
    if (found < 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        if (is_picture(name)) {
            out->pictures = grow(out->pictures, &out->capacity, out->count + 1, sizeof *out->pictures);
            out->pictures[out->count] = text_format("%s/%s", path, name);
            check_file(out->pictures[out->count++]);
        } else if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            leave_out(out, kind_of(path, name));
        }
        free(entries[i]);
    }
    free(entries);
}

/* One of the folders left out is left out no more. */
static void take_folder(listing *list)
{
    left_out *as = find_kind(list, folder_kind);
    if (as->count > 0) { /* it may have been made just now */
        as->count--;
        list->left_count--;
    }
}

/* Each folder within that holds pictures is a class. */
static void list_classes(listing *out, const char *path)
{
    struct dirent **entries;
    size_t room = 0, ends_room = 0;
    int found = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        size_t before = out->count;
        char *within = text_format("%s/%s", path, name);
        if (name[0] != '.' && is_folder(path, name))
            list_pictures(out, within);
        if (out->count > before) {
            take_folder(out);
            out->classes = grow(out->classes, &room, out->class_count + 1, sizeof *out->classes);
            out->ends = grow(out->ends, &ends_room, out->class_count + 1, sizeof *out->ends);
            out->classes[out->class_count] = text_format("%s", name);
            out->ends[out->class_count++] = out->count;
        }
        free(within);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
}

/* "3 .webp, 1 folder, 2 hidden"; in the order of the first of each; freed by free(). */
static char *left_out_text(const listing *list)
{
    char *text = text_format("%s", "");
    for (size_t i = 0; i <= LISTING_KINDS && list->left[i].kind != NULL; i++)
        if (list->left[i].count > 0)
            text_append(&text, "%s%zu %s", *text != '\0' ? ", " : "", list->left[i].count, list->left[i].kind);
    return text;
}

static void say_left_out(const listing *list, const char *path)
{
    char *left = left_out_text(list);
    if (list->count == 0)
        fail("%s: holds no PNG, JPEG, PGM or PPM images, nor folders of them%s%s", path,
             list->left_count > 0 ? ", but " : "", left);
    if (list->left_count > 0)
        note("%s: %zu images are read, what else is there is not: %s", path, list->count, left);
    free(left);
}

void listing_read(listing *out, const char *path)
{
    *out = (listing){0};
    list_pictures(out, path);
    if (out->count == 0)
        list_classes(out, path);
    say_left_out(out, path);
}

static void release_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void listing_release(listing *list)
{
    release_texts(list->pictures, list->count);
    for (size_t i = 0; i <= LISTING_KINDS; i++)
        free(list->left[i].kind);
    release_texts(list->classes, list->class_count);
    free(list->ends);
}
