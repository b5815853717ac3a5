#define _POSIX_C_SOURCE 200809L
#include "tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(int good, const char *what)
{
    if (!good) {
        perror(what);
        abort();
    }
}

static int is_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void read_bytes(tree_file *out)
{
    struct stat about;
    FILE *file = fopen(out->name, "rb");
    must(file != NULL && stat(out->name, &about) == 0, out->name);
    out->size = (size_t)about.st_size;
    out->bytes = malloc(out->size + 1);
    must(out->bytes != NULL && fread(out->bytes, 1, out->size, file) == out->size, out->name);
    fclose(file);
}

static void read_below(tree *out, const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, is_name, alphasort);
    must(count >= 0, folder);
    for (int i = 0; i < count; i++) {
        struct stat about;
        must(out->count < TREE_FILES, "too many files");
        tree_file *file = &out->files[out->count++];
        memset(file, 0, sizeof *file);
        int length = snprintf(file->name, TREE_NAME, "%s/%s", folder, names[i]->d_name);
        must(length < TREE_NAME && stat(file->name, &about) == 0, file->name);
        file->is_folder = S_ISDIR(about.st_mode);
        if (file->is_folder)
            read_below(out, file->name);
        else
            read_bytes(file);
        free(names[i]);
    }
    free(names);
}

void tree_read(tree *out)
{
    out->count = 0;
    read_below(out, ".");
}

void tree_write(const tree *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const tree_file *file = &from->files[i];
        if (file->is_folder) {
            must(mkdir(file->name, 0777) == 0, file->name);
            continue;
        }
        FILE *stream = fopen(file->name, "wb");
        must(stream != NULL && fwrite(file->bytes, 1, file->size, stream) == file->size, file->name);
        must(fclose(stream) == 0, file->name);
    }
}

void tree_release(tree *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->files[i].bytes);
    self->count = 0;
}

void tree_remove(void)
{
    tree now;
    tree_read(&now);
    for (size_t i = now.count; i-- > 0;)
        must(remove(now.files[i].name) == 0, now.files[i].name);
    tree_release(&now);
}

const tree_file *tree_find(const tree *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->files[i].name, name) == 0)
            return &self->files[i];
    return NULL;
}

int tree_same(const tree_file *a, const tree_file *b)
{
    if (a == NULL || b == NULL || a->is_folder != b->is_folder)
        return 0;
    return a->is_folder || (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0);
}
