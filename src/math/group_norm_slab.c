#include "math/group_norm_slab.h"

#include "base/size.h"

static size_t groups_of_slab(const group_norm *shape)
{
    size_t per_group = shape->channels / shape->groups;
    return per_group >= GROUP_NORM_SLAB ? 1 : GROUP_NORM_SLAB / per_group;
}

size_t group_norm_slabs_of_image(const group_norm *shape)
{
    return size_divide_up(shape->groups, groups_of_slab(shape));
}

group_norm_slab group_norm_slab_of(const group_norm *shape, size_t task)
{
    size_t of_image = group_norm_slabs_of_image(shape), per_group = shape->channels / shape->groups;
    size_t first = task % of_image * groups_of_slab(shape), left = shape->groups - first;
    size_t groups = left < groups_of_slab(shape) ? left : groups_of_slab(shape);
    return (group_norm_slab){task / of_image, first * per_group, groups * per_group, first, groups, per_group};
}

group_norm_arrays group_norm_arrays_of(const group_norm *shape, float *scratch, const group_norm_slab *part)
{
    size_t channels = shape->channels;
    float *at = scratch + 5 * part->image * channels + part->first;
    return (group_norm_arrays){at, at + channels, at + 2 * channels, at + 3 * channels, at + 4 * channels};
}

size_t group_norm_scratch_size(const group_norm *shape, size_t n)
{
    return 5 * n * shape->channels;
}

void group_norm_find_affine(const group_norm *shape, const group_norm_slab *part, const float *statistics,
                            const group_norm_weights *weights, float *a, float *b)
{
    const float *embedding =
        weights->embedding != NULL ? weights->embedding + part->image * weights->stride_embedding + part->first : NULL;
    for (size_t c = 0; c < part->width; c++) {
        const float *of_group = statistics + 2 * (c / part->per_group);
        float factor = embedding != NULL ? 1.0f + embedding[c] : 1.0f;
        float slope = of_group[1] * weights->scale[part->first + c];
        a[c] = slope * factor;
        b[c] = (weights->shift[part->first + c] - of_group[0] * slope) * factor;
        if (embedding != NULL)
            b[c] += embedding[shape->channels + c];
    }
}
