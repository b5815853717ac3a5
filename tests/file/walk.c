/* Every call that touches a file made to go wrong in every way, one after another, in all that reads and writes files:
 * interruptions and short counts go unnoticed, faults end with one sentence that names the file and the system's
 * reason, and whatever happens each file is the old one or the new one, whole, and a next run sets all right.
 *   walk          every fault of the table at every call
 *   walk SHARE    at every SHARE-th of them alone */
#define _GNU_SOURCE
#include "faulty.h"
#include "scenarios.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a run owes where the fault was reached. */
typedef enum verdict {
    UNNOTICED, /* succeeds */
    REPORTED,  /* fails in order */
    EITHER,    /* either */
} verdict;

typedef struct fault {
    faulty_call call;
    int error;
    int ever; /* from then on */
    verdict verdict;
} fault;

/* What the system may refuse without harm (locks, modes, a folder's durability, what another user may not read) is
 * EITHER or UNNOTICED. */
static const fault faults[] = {
    {FAULTY_OPEN, EINTR, 0, UNNOTICED},
    {FAULTY_OPEN, EIO, 0, REPORTED},
    {FAULTY_OPEN, EMFILE, 0, REPORTED},
    {FAULTY_OPEN, EMFILE, 1, REPORTED},
    {FAULTY_OPEN, ENOSPC, 0, REPORTED},
    {FAULTY_OPEN, EACCES, 0, EITHER},
    {FAULTY_READ, EINTR, 0, UNNOTICED},
    {FAULTY_READ, FAULTY_SHORT, 0, UNNOTICED},
    {FAULTY_READ, FAULTY_SHORT, 1, UNNOTICED},
    {FAULTY_READ, EIO, 0, REPORTED},
    {FAULTY_WRITE, EINTR, 0, UNNOTICED},
    {FAULTY_WRITE, FAULTY_SHORT, 0, UNNOTICED},
    {FAULTY_WRITE, FAULTY_SHORT, 1, UNNOTICED},
    {FAULTY_WRITE, EIO, 0, REPORTED},
    {FAULTY_WRITE, ENOSPC, 0, REPORTED},
    {FAULTY_WRITE, ENOSPC, 1, REPORTED},
    {FAULTY_FSYNC, EINTR, 0, UNNOTICED},
    {FAULTY_FSYNC, EIO, 0, REPORTED},
    {FAULTY_FSYNC, EINVAL, 0, EITHER},
    {FAULTY_CLOSE, EINTR, 0, UNNOTICED},
    {FAULTY_CLOSE, EIO, 0, EITHER},
    {FAULTY_STAT, EIO, 0, EITHER},
    {FAULTY_STAT, EACCES, 0, EITHER},
    {FAULTY_LOCK, ENOLCK, 1, UNNOTICED},
    {FAULTY_LOCK, EWOULDBLOCK, 0, UNNOTICED},
    {FAULTY_MODE, EPERM, 1, UNNOTICED},
    {FAULTY_RENAME, EIO, 0, REPORTED},
    {FAULTY_RENAME, ENOSPC, 0, REPORTED},
    {FAULTY_UNLINK, EACCES, 0, EITHER},
    {FAULTY_MKDIR, EACCES, 0, EITHER}, /* it is there, perhaps */
    {FAULTY_MKDIR, ENOSPC, 0, EITHER},
    {FAULTY_ANY, FAULTY_KILL, 0, EITHER},
};

static tree before, after;
static char said[8192];
static long tried, broken;

/* ---- a run ---- */

static _Noreturn void child(const scenario *what, const fault *with, long at, int output)
{
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (with != NULL)
        faulty_arm(with->call, at, with->error, with->ever);
    exit(scenario_do(what));
}

