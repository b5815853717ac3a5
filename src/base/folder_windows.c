#include "base/folder.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide_windows.h"

#include <string.h>

/* `name` within the folder. */
static diffusion_status within(wchar_t **out, const char *path, const char *name)
{
    const size_t length = strlen(path), size = strlen(name) + 1;
    char *joined = memory_allocate(length + 1 + size, 1);
    if (joined == NULL)
        return DIFFUSION_E_MEMORY;
    memcpy(joined, path, length);
    joined[length] = '/';
    memcpy(joined + length + 1, name, size);
    diffusion_status status = wide_path(out, joined);
    memory_release(joined);
    return status;
}

static diffusion_status visit_wide(const wchar_t *wide, folder_visit *visit, void *user)
{
    char *name = wide_text(wide);
    diffusion_status status = name != NULL ? visit(name, user) : DIFFUSION_E_MEMORY;
    memory_release(name);
    return status;
}

diffusion_status folder_each(const char *path, folder_visit *visit, void *user)
{
    WIN32_FIND_DATAW entry;
    wchar_t *all = NULL;
    diffusion_status status = within(&all, path, "*");
    if (status != DIFFUSION_OK)
        return status;
    const HANDLE search = FindFirstFileW(all, &entry);
    if (search == INVALID_HANDLE_VALUE)
        status = wide_failure("open", path, GetLastError());
    memory_release(all);
    if (search == INVALID_HANDLE_VALUE)
        return status;
    do
        status = visit_wide(entry.cFileName, visit, user);
    while (status == DIFFUSION_OK && FindNextFileW(search, &entry));
    FindClose(search);
    return status;
}

/* A file in it that nobody else may open, and that goes with the process. */
diffusion_status folder_take(folder_hold *out, const char *path)
{
    wchar_t *name = NULL;
    diffusion_status status = within(&name, path, ".diffusion.lock");
    if (status != DIFFUSION_OK)
        return status;
    const HANDLE lock =
        CreateFileW(name, GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    const DWORD error = lock != INVALID_HANDLE_VALUE ? ERROR_SUCCESS : GetLastError();
    memory_release(name);
    if (error == ERROR_SHARING_VIOLATION)
        return error_set(DIFFUSION_E_IO, "%s: another is writing it", path);
    out->folder = error == ERROR_SUCCESS ? lock : NULL;
    return DIFFUSION_OK;
}

void folder_release(folder_hold *self)
{
    if (self->folder != NULL)
        CloseHandle(self->folder);
    self->folder = NULL;
}
