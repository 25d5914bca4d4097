/* The steps for a group of channels, WIDE of them, whose first is given: included by cpu.h once for
   each width. V holds one double a channel, M one mask. */

#define OF(name) JOIN(JOIN(name, CPU), WIDE)
#define V OF(Doubles)
#define M OF(Masks)

#if WIDE > 1
typedef double V __attribute__((vector_size(8 * WIDE)));
typedef int64_t M __attribute__((vector_size(8 * WIDE)));
#define PICK(mask, yes, no) ((V)(((mask) & (M)(yes)) | (~(mask) & (M)(no))))
#define MASK(true_or_not) ((M)(true_or_not))
#else
typedef double V;
typedef int64_t M;
#define PICK(mask, yes, no) ((mask) ? (yes) : (no))
#define MASK(true_or_not) (-(M)(true_or_not))
#endif

INLINE V OF(get)(const double *at)
{
    V x;
    memcpy(&x, at, sizeof x);
    return x;
}

INLINE void OF(put)(double *at, V x)
{
    memcpy(at, &x, sizeof x);
}

INLINE V OF(load)(const Samples *samples, ptrdiff_t i, ptrdiff_t first)
{
    const double *at = samples->at + i * samples->row + first * samples->column;
    double x[WIDE];
    if (samples->column == 1)
        return OF(get)(at);
    for (int c = 0; c < WIDE; c++)
        x[c] = at[c * samples->column];
    return OF(get)(x);
}

INLINE void OF(scale)(const Scale *by, Samples counts, double *scaled, ptrdiff_t first)
{
    const V gain = OF(get)(by->gain + first), offset = OF(get)(by->offset + first);
    scaled += first;
    for (ptrdiff_t i = 0; i < counts.n; i++, scaled += counts.channels)
        OF(put)(scaled, OF(load)(&counts, i, first) * gain + offset);
}

INLINE void OF(filter)(const Filter *by, Samples samples, double *y, ptrdiff_t first)
{
    const ptrdiff_t channels = samples.channels;
    y += first;
    for (ptrdiff_t i = 0; i < samples.n; i++, y += channels) {
        const double *sos = by->sos;
        double *z0 = by->zi + first, *z1 = z0 + channels;
        V x = OF(load)(&samples, i, first);
        for (ptrdiff_t s = by->sections; s > 0; s--) {
            const V out = sos[0] * x + OF(get)(z0);
            OF(put)(z0, sos[1] * x - sos[4] * out + OF(get)(z1));
            OF(put)(z1, sos[2] * x - sos[5] * out);
            x = out;
            sos += 6;
            z0 += 2 * channels;
            z1 += 2 * channels;
        }
        OF(put)(y, x);
    }
}

INLINE void OF(put_roots)(double *at, V means)
{
    double roots[WIDE];
    memcpy(roots, &means, sizeof means);
    for (int c = 0; c < WIDE; c++)
        roots[c] = sqrt(roots[c]);
    memcpy(at, roots, sizeof roots);
}

/* The means whose roots MovingRMS gives, up to the end of the window at most. */
INLINE void OF(mean)(const Rms *by, Samples samples, double *means, ptrdiff_t position,
                     ptrdiff_t first)
{
    const ptrdiff_t channels = samples.channels, width = 2 * channels;
    const V zero = {0}, one = zero + 1.0, needed = zero + (double)by->needed, nan = zero + NAN;
    double *block = by->parts + position * width + first;
    double *head = block + by->rows * width;
    const double *rest = head + by->rows * width + width;
    V total = OF(get)(head), all = OF(get)(head + channels);
    M plain = {0};
    if (by->mean_only) {
        int64_t mask[WIDE];
        for (int c = 0; c < WIDE; c++)
            mask[c] = by->mean_only[first + c] ? -1 : 0;
        memcpy(&plain, mask, sizeof plain);
    }
    means += first;
    for (ptrdiff_t i = 0; i < samples.n; i++) {
        const V x = OF(load)(&samples, i, first);
        const M known = MASK(x == x);
        const V kept = PICK(known, x, zero);
        const V term = by->mean_only ? PICK(plain, kept, kept * kept) : kept * kept;
        const V here = PICK(known, one, zero);
        total += term;
        all += here;
        head += width;
        OF(put)(block, term);
        OF(put)(block + channels, here);
        OF(put)(head, total);
        OF(put)(head + channels, all);
        const V count = all + OF(get)(rest + channels);
        V mean = (total + OF(get)(rest)) / PICK(MASK(count > one), count, one);
        if (by->mean_only)
            mean = PICK(plain, mean * mean, mean);
        mean = PICK(MASK(count < needed), nan, mean);
        OF(put_roots)(means, mean);
        block += width;
        rest += width;
        means += channels;
    }
}

