#ifndef STEPS_H
#define STEPS_H

#include <stddef.h>
#include <stdint.h>

/* Doubles of (n, channels), which may be strided; `row` and `column` in doubles. */
typedef struct {
    const double *at;
    ptrdiff_t n, channels, row, column;
} Samples;

typedef struct {
    const double *gain, *offset;
} Scale;

/* Second-order sections as scipy lays them out, and what each keeps of a channel. */
typedef struct {
    ptrdiff_t sections;
    const double *sos;
    double *zi;
} Filter;

/* MovingRMS: `parts` has `rows` rows of 2 * channels three times, `position` is where it stands. */
typedef struct {
    ptrdiff_t rows; /* one more than the window */
    ptrdiff_t needed;
    const unsigned char *mean_only;
    double *parts;
    int64_t *position;
} Rms;

/* ContactQuality: `held` counts how long a channel was at a rail, then how long it was flat. */
typedef struct {
    ptrdiff_t off_after;
    const double *low, *high;
    const unsigned char *flat_means_off;
    double *last;
    int64_t *held;
} Contact;

/* What a chunk goes through; each does what the Python of that name does, to the bit. */
typedef struct {
    void (*scale)(const Scale *by, Samples counts, double *scaled);
    /* `samples` may be `y` itself. */
    void (*filter)(const Filter *by, Samples samples, double *y);
    void (*rms)(const Rms *by, Samples samples, double *rms);
    /* Say whether anything is railed or off; `off` is what `flags`, if there are any, say then. */
    int (*contact)(const Contact *by, Samples counts, unsigned char *flags, unsigned char off);
} Steps;

/* Watch: of `counts` less their mean, times `gain`, write what `taper` makes of them to `tapered`,
   (channels, n), and of the last `blocks` stretches of `length` the sums and sums of squares,
   (blocks, channels). */
void survey_all(Samples counts, const double *gain, const double *taper, ptrdiff_t blocks,
                ptrdiff_t length, double *tapered, double *sums, double *squares);

/* Return those that suit this processor best. */
const Steps *choose_steps(void);

#endif