/* The status as a shell has it; what it said goes to `said`. */
static int run(const scenario *what, const fault *with, long at)
{
    int status, output = memfd_create("said", 0);
    fflush(NULL);
    pid_t process = fork();
    if (process == 0)
        child(what, with, at, output);
    if (process < 0 || waitpid(process, &status, 0) != process)
        abort();
    ssize_t length = pread(output, said, sizeof said - 1, 0);
    said[length > 0 ? length : 0] = '\0';
    close(output);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void start_anew(void)
{
    tree_remove();
    tree_write(&before);
}

/* ---- what is looked at ---- */

static void complain(const scenario *what, const fault *with, long at, const char *format, ...)
{
    const char *error = with->error == FAULTY_SHORT  ? "falls short"
                        : with->error == FAULTY_KILL ? "kills"
                                                     : strerrorname_np(with->error);
    va_list arguments;
    broken++;
    printf("%s: %s %ld %s%s: ", what->name, with->call == FAULTY_ANY ? "call" : faulty_names[with->call], at, error,
           with->ever ? ", and all later ones" : "");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("; it said: %s\n", said[0] != '\0' ? said : "nothing");
}

static int ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

static int is_left_behind(const scenario *what, const char *name)
{
    size_t length = strlen(what->may_leave);
    return length > 0 && strncmp(name, what->may_leave, length) == 0;
}

/* A name that a run which did not succeed may leave: a temporary file that could not be removed, or something that the
 * scenario says. */
static int may_stay(const scenario *what, const fault *with, const char *name)
{
    int unremoved = with->call == FAULTY_UNLINK || with->error == FAULTY_KILL;
    return (unremoved && (ends_with(name, ".part"))) || is_left_behind(what, name);
}

/* The first file of `now` that is neither the old nor the new one; NULL if none. */
static const char *half_done(const scenario *what, const fault *with, const tree *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const tree_file *file = &now->files[i], *old = tree_find(&before, file->name);
        const tree_file *new = tree_find(&after, file->name);
        if (!tree_same(file, old) && !tree_same(file, new) && !may_stay(what, with, file->name))
            return file->name;
    }
    return NULL;
}

/* The first file of `wanted` that `now` lacks or has otherwise, or that it has too much. */
static const char *difference(const tree *now, const tree *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (!tree_same(&wanted->files[i], tree_find(now, wanted->files[i].name)))
            return wanted->files[i].name;
    for (size_t i = 0; i < now->count; i++)
        if (tree_find(wanted, now->files[i].name) == NULL)
            return now->files[i].name;
    return NULL;
}

/* An old file that is gone. A pipeline's index, and the unet's, are taken away before what they describe is replaced.
 */
static const char *lost(const scenario *what, const tree *now)
{
    for (size_t i = 0; i < before.count; i++) {
        const char *name = before.files[i].name;
        int index = ends_with(name, "/model_index.json") || ends_with(name, "/unet/config.json");
        if (tree_find(now, name) == NULL && !(what->is_pipeline && index))
            return name;
    }
    return NULL;
}

/* Whether the parts of a pipeline that is one are all old or all new. */
static int is_mixed(const tree *now)
{
    int old = 1, new = 1;
    if (tree_find(now, "./pipe/model_index.json") == NULL)
        return 0;
    for (size_t i = 0; i < now->count; i++) {
        const tree_file *file = &now->files[i];
        if (strncmp(file->name, "./pipe/", 7) == 0 && tree_find(&before, file->name) != NULL) {
            old = old && tree_same(file, tree_find(&before, file->name));
            new = new &&tree_same(file, tree_find(&after, file->name));
        }
    }
    return !old && !new;
}

static int names_one_of(const char *sentence, const tree *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (strstr(sentence, files->files[i].name + strlen("./")) != NULL)
            return 1;
    return 0;
}

/* One sentence, which names a file and says why. What cannot be looked at may be refused for what it then seems to be.
 */
static int is_sentence(const scenario *what, const fault *with)
{
    const char *last = said;
    size_t length = strlen(said);
    if (length < 2 || said[length - 1] != '\n')
        return 0;
    for (const char *at = said; at + 1 < said + length; at++)
        if (at[0] == '\n')
            last = at + 1;
    int reasoned = with->call == FAULTY_STAT || strstr(last, strerror(with->error)) != NULL;
    int named = names_one_of(last, &before) || names_one_of(last, &after) ||
                (what->may_leave[0] != '\0' && strstr(last, what->may_leave + strlen("./")) != NULL);
    return strncmp(last, "diffusion: ", 11) == 0 && reasoned && named;
}

