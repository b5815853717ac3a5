/* The commands: one file each, named after it. */
#ifndef COMMAND_H
#define COMMAND_H

typedef struct command {
    const char *name;
    const char *about;                       /* one line */
    int (*run)(int argc, const char **argv); /* argv[0] is "diffusion <name>"; returns the exit status */
} command;

extern const command commands[]; /* ends with a NULL name */

/* The command of this name, or the end with the nearest one suggested. */
const command *command_find(const char *name);

int train_command(int argc, const char **argv);
int sample_command(int argc, const char **argv);
int encode_command(int argc, const char **argv);
int interpolate_command(int argc, const char **argv);
int average_command(int argc, const char **argv);
int variance_command(int argc, const char **argv);
int inpaint_command(int argc, const char **argv);
int denoise_command(int argc, const char **argv);
int bound_command(int argc, const char **argv);
int compress_command(int argc, const char **argv);
int decompress_command(int argc, const char **argv);
int score_command(int argc, const char **argv);
int compare_command(int argc, const char **argv);
int report_command(int argc, const char **argv);
int parzen_command(int argc, const char **argv);
int data_command(int argc, const char **argv);
int export_command(int argc, const char **argv);
int bench_command(int argc, const char **argv);
int info_command(int argc, const char **argv);
int completion_command(int argc, const char **argv);
int help_command(int argc, const char **argv);
int version_command(int argc, const char **argv);

#endif
