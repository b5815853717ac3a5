/* The time and the conditions as a U-Net sees them: sinusoidal features, two dense layers with SiLU, the class and the
 * vector added before the second one, and one projection for all ResNet blocks. */
#include "network/unet_builder.h"

/* A dense layer whose bias is added with the SiLU behind it; z is what that reads. */
typedef struct layer {
    graph_value z;
    size_t bias;
} layer;

static layer add_dense(unet_builder *b, const char *path, graph_value x, size_t width)
{
    layer dense = {.z = graph_new_value(b->graph, 1, 1, width)};
    size_t weight = graph_network_matrix(b->net, path, "weight", width, x.channels);
    dense.bias = graph_network_vector(b->net, path, "bias", width);
    graph_convolve(b->graph, x, dense.z, &(graph_convolution){.weight = weight, .bias = GRAPH_NONE});
    return dense;
}

static graph_value add_silu(unet_builder *b, const layer *of)
{
    graph_value y = graph_new_value(b->graph, 1, 1, of->z.channels);
    graph_activate(b->graph, of->z, y, ACTIVATION_SILU, of->bias);
    return y;
}

/* To what the second layer gives. */
static void add_conditions(unet_builder *b, graph_value z)
{
    const network_task *task = &b->net->base.task;
    if (task->classes > 0)
        graph_add_label(b->graph, z,
                        graph_network_matrix(b->net, "class_embedding", "weight", task->classes, z.channels),
                        task->classes);
    if (task->vectors > 0) {
        graph_value vector = graph_new_value(b->graph, 1, 1, task->vectors);
        graph_condition(b->graph, vector, 0);
        graph_network_connect(b->net, "condition_embedding", vector, z, (graph_convolution){.residual = z});
    }
}

/* All blocks' projections stand one after another, first the weights, then the biases: one product. */
static void add_projection(unet_builder *b, graph_value x)
{
    graph_value y = b->projected;
    graph_convolution with = {.weight = b->net->base.size};
    for (size_t i = 0; i < b->share_count; i++) {
        y.channels += b->shares[i].width;
        graph_network_matrix(b->net, b->shares[i].path.text, "time_emb_proj.weight", b->shares[i].width, x.channels);
    }
    with.bias = b->net->base.size;
    for (size_t i = 0; i < b->share_count; i++)
        graph_network_vector(b->net, b->shares[i].path.text, "time_emb_proj.bias", b->shares[i].width);
    graph_convolve(b->graph, x, y, &with);
}

void unet_time(unet_builder *b)
{
    size_t before = graph_op_count(b->graph), width = (size_t)b->options->channels.size[0];
    graph_value features = graph_new_value(b->graph, 1, 1, width);
    graph_embed_time(b->graph, features, b->options->flip_sin_to_cos, b->options->freq_shift);
    layer dense = add_dense(b, "time_embedding.linear_1", features, 4 * width);
    dense = add_dense(b, "time_embedding.linear_2", add_silu(b, &dense), 4 * width);
    add_conditions(b, dense.z);
    add_projection(b, add_silu(b, &dense));
    graph_move_to_front(b->graph, graph_op_count(b->graph) - before);
}
