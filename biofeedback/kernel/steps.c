/* The arithmetic of a chunk: one addition after the other, in the order of the Python beside it.

   Nothing is contracted (-ffp-contract=off), so that the bits are numpy's on every processor.
   Channels are taken in groups as wide as its vectors are. */

#include "steps.h"

#include <math.h>
#include <string.h>

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline, unused))
#define CPU any
#define WIDEST 2
#else
#define INLINE static inline
#define CPU any
#define WIDEST 1
#endif
#include "cpu.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CHOOSE
#pragma GCC push_options
#pragma GCC target("avx2")
#define CPU avx2
#define WIDEST 4
#include "cpu.h"
#pragma GCC target("avx512f,avx512dq")
#define CPU avx512
#define WIDEST 8
#include "cpu.h"
#pragma GCC pop_options
#endif

const Steps *choose_steps(void)
{
#ifdef CHOOSE
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        return &steps_avx512;
    if (__builtin_cpu_supports("avx2"))
        return &steps_avx2;
#endif
    return &steps_any;
}
