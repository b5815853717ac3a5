/* What a folder holds, in memory: to be put there again, and compared with. */
#ifndef FILE_TREE_H
#define FILE_TREE_H

#include <stddef.h>

enum { TREE_FILES = 32, TREE_NAME = 256 };

typedef struct tree_file {
    char name[TREE_NAME]; /* from the folder on */
    int is_folder;
    unsigned char *bytes;
    size_t size;
} tree_file;

typedef struct tree {
    tree_file files[TREE_FILES]; /* a folder before what is in it */
    size_t count;
} tree;

/* The working directory's; any failure ends the process. */
void tree_read(tree *out);
void tree_write(const tree *from);
void tree_release(tree *self);

/* Empties the working directory. */
void tree_remove(void);

const tree_file *tree_find(const tree *self, const char *name);

/* Whether both are folders, or files of the same bytes. */
int tree_same(const tree_file *a, const tree_file *b);

#endif
