/* The steps for all channels, for the processors that CPU names, whose vectors hold WIDEST doubles:
   included by steps.c once for each. */

#define BY(name) JOIN(name, CPU)

#if WIDEST >= 8
#define WIDE 8
#include "group.h"
#endif
#if WIDEST >= 4
#define WIDE 4
#include "group.h"
#endif
#if WIDEST >= 2
#define WIDE 2
#include "group.h"
#endif
#define WIDE 1
#include "group.h"

#if WIDEST >= 8
#define GROUP(left) ((left) >= 8 ? 8 : (left) >= 4 ? 4 : (left) >= 2 ? 2 : 1)
#define STEP(group, step, ...)                                                                    \
    (group == 8   ? JOIN(BY(step), 8)(__VA_ARGS__)                                                \
     : group == 4 ? JOIN(BY(step), 4)(__VA_ARGS__)                                                \
     : group == 2 ? JOIN(BY(step), 2)(__VA_ARGS__)                                                \
                  : JOIN(BY(step), 1)(__VA_ARGS__))
#elif WIDEST >= 4
#define GROUP(left) ((left) >= 4 ? 4 : (left) >= 2 ? 2 : 1)
#define STEP(group, step, ...)                                                                    \
    (group == 4   ? JOIN(BY(step), 4)(__VA_ARGS__)                                                \
     : group == 2 ? JOIN(BY(step), 2)(__VA_ARGS__)                                                \
                  : JOIN(BY(step), 1)(__VA_ARGS__))
#elif WIDEST >= 2
#define GROUP(left) ((left) >= 2 ? 2 : 1)
#define STEP(group, step, ...)                                                                    \
    (group == 2 ? JOIN(BY(step), 2)(__VA_ARGS__) : JOIN(BY(step), 1)(__VA_ARGS__))
#else
#define GROUP(left) 1
#define STEP(group, step, ...) JOIN(BY(step), 1)(__VA_ARGS__)
#endif

static void BY(scale_all)(const Scale *by, Samples counts, double *scaled)
{
    for (ptrdiff_t c = 0, n; c < counts.channels; c += n) {
        n = GROUP(counts.channels - c);
        STEP(n, scale, by, counts, scaled, c);
    }
}

static void BY(filter_all)(const Filter *by, Samples samples, double *y)
{
    for (ptrdiff_t c = 0, n; c < samples.channels; c += n) {
        n = GROUP(samples.channels - c);
        STEP(n, filter, by, samples, y, c);
    }
}

/* The block is full: what was its sum from each place on is the tail of the next one. */
static void BY(turn)(const Rms *by, ptrdiff_t width, ptrdiff_t upto)
{
    for (ptrdiff_t c = 0, n; c < upto; c += n) {
        n = GROUP(upto - c);
        STEP(n, turn, by, width, c);
    }
}

/* One channel: the sums first, each of which waits for the one before, then all else side by side. */
static void BY(known_one)(const Rms *by, Samples samples, double *__restrict rms, ptrdiff_t position)
{
    double *__restrict block = by->parts + 2 * position, *restrict head = block + 2 * by->rows;
    const double *__restrict rest = head + 2 * by->rows + 2;
    const double count = (double)(by->rows - 1);
    double total = head[0];
    head += 2;
    for (ptrdiff_t i = 0; i < samples.n; i++) {
        const double x = samples.at[i * samples.row], term = x * x;
        total += term;
        block[2 * i] = term;
        head[2 * i] = total;
    }
    for (ptrdiff_t i = 0; i < samples.n; i++)
        rms[i] = sqrt((head[2 * i] + rest[2 * i]) / count);
}

/* Say whether all samples are known, and all of this block and the last: then what the parts count
   stands in them already, from one window ago. */
static int BY(all_known)(const Rms *by, Samples samples, ptrdiff_t position)
{
    const ptrdiff_t channels = samples.channels, width = 2 * channels, window = by->rows - 1;
    const double *so_far = by->parts + (by->rows + position) * width + channels;
    const double *before = by->parts + 2 * by->rows * width + channels;
    int unknown = by->mean_only != NULL || by->needed > window;
    for (ptrdiff_t c = 0; c < channels; c++)
        unknown |= so_far[c] != (double)position || before[c] != (double)window;
    if (!unknown && samples.column == 1 && samples.row == channels)
        for (ptrdiff_t i = 0; i < samples.n * channels; i++)
            unknown |= samples.at[i] != samples.at[i];
    else
        for (ptrdiff_t i = 0; i < samples.n && !unknown; i++)
            for (ptrdiff_t c = 0; c < channels; c++) {
                const double x = samples.at[i * samples.row + c * samples.column];
                unknown |= x != x;
            }
    return !unknown;
}

static void BY(rms_all)(const Rms *by, Samples samples, double *rms)
{
    const ptrdiff_t channels = samples.channels, window = by->rows - 1;
    ptrdiff_t position = (ptrdiff_t)*by->position;
    while (samples.n > 0) {
        Samples part = samples;
        if (part.n > window - position)
            part.n = window - position;
        const int known = BY(all_known)(by, part, position);
        if (known && channels == 1)
            BY(known_one)(by, part, rms, position);
        else
            for (ptrdiff_t c = 0, n; c < channels; c += n) {
                n = GROUP(channels - c);
                if (known)
                    STEP(n, known, by, part, rms, position, c);
                else
                    STEP(n, mean, by, part, rms, position, c);
            }
        position += part.n;
        if (position == window) {
            BY(turn)(by, 2 * channels, known ? channels : 2 * channels);
            position = 0;
        }
        samples.at += part.n * samples.row;
        samples.n -= part.n;
        rms += part.n * channels;
    }
    *by->position = position;
}

static int BY(contact_all)(const Contact *by, Samples counts, unsigned char *flags,
                           unsigned char off)
{
    int any = 0;
    for (ptrdiff_t c = 0, n; c < counts.channels; c += n) {
        n = GROUP(counts.channels - c);
        any |= STEP(n, contact, by, counts, flags, off, c);
    }
    return any;
}

static const Steps BY(steps) = {BY(scale_all), BY(filter_all), BY(rms_all), BY(contact_all)};

#undef STEP
#undef GROUP
#undef BY
#undef WIDEST
#undef CPU
