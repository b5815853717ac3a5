#include "base/file_link.h"

#include "base/memory.h"
#include "base/wide_windows.h"

/* GetFinalPathNameByHandleW() gives names that begin with \\?\. */
static diffusion_status follow(char **out, const char *path)
{
    enum { LONGEST = 32768 };
    const HANDLE handle = wide_open(path, 0);
    if (handle == INVALID_HANDLE_VALUE)
        return wide_failure("follow the link", path, GetLastError());
    wchar_t *name = memory_allocate(LONGEST, sizeof *name);
    diffusion_status status = name != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && GetFinalPathNameByHandleW(handle, name, LONGEST, FILE_NAME_NORMALIZED) == 0)
        status = wide_failure("follow the link", path, GetLastError());
    if (status == DIFFUSION_OK && (*out = wide_text(name)) == NULL)
        status = DIFFUSION_E_MEMORY;
    memory_release(name);
    CloseHandle(handle);
    return status;
}

diffusion_status file_link_target(char **out, const char *path)
{
    wchar_t *name = NULL;
    diffusion_status status = wide_path(&name, path);
    if (status != DIFFUSION_OK)
        return status;
    const DWORD attributes = GetFileAttributesW(name);
    memory_release(name);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return follow(out, path);
    *out = memory_text(path);
    return *out != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}
