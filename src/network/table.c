#include "network/table.h"

#include "network/mlp.h"
#include "network/multiscale.h"
#include "network/rbf.h"
#include "network/unet.h"

const network_kind *network_kind_at(size_t index)
{
    static const network_kind *const kinds[] = {&mlp_kind, &rbf_kind, &multiscale_kind, &unet_kind};
    return index < SPEC_COUNT(kinds) ? kinds[index] : NULL;
}
