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

void survey_all(Samples counts, const double *gain, const double *taper, ptrdiff_t blocks,
                ptrdiff_t length, double *tapered, double *sums, double *squares)
{
    const ptrdiff_t n = counts.n, channels = counts.channels, first = n - blocks * length;
    for (ptrdiff_t c = 0; c < channels; c++) {
        const double *at = counts.at + c * counts.column;
        double *out = tapered + c * n, mean = 0.0;
        for (ptrdiff_t i = 0; i < n; i++)
            mean += at[i * counts.row];
        mean /= (double)n;
        for (ptrdiff_t i = 0; i < n; i++)
            out[i] = (at[i * counts.row] - mean) * gain[c];
        for (ptrdiff_t b = 0; b < blocks; b++) {
            const double *x = out + first + b * length;
            double sum = 0.0, square = 0.0;
            for (ptrdiff_t i = 0; i < length; i++) {
                sum += x[i];
                square += x[i] * x[i];
            }
            sums[b * channels + c] = sum;
            squares[b * channels + c] = square;
        }
        for (ptrdiff_t i = 0; i < n; i++)
            out[i] *= taper[i];
    }
}
