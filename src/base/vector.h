/* Lets the compiler make AVX2 and AVX-512 versions of an elementwise loop beside the portable one, chosen at load time.
 * All versions give the same bits: contraction to fused multiply-add is off (-std=c11). */
#ifndef BASE_VECTOR_H
#define BASE_VECTOR_H

#include <stdint.h> /* __GLIBC__: other C libraries load no such functions */

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) &&               \
    !defined(__SANITIZE_ADDRESS__)
#define VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTOR_CLONES /* sanitisers cannot run the resolvers this early */
#endif

/* Before a loop whose elements do not depend on one another, though the compiler cannot see that its arrays do not
 * overlap except exactly. */
#if defined(__clang__)
#define VECTOR_LOOP _Pragma("clang loop vectorize(assume_safety)")
#else
#define VECTOR_LOOP _Pragma("GCC ivdep")
#endif

#endif
