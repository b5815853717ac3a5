#include "base/wide_windows.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* ---- names ---- */

static diffusion_status to_utf16(wchar_t **out, const char *path)
{
    const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, NULL, 0);
    if (length <= 0)
        return error_set(DIFFUSION_E_IO, "%s: the name is not UTF-8", path);
    wchar_t *name = memory_allocate((size_t)length, sizeof *name);
    if (name == NULL)
        return DIFFUSION_E_MEMORY;
    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, name, length);
    *out = name;
    return DIFFUSION_OK;
}

/* \\?\ lifts the limit on a name's length: \\?\C:\file, and \\?\UNC\server\share\file for \\server\share\file. */
static diffusion_status lift_limit(wchar_t **name, DWORD length)
{
    enum { ROOM = 8 }; /* for the prefix */
    wchar_t *full = memory_allocate(length + ROOM, sizeof *full);
    if (full == NULL)
        return DIFFUSION_E_MEMORY;
    wchar_t *at = full + ROOM;
    GetFullPathNameW(*name, length, at, NULL);
    if (wcsncmp(at, L"\\\\", 2) != 0)
        at = memcpy(at - 4, L"\\\\?\\", 4 * sizeof *at);
    else if (wcsncmp(at, L"\\\\?\\", 4) != 0 && wcsncmp(at, L"\\\\.\\", 4) != 0)
        at = memcpy(at - 6, L"\\\\?\\UNC", 7 * sizeof *at);
    memmove(full, at, (wcslen(at) + 1) * sizeof *at);
    memory_release(*name);
    *name = full;
    return DIFFUSION_OK;
}

diffusion_status wide_path(wchar_t **out, const char *path)
{
    enum { SHORT = MAX_PATH - 12 }; /* what any call takes as it is */
    wchar_t *name = NULL;
    diffusion_status status = to_utf16(&name, path);
    if (status != DIFFUSION_OK)
        return status;
    const DWORD length = GetFullPathNameW(name, 0, NULL, NULL);
    if (length > SHORT)
        status = lift_limit(&name, length);
    if (status == DIFFUSION_OK)
        *out = name;
    else
        memory_release(name);
    return status;
}

char *wide_text(const wchar_t *name)
{
    const int size = WideCharToMultiByte(CP_UTF8, 0, name, -1, NULL, 0, NULL, NULL);
    char *text = memory_allocate((size_t)size, 1);
    if (text != NULL)
        WideCharToMultiByte(CP_UTF8, 0, name, -1, text, size, NULL, NULL);
    return text;
}

/* ---- calls ---- */

diffusion_status wide_failure(const char *action, const char *path, DWORD error)
{
    wchar_t wide[256] = L"";
    char reason[3 * 256 + 1] = "";
    FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, wide,
                   sizeof wide / sizeof wide[0], NULL);
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, reason, sizeof reason, NULL, NULL);
    size_t length = strlen(reason);
    while (length > 0 && strchr("\r\n. ", reason[length - 1]) != NULL)
        reason[--length] = '\0';
    return error_set(DIFFUSION_E_IO, "%s: cannot %s: %s (error %lu)", path, action, reason, (unsigned long)error);
}

HANDLE wide_open(const char *path, DWORD access)
{
    wchar_t *name = NULL;
    if (wide_path(&name, path) != DIFFUSION_OK) {
        SetLastError(ERROR_NO_UNICODE_TRANSLATION);
        return INVALID_HANDLE_VALUE;
    }
    const HANDLE handle = CreateFileW(name, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                      OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS /* folders too */, NULL);
    const DWORD error = GetLastError();
    memory_release(name);
    SetLastError(error);
    return handle;
}