static void judge(const scenario *what, const fault *with, long at, int status)
{
    tree now;
    tree_read(&now);
    int killed = with->error == FAULTY_KILL && status == 128 + SIGKILL;
    const char *name;
    if (status == 0 && with->verdict == REPORTED)
        complain(what, with, at, "succeeded");
    else if (status != 0 && with->verdict == UNNOTICED)
        complain(what, with, at, "status %d", status);
    else if (status > 1 && !killed)
        complain(what, with, at, "status %d", status);
    else if (status == 1 && !is_sentence(what, with))
        complain(what, with, at, "not a sentence that names the file and the reason");
    if (status == 0 && with->call != FAULTY_UNLINK && (name = difference(&now, &after)) != NULL)
        complain(what, with, at, "succeeded, but %s is not as it should be", name);
    if ((name = half_done(what, with, &now)) != NULL)
        complain(what, with, at, "%s is neither old nor new", name);
    if ((name = lost(what, &now)) != NULL)
        complain(what, with, at, "%s is lost", name);
    if (what->is_pipeline && is_mixed(&now))
        complain(what, with, at, "old and new stand side by side in the pipeline");
    tree_release(&now);
}

/* The same once more, without a fault, comes to the same end. */
static void try_again(const scenario *what, const fault *with, long at)
{
    tree now;
    tree_read(&now);
    for (size_t i = now.count; i-- > 0;)
        if (is_left_behind(what, now.files[i].name))
            remove(now.files[i].name);
    tree_release(&now);
    int status = run(what, NULL, 0);
    tree_read(&now);
    const char *name = difference(&now, &after);
    if (status != 0)
        complain(what, with, at, "and then, without a fault: status %d", status);
    else if (name != NULL)
        complain(what, with, at, "and then, without a fault: %s is not as it should be", name);
    tree_release(&now);
}

/* ---- the walk ---- */

/* How many calls of each kind a run makes. */
static void count_calls(const scenario *what, long calls[FAULTY_CALLS + 1])
{
    static const fault none = {FAULTY_ANY, FAULTY_NOTHING, 0, UNNOTICED};
    start_anew();
    int status = run(what, &none, 0);
    if (status != 0) {
        fprintf(stderr, "%s: status %d: %s\n", what->name, status, said);
        exit(1);
    }
    memcpy(calls, faulty_made, (FAULTY_CALLS + 1) * sizeof *calls);
    tree_release(&after);
    tree_read(&after);
}

static void walk(const scenario *what, int share)
{
    static long turn;
    long calls[FAULTY_CALLS + 1], first = tried;
    count_calls(what, calls);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        for (long at = 1; at <= calls[faults[i].call]; at++) {
            if (turn++ % share != 0)
                continue;
            start_anew();
            tried++;
            int status = run(what, &faults[i], at);
            judge(what, &faults[i], at, status);
            try_again(what, &faults[i], at);
        }
    printf("%-42s %4ld calls, %5ld faults\n", what->name, calls[FAULTY_ANY], tried - first);
}

static void prepare(void)
{
    faulty_arm(FAULTY_ANY, 0, FAULTY_NOTHING, 0);
    for (int i = 0; i < preparation_count; i++) {
        int status = run(&preparations[i], NULL, 0);
        if (status != 0) {
            fprintf(stderr, "%s: status %d: %s\n", preparations[i].name, status, said);
            exit(1);
        }
    }
    tree_read(&before);
}

int main(int argc, char **argv)
{
    char folder[] = "/dev/shm/diffusion-walk-XXXXXX", local[] = "walk-XXXXXX", place[4096];
    int share = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
    const char *here = mkdtemp(folder) != NULL ? folder : mkdtemp(local);
    if (share < 1 || here == NULL || chdir(here) != 0 || getcwd(place, sizeof place) == NULL)
        abort();
    setenv("OPENBLAS_CORETYPE", "", 0); /* else the tool may begin anew, as another program */
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    prepare();
    for (int i = 0; i < scenario_count; i++)
        walk(&scenarios[i], share);
    tree_remove();
    tree_release(&before);
    tree_release(&after);
    printf("%ld faults in %d scenarios, %ld not as they should be\n", tried, scenario_count, broken);
    return chdir("/") != 0 || rmdir(place) != 0 || broken > 0;
}
