/* All outputs count alike (equation 14 of arXiv:2006.11239). */
#include "train/weight.h"

const weight_class none_weight = {.name = "none"};
