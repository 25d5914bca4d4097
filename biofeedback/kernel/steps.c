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

/* In four sums side by side: one alone waits for itself at each addition. */
static double sum_of(const double *x, ptrdiff_t n, ptrdiff_t step)
{
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    ptrdiff_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            sums[k] += x[(i + k) * step];
    for (; i < n; i++)
        sums[0] += x[i * step];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static double squares_of(const double *x, ptrdiff_t n)
{
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    ptrdiff_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            sums[k] += x[i + k] * x[i + k];
    for (; i < n; i++)
        sums[0] += x[i] * x[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* The loudest quarter of the window, from the powers of its blocks. */
static double loudest(const double *power, ptrdiff_t blocks)
{
    const ptrdiff_t eighth = blocks / 8;
    double before = 0.0, most = 0.0;
    for (ptrdiff_t e = 0; e < 8; e++) {
        double mean = 0.0;
        for (ptrdiff_t b = 0; b < eighth; b++)
            mean += power[e * eighth + b];
        mean /= (double)eighth;
        if (e && before + mean > most)
            most = before + mean;
        before = mean;
    }
    return sqrt(most / 2);
}

/* From its highest to its lowest, of what is left of `means` without a straight line. */
static double swing_of(double *means, const double *trend, ptrdiff_t n)
{
    double mean = 0.0, along = 0.0, high, low;
    for (ptrdiff_t b = 0; b < n; b++)
        mean += means[b] = (means[b + 1] + means[b]) / 2;
    mean /= (double)n;
    for (ptrdiff_t b = 0; b < n; b++)
        along += trend[b] * (means[b] -= mean);
    high = low = means[0] - trend[0] * along;
    for (ptrdiff_t b = 1; b < n; b++) {
        const double x = means[b] - trend[b] * along;
        high = x > high ? x : high;
        low = x < low ? x : low;
    }
    return high - low;
}

void survey_all(Samples counts, const double *gain, const double *taper, const double *trend,
                ptrdiff_t blocks, ptrdiff_t length, double *work, double *tapered, double *emg,
                double *swing)
{
    const ptrdiff_t n = counts.n, first = n - blocks * length;
    double *means = work, *power = work + blocks;
    for (ptrdiff_t c = 0; c < counts.channels; c++) {
        const double *at = counts.at + c * counts.column;
        const double mean = sum_of(at, n, counts.row) / (double)n;
        double *out = tapered + c * n;
        for (ptrdiff_t i = 0; i < n; i++)
            out[i] = (at[i * counts.row] - mean) * gain[c];
        for (ptrdiff_t b = 0; b < blocks; b++) {
            const double *x = out + first + b * length;
            means[b] = sum_of(x, length, 1) / (double)length;
            power[b] = (squares_of(x, length) / (double)length - means[b] * means[b]) *
                       (double)length / (double)(length - 1);
        }
        emg[c] = loudest(power, blocks);
        swing[c] = swing_of(means, trend, blocks - 1);
        for (ptrdiff_t i = 0; i < n; i++)
            out[i] *= taper[i];
    }
}

static double power_at(const double *spectrum, int64_t bin)
{
    const double *x = spectrum + 2 * bin;
    return x[0] * x[0] + x[1] * x[1];
}

void comb_all(const double *spectra, ptrdiff_t n, ptrdiff_t channels, const int64_t *under,
              const int64_t *around, ptrdiff_t lines, ptrdiff_t first, ptrdiff_t last,
              double *sums)
{
    for (ptrdiff_t c = 0; c < channels; c++, spectra += 2 * n) {
        double band = 0.0;
        for (ptrdiff_t line = 0; line < lines; line++) {
            double held = 0.0, floor = 0.0;
            for (int k = 0; k < 3; k++)
                held += power_at(spectra, under[3 * line + k]);
            for (int k = 0; k < 12; k++)
                floor += power_at(spectra, around[12 * line + k]);
            sums[line * channels + c] = held;
            sums[(lines + line) * channels + c] = floor / 4; /* of as many bins as the line has */
        }
        for (ptrdiff_t bin = first; bin < last; bin++)
            band += power_at(spectra, bin);
        sums[2 * lines * channels + c] = band;
    }
}

void hum_all(const Hum *by, const double *sums, ptrdiff_t lines, ptrdiff_t of_50,
             ptrdiff_t channels)
{
    const double *floors = sums + lines * channels, *rules = by->rules;
    for (ptrdiff_t c = 0; c < channels; c++) {
        double level[2] = {0.0, 0.0}, squares[2] = {0.0, 0.0};
        for (ptrdiff_t line = 0; line < lines; line++) {
            const double floor = floors[line * channels + c];
            level[line >= of_50] += sums[line * channels + c] - floor;
            squares[line >= of_50] += floor * floor;
        }
        const double loudest = level[0] > level[1] ? level[0] : level[1];
        double rest = sums[2 * lines * channels + c] - loudest;
        rest = rest > by->least[c] ? rest : by->least[c];
        int hums = 0;
        for (ptrdiff_t k = c, f = 0; f < 2; f++, k += channels) {
            double share = level[f] / rest;
            share = share < -1.0 ? -1.0 : share > 1.0 ? 1.0 : share;
            by->share[k] += rules[0] * (share - by->share[k]);
            by->chance[k] += rules[1] * (squares[f] / (rest * rest) - by->chance[k]);
            double limit = rules[3] * sqrt(by->chance[k]);
            limit = limit > rules[2] ? limit : rules[2];
            hums |= by->share[k] > (by->hums[c] ? limit * rules[4] : limit);
        }
        by->hums[c] = (unsigned char)hums;
        by->may_be_off[c] = loudest > by->off_power[c] && loudest > rules[5] * rest;
    }
}

int quantise_all(const Digits *by, Samples samples, int32_t *counts)
{
    for (ptrdiff_t i = 0; i < samples.n; i++)
        for (ptrdiff_t c = 0; c < samples.channels; c++) {
            const double sample = samples.at[i * samples.row + c * samples.column];
            const double scaled = sample / by->step[c] - by->shift[c], count = rint(scaled);
            if (!(count >= by->low[c] && count <= by->high[c]) ||
                (by->exact[c] && count != scaled))
                return 0;
            *counts++ = (int32_t)count;
        }
    return 1;
}
