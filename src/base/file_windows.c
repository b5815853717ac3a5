#include "base/file.h"

#include "base/error.h"
#include "base/file_link.h"
#include "base/file_name.h"
#include "base/memory.h"
#include "base/wide_windows.h"

enum { AT_ONCE = 1 << 30 /* bytes that one call reads or writes */ };

struct file_reader {
    HANDLE handle;
    uint64_t size;
    char *path;
};

struct file_writer {
    HANDLE handle;      /* of the temporary file: nobody else may open it for writing until it has its name */
    char *path;         /* as it was given */
    wchar_t *target;    /* what it names */
    wchar_t *temporary; /* in its folder, so that the move stays within one file system */
    int placed;         /* it has its name, and no longer the temporary one */
};

/* Where the host has closed a standard stream, what it prints would land in a file that takes its handle. */
static HANDLE above_standard_streams(HANDLE handle)
{
    HANDLE other = INVALID_HANDLE_VALUE;
    if (handle == INVALID_HANDLE_VALUE ||
        (handle != GetStdHandle(STD_INPUT_HANDLE) && handle != GetStdHandle(STD_OUTPUT_HANDLE) &&
         handle != GetStdHandle(STD_ERROR_HANDLE)))
        return handle;
    const HANDLE process = GetCurrentProcess();
    const BOOL copied = DuplicateHandle(process, handle, process, &other, 0, FALSE, DUPLICATE_SAME_ACCESS);
    const HANDLE result = copied ? above_standard_streams(other) : INVALID_HANDLE_VALUE;
    const DWORD error = GetLastError();
    CloseHandle(handle);
    SetLastError(error);
    return result;
}

/* ---- what a name stands for ---- */

/* A device has nothing but that attribute. */
static int examine_handle(BY_HANDLE_FILE_INFORMATION *out, HANDLE handle)
{
    const BY_HANDLE_FILE_INFORMATION device = {.dwFileAttributes = FILE_ATTRIBUTE_DEVICE};
    if (GetFileType(handle) == FILE_TYPE_DISK)
        return GetFileInformationByHandle(handle, out) != 0;
    *out = device;
    return 1;
}

static DWORD examine(BY_HANDLE_FILE_INFORMATION *out, const char *path)
{
    const HANDLE handle = wide_open(path, FILE_READ_ATTRIBUTES);
    if (handle == INVALID_HANDLE_VALUE)
        return GetLastError();
    const DWORD error = examine_handle(out, handle) ? ERROR_SUCCESS : GetLastError();
    CloseHandle(handle);
    return error;
}

static int is_missing(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

static int is_regular(const BY_HANDLE_FILE_INFORMATION *about)
{
    return (about->dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE)) == 0;
}

int file_is_there(const char *path)
{
    BY_HANDLE_FILE_INFORMATION about;
    return !is_missing(examine(&about, path));
}

