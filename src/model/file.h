/* Models in safetensors files. */
#ifndef MODEL_FILE_H
#define MODEL_FILE_H

#include "format/safetensors.h"
#include "model/model.h"

/* What begins the names of a checkpoint's tensors that are not the model's. */
#define MODEL_FILE_TRAINER "trainer."

diffusion_status model_save(const struct diffusion_model *model, const char *path);
diffusion_status model_load(struct diffusion_model **out, const char *path);

/* The same bytes in memory; as safetensors_save_memory(). */
diffusion_status model_save_memory(const struct diffusion_model *model, void *bytes, size_t capacity, size_t *needed);
diffusion_status model_load_memory(struct diffusion_model **out, const void *bytes, size_t size);

/* The same for a file that is open, by its metadata and its tensors without the prefix. */
diffusion_status model_read(struct diffusion_model **out, safetensors *file, const char *path);

/* Describes one array that has the layout of the model's parameters as tensors `prefix` + name. names: [parameter
 * count], filled in, living as long as the tensors are used; tensors: [parameter count]. */
typedef struct model_tensor_name {
    char text[NETWORK_NAME + 32];
} model_tensor_name;
void model_describe(const struct diffusion_model *model, const char *prefix, const float *values,
                    model_tensor_name *names, safetensors_tensor *tensors);

/* One tensor of a file by its name there: 0, or DIFFUSION_E_CONTENT for one that is missing, has another shape or (when
 * it is read into `values`) holds a number that is not finite. */
diffusion_status model_check_tensor(safetensors *file, const char *path, const char *name,
                                    const network_parameter *parameter);
diffusion_status model_read_tensor(safetensors *file, const char *path, const char *name,
                                   const network_parameter *parameter, float *values);

/* Takes over the metadata that is not the library's own; with `schedule` also that text. */
diffusion_status model_read_metadata(struct diffusion_model *model, const safetensors *file, int schedule);

/* Reads such an array: every expected name with its exact shape. */
diffusion_status model_read_array(const struct diffusion_model *model, safetensors *file, const char *path,
                                  const char *prefix, float *values);

/* The pairs of the file's metadata: "format", "model" and the model's own texts; then room for `extra` more pairs.
 * NULL with the sentence set if memory runs out; memory_release() releases it. */
safetensors_pair *model_file_pairs(const struct diffusion_model *model, size_t extra, size_t *count);

#endif
