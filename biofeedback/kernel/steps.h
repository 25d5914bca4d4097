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
   (channels, n), and how large the EMG and the slow swing are in the last `blocks` stretches of
   `length`; `trend` is a straight line of `blocks` - 1, `work` has room for 2 * `blocks`. */
void survey_all(Samples counts, const double *gain, const double *taper, const double *trend,
                ptrdiff_t blocks, ptrdiff_t length, double *work, double *tapered, double *emg,
                double *swing);

/* Watch: of each of `channels` spectra, (n) of two doubles, the power under each line (3 bins), in
   its floor (12 bins), and in the band: `sums` is (2 * lines + 1, channels). */
void comb_all(const double *spectra, ptrdiff_t n, ptrdiff_t channels, const int64_t *under,
              const int64_t *around, ptrdiff_t lines, ptrdiff_t first, ptrdiff_t last,
              double *sums);

/* Watch: what it knows of the hum of each channel, (2, channels) for 50 and 60 Hz and (channels), and
   its rules: the weight of the newest, of a first chance, the least share, the factor of chance, how
   far it lets go, and the share of an open electrode. */
typedef struct {
    double *share, *chance;
    unsigned char *hums, *may_be_off;
    const double *least, *off_power, *rules;
} Hum;

/* Judge the sums of `comb_all`; the first `of_50` lines are those of 50 Hz. */
void hum_all(const Hum *by, const double *sums, ptrdiff_t lines, ptrdiff_t of_50,
             ptrdiff_t channels);

/* What becomes of a channel's samples in a file: see edf_counts.Scale. */
typedef struct {
    const double *step, *shift, *low, *high;
    const unsigned char *exact;
} Digits;

/* Encoder: write the counts of `samples`; 0 where one of them cannot be recorded, or is not finite. */
int quantise_all(const Digits *by, Samples samples, int32_t *counts);

/* Return those that suit this processor best. */
const Steps *choose_steps(void);

#endif
