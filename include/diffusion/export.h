/** What every public header needs: linkage for C++ and visibility for the shared library. */
#ifndef DIFFUSION_EXPORT_H
#define DIFFUSION_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define DIFFUSION_BEGIN extern "C" {
#define DIFFUSION_END }
#else
#define DIFFUSION_BEGIN
#define DIFFUSION_END
#endif

#if defined(__GNUC__)
#define DIFFUSION_API __attribute__((visibility("default")))
#else
#define DIFFUSION_API
#endif

#endif
