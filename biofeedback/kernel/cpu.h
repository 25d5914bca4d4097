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
static void BY(turn)(const Rms *by, ptrdiff_t width)
{
    const ptrdiff_t last = (by->rows - 2) * width;
    const double *block = by->parts;
    double *tail = by->parts + 2 * by->rows * width;
    memcpy(tail + last, block + last, (size_t)width * sizeof(double));
    for (ptrdiff_t k = last - width; k >= 0; k -= width)
        for (ptrdiff_t c = 0; c < width; c++)
            tail[k + c] = tail[k + width + c] + block[k + c];
}

static void BY(rms_all)(const Rms *by, Samples samples, double *rms)
{
    const ptrdiff_t channels = samples.channels, window = by->rows - 1;
    ptrdiff_t position = (ptrdiff_t)*by->position;
    while (samples.n > 0) {
        Samples part = samples;
        if (part.n > window - position)
            part.n = window - position;
        for (ptrdiff_t c = 0, n; c < channels; c += n) {
            n = GROUP(channels - c);
            STEP(n, mean, by, part, rms, position, c);
        }
        for (ptrdiff_t i = 0; i < part.n * channels; i++)
            rms[i] = sqrt(rms[i]);
        position += part.n;
        if (position == window) {
            BY(turn)(by, 2 * channels);
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