/* The same where all are known, now and in the last two windows: the counts stand as they are. */
INLINE void OF(known)(const Rms *by, Samples samples, double *rms, ptrdiff_t position,
                      ptrdiff_t first)
{
    const ptrdiff_t width = 2 * samples.channels;
    const V zero = {0}, count = zero + (double)(by->rows - 1);
    double *block = by->parts + position * width + first;
    double *head = block + by->rows * width;
    const double *rest = head + by->rows * width + width;
    V total = OF(get)(head);
    rms += first;
    for (ptrdiff_t i = 0; i < samples.n; i++) {
        const V x = OF(load)(&samples, i, first), term = x * x;
        total += term;
        head += width;
        OF(put)(block, term);
        OF(put)(head, total);
        OF(put_roots)(rms, (total + OF(get)(rest)) / count);
        block += width;
        rest += width;
        rms += samples.channels;
    }
}

INLINE void OF(turn)(const Rms *by, ptrdiff_t width, ptrdiff_t first)
{
    const double *block = by->parts + (by->rows - 2) * width + first;
    double *tail = by->parts + (3 * by->rows - 2) * width + first;
    V sum = OF(get)(block);
    OF(put)(tail, sum);
    for (ptrdiff_t i = by->rows - 2; i > 0; i--) {
        block -= width;
        tail -= width;
        sum += OF(get)(block);
        OF(put)(tail, sum);
    }
}

/* Say whether any channel was railed or off at any sample. */
INLINE int OF(contact)(const Contact *by, Samples counts, unsigned char *flags, unsigned char off,
                       ptrdiff_t first)
{
    const ptrdiff_t channels = counts.channels;
    const V low = OF(get)(by->low + first), high = OF(get)(by->high + first);
    const M zero = {0}, off_after = zero + by->off_after;
    V last = OF(get)(by->last + first);
    M railed_for, flat_for, flat_counts, seen = zero;
    int64_t mask[WIDE];
    for (int c = 0; c < WIDE; c++)
        mask[c] = by->flat_means_off[first + c] ? -1 : 0;
    memcpy(&flat_counts, mask, sizeof mask);
    memcpy(&railed_for, by->held + first, sizeof railed_for);
    memcpy(&flat_for, by->held + channels + first, sizeof flat_for);
    for (ptrdiff_t i = 0; i < counts.n; i++) {
        const V x = OF(load)(&counts, i, first);
        const M railed = MASK(x <= low) | MASK(x >= high);
        const M flat = MASK(x == last) & flat_counts;
        railed_for = (railed_for + 1) & railed;
        flat_for = (flat_for + 1) & flat;
        last = x;
        const M is_off = MASK(railed_for >= off_after) | MASK(flat_for >= off_after);
        seen |= railed | is_off;
        if (flags) {
            memcpy(mask, &is_off, sizeof mask);
            for (int c = 0; c < WIDE; c++)
                flags[i * channels + first + c] = mask[c] ? off : 0;
        }
    }
    OF(put)(by->last + first, last);
    memcpy(by->held + first, &railed_for, sizeof railed_for);
    memcpy(by->held + channels + first, &flat_for, sizeof flat_for);
    memcpy(mask, &seen, sizeof mask);
    int any = 0;
    for (int c = 0; c < WIDE; c++)
        any |= mask[c] != 0;
    return any;
}

#undef PICK
#undef MASK
#undef M
#undef V
#undef OF
#undef WIDE