int file_is_folder(const char *path)
{
    BY_HANDLE_FILE_INFORMATION about;
    return examine(&about, path) == ERROR_SUCCESS && (about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static uint64_t both_halves(DWORD high, DWORD low)
{
    return (uint64_t)high << 32 | low;
}

file_identity file_identify(const char *path)
{
    enum { PER_SECOND = 10 * 1000 * 1000 };
    BY_HANDLE_FILE_INFORMATION about;
    if (examine(&about, path) != ERROR_SUCCESS)
        return (file_identity){0};
    const uint64_t written = both_halves(about.ftLastWriteTime.dwHighDateTime, about.ftLastWriteTime.dwLowDateTime);
    return (file_identity){about.dwVolumeSerialNumber, both_halves(about.nFileIndexHigh, about.nFileIndexLow),
                           (int64_t)(written / PER_SECOND), (int64_t)(written % PER_SECOND) * 100};
}

diffusion_status file_make_folder(const char *path)
{
    wchar_t *name = NULL;
    diffusion_status status = wide_path(&name, path);
    if (status != DIFFUSION_OK)
        return status;
    const DWORD error = CreateDirectoryW(name, NULL) ? ERROR_SUCCESS : GetLastError();
    memory_release(name);
    if (error == ERROR_SUCCESS || (error == ERROR_ALREADY_EXISTS && file_is_folder(path)))
        return DIFFUSION_OK;
    return wide_failure("make a folder", path, error);
}

/* ---- reading ---- */

diffusion_status file_open(file_reader **out, const char *path)
{
    if (path[0] == '\0')
        return error_set(DIFFUSION_E_IO, "the name of the file to read is empty");
    const HANDLE handle = above_standard_streams(wide_open(path, GENERIC_READ));
    if (handle == INVALID_HANDLE_VALUE)
        return wide_failure("open", path, GetLastError());
    BY_HANDLE_FILE_INFORMATION about;
    diffusion_status status = DIFFUSION_OK;
    if (!examine_handle(&about, handle))
        status = wide_failure("examine", path, GetLastError());
    else if (!is_regular(&about))
        status = error_set(DIFFUSION_E_IO, "%s: not a regular file", path);
    file_reader *file = status == DIFFUSION_OK ? memory_allocate(1, sizeof *file) : NULL;
    if (file != NULL && (file->path = memory_text(path)) != NULL) {
        file->handle = handle;
        file->size = both_halves(about.nFileSizeHigh, about.nFileSizeLow);
        *out = file;
        return DIFFUSION_OK;
    }
    memory_release(file);
    CloseHandle(handle);
    return status != DIFFUSION_OK ? status : DIFFUSION_E_MEMORY;
}

uint64_t file_size(const file_reader *file)
{
    return file->size;
}

diffusion_status file_read(file_reader *file, uint64_t offset, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const uint64_t at = offset + done;
        OVERLAPPED place = {.Offset = (DWORD)(at & UINT32_MAX), .OffsetHigh = (DWORD)(at >> 32)};
        const DWORD wanted = size - done < AT_ONCE ? (DWORD)(size - done) : AT_ONCE;
        DWORD got = 0;
        if (!ReadFile(file->handle, (char *)bytes + done, wanted, &got, &place) && GetLastError() != ERROR_HANDLE_EOF)
            return wide_failure("read", file->path, GetLastError());
        if (got == 0)
            return error_set(DIFFUSION_E_IO, "%s: ends before byte %llu", file->path,
                             (unsigned long long)(offset + size));
        done += got;
    }
    return DIFFUSION_OK;
}

void file_close(file_reader *file)
{
    if (file == NULL)
        return;
    CloseHandle(file->handle);
    memory_release(file->path);
    memory_release(file);
}

/* ---- the temporary file: whoever has it open for writing is writing it, as nobody else may open it so, and one that
 * nobody has open was left by a kill ---- */

enum { OTHERS_MAY = FILE_SHARE_READ | FILE_SHARE_DELETE /* to move it, and to read it once it has its name */ };

/* 0 if the name is taken: by another writer, or by something that is not ours to remove. */
static int remove_stale(const wchar_t *name)
{
    const HANDLE handle =
        CreateFileW(name, GENERIC_WRITE | DELETE, OTHERS_MAY, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_NOT_FOUND;
    BY_HANDLE_FILE_INFORMATION about;
    FILE_DISPOSITION_INFO gone = {TRUE};
    const int removed = examine_handle(&about, handle) && is_regular(&about) &&
                        (about.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 &&
                        SetFileInformationByHandle(handle, FileDispositionInfo, &gone, sizeof gone);
    CloseHandle(handle);
    return removed;
}

/* A new file, so that nothing of another's is written to or followed; ERROR_FILE_EXISTS if the name is taken. */
static HANDLE open_part(const wchar_t *name)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        const HANDLE handle = above_standard_streams(
            CreateFileW(name, GENERIC_READ | GENERIC_WRITE, OTHERS_MAY, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL));
        if (handle != INVALID_HANDLE_VALUE || GetLastError() != ERROR_FILE_EXISTS)
            return handle;
        if (!remove_stale(name))
            break;
    }
    SetLastError(ERROR_FILE_EXISTS);
    return INVALID_HANDLE_VALUE;
}

/* The first name that no other writer of the same file has. */
static diffusion_status create_part(file_writer *file, const char *target)
{
    enum { WRITERS_MAX = 1000 };
    DWORD error = ERROR_FILE_EXISTS;
    for (int number = 0; number < WRITERS_MAX && error == ERROR_FILE_EXISTS; number++) {
        memory_release(file->temporary);
        file->temporary = NULL;
        char *name = file_name_part(target, number);
        diffusion_status status = name != NULL ? wide_path(&file->temporary, name) : DIFFUSION_E_MEMORY;
        memory_release(name);
        if (status != DIFFUSION_OK)
            return status;
        file->handle = open_part(file->temporary);
        error = file->handle != INVALID_HANDLE_VALUE ? ERROR_SUCCESS : GetLastError();
    }
    return error == ERROR_SUCCESS ? DIFFUSION_OK : wide_failure("create a file beside", file->path, error);
}

/* Devices have no folder, so that what stands beside them is a device too. */
static diffusion_status check_part(const file_writer *file)
{
    if (GetFileType(file->handle) == FILE_TYPE_DISK)
        return DIFFUSION_OK;
    CloseHandle(file->handle);
    return error_set(DIFFUSION_E_IO, "%s: not a regular file, so it cannot be replaced", file->path);
}

static diffusion_status create_replacing(file_writer *file, const char *target)
{
    BY_HANDLE_FILE_INFORMATION about;
    const DWORD error = examine(&about, target);
    if (error != ERROR_SUCCESS && !is_missing(error))
        return wide_failure("write", file->path, error);
    if (error == ERROR_SUCCESS && !is_regular(&about))
        return error_set(DIFFUSION_E_IO, "%s: not a regular file, so it cannot be replaced", file->path);
    if (error == ERROR_SUCCESS && (about.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0)
        return error_set(DIFFUSION_E_IO, "%s: read-only, so it cannot be replaced", file->path);
    diffusion_status status = wide_path(&file->target, target);
    if (status == DIFFUSION_OK)
        status = create_part(file, target);
    return status == DIFFUSION_OK ? check_part(file) : status;
}

static void writer_release(file_writer *file)
{
    memory_release(file->path);
    memory_release(file->target);
    memory_release(file->temporary);
    memory_release(file);
}

diffusion_status file_create(file_writer **out, const char *path)
{
    if (path[0] == '\0')
        return error_set(DIFFUSION_E_IO, "the name of the file to write is empty");
    file_writer *file = memory_allocate(1, sizeof *file);
    if (file == NULL)
        return DIFFUSION_E_MEMORY;
    char *target = NULL;
    file->path = memory_text(path);
    diffusion_status status = file->path != NULL ? file_link_target(&target, path) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = create_replacing(file, target);
    memory_release(target);
    if (status != DIFFUSION_OK) {
        writer_release(file);
        return status;
    }
    *out = file;
    return DIFFUSION_OK;
}

/* ---- writing ---- */

diffusion_status file_write(file_writer *file, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const DWORD wanted = size - done < AT_ONCE ? (DWORD)(size - done) : AT_ONCE;
        DWORD put = 0;
        if (!WriteFile(file->handle, (const char *)bytes + done, wanted, &put, NULL))
            return wide_failure("write", file->path, GetLastError());
        if (put == 0) /* a file that takes nothing would never end */
            return wide_failure("write", file->path, ERROR_WRITE_FAULT);
        done += put;
    }
    return DIFFUSION_OK;
}

diffusion_status file_sync(file_writer *file)
{
    return FlushFileBuffers(file->handle) ? DIFFUSION_OK : wide_failure("write", file->path, GetLastError());
}

diffusion_status file_withdraw(file_writer *file)
{
    const DWORD error = DeleteFileW(file->target) ? ERROR_SUCCESS : GetLastError();
    return error == ERROR_SUCCESS || is_missing(error) ? DIFFUSION_OK : wide_failure("replace", file->path, error);
}

/* Scanners and indexers keep what is new or old for a moment: they are waited for, a second in all. */
static DWORD move_part(const file_writer *file)
{
    enum { TRIES = 10 };
    DWORD error = ERROR_SUCCESS;
    for (int i = 0; i < TRIES; i++) {
        if (MoveFileExW(file->temporary, file->target, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            return ERROR_SUCCESS;
        error = GetLastError();
        if (error != ERROR_ACCESS_DENIED && error != ERROR_SHARING_VIOLATION)
            break;
        Sleep(1U << i);
    }
    return error;
}

diffusion_status file_place(file_writer *file)
{
    const DWORD error = file->placed ? ERROR_SUCCESS : move_part(file);
    if (error != ERROR_SUCCESS)
        return wide_failure("write", file->path, error);
    file->placed = 1;
    return DIFFUSION_OK;
}

diffusion_status file_commit(file_writer *file)
{
    diffusion_status status = file_sync(file);
    if (status == DIFFUSION_OK)
        status = file_place(file);
    if (status != DIFFUSION_OK) {
        file_abandon(file);
        return status;
    }
    if (!CloseHandle(file->handle))
        status = wide_failure("write", file->path, GetLastError());
    writer_release(file);
    return status;
}

void file_abandon(file_writer *file)
{
    if (file == NULL)
        return;
    if (!file->placed)
        DeleteFileW(file->temporary);
    CloseHandle(file->handle);
    writer_release(file);
}
