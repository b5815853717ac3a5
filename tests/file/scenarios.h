/* What is done with files: by the tool, as a command line, or by the library. */
#ifndef FILE_SCENARIOS_H
#define FILE_SCENARIOS_H

typedef struct scenario {
    const char *name;
    const char *command;   /* of the tool, words between "|"; or NULL */
    int (*library)(void);  /* if there is no command: returns an exit status, its sentence on stderr */
    const char *may_leave; /* a file that a run which failed may leave, "" for none: the checkpoint of a training */
    int is_pipeline;       /* writes the folder "pipe": new and old must not stand mixed in it */
} scenario;

extern const scenario scenarios[], preparations[]; /* what is done; what all of it starts from */
extern const int scenario_count, preparation_count;

/* Does it, in this process; the exit status. */
int scenario_do(const scenario *what);

#endif
