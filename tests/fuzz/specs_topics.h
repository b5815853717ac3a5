/* What an input of the target specs is a spec of: its first byte says which. */
#ifndef FUZZ_SPECS_TOPICS_H
#define FUZZ_SPECS_TOPICS_H

#include "fuzz.h"

enum { SPECS_TOPICS = 6 };

static const char *const specs_topics[SPECS_TOPICS] = {"schedule", "model", "trainer", "sampler", "evaluator", "coder"};

#endif
