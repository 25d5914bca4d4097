/* The steps that every live chunk goes through, without numpy's cost for each small array.

   Each function does what the Python beside it does without a kernel, to the bit; steps.c has the
   arithmetic. State lies in arrays that Python owns. Arrays are C-contiguous, time first; any other
   raise ValueError before a byte is read. The stable ABI of Python 3.11 and the buffer protocol are
   all that is needed. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>
#ifndef _WIN32
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#endif

#include "frames.h"
#include "steps.h"

/* Raised with every change of what a function takes: __init__.py leaves one of another number be. */
#define INTERFACE 10

#define MOST_ARRAYS 17

static const Steps *steps;

typedef struct {
    Py_buffer view[MOST_ARRAYS];
    int n;
} Arrays;

static void release(Arrays *arrays)
{
    while (arrays->n > 0)
        PyBuffer_Release(&arrays->view[--arrays->n]);
}

static int is_kind(const Py_buffer *view, char kind)
{
    const char *format = view->format ? view->format : "B";
    if (strlen(format) != 1 || (uintptr_t)view->buf % (size_t)view->itemsize)
        return 0;
    for (int d = 0; d < view->ndim; d++)
        if (view->strides[d] % view->itemsize)
            return 0;
    switch (kind) {
    case 'd': return *format == 'd';
    case 'i': return view->itemsize == 4 && *format == 'i';
    case 'q': return view->itemsize == 8 && (*format == 'l' || *format == 'q');
    default: return view->itemsize == 1 && *format == kind; /* B, b, ? */
    }
}

/* Open the arrays that `spec` names, three letters each: kind, dimensions, and what is done with it:
   w written, r read, s read and perhaps strided, o read and perhaps None (then `buf` is NULL).
   Return 0, or -1 with an exception set and nothing left open. */
static int open_arrays(Arrays *arrays, const char *spec, PyObject *const *args)
{
    for (arrays->n = 0; *spec; spec += 3) {
        const char use = spec[2];
        Py_buffer *view = &arrays->view[arrays->n];
        if (use == 'o' && args[arrays->n] == Py_None) {
            memset(view, 0, sizeof *view);
            arrays->n++;
            continue;
        }
        int flags = PyBUF_FORMAT | (use == 's' ? PyBUF_STRIDES : PyBUF_C_CONTIGUOUS);
        if (PyObject_GetBuffer(args[arrays->n], view, use == 'w' ? flags | PyBUF_WRITABLE : flags)) {
            PyErr_Format(PyExc_ValueError, "argument %d is no %s array", arrays->n,
                         use == 'w' ? "writable C-contiguous" : "C-contiguous");
            release(arrays);
            return -1;
        }
        arrays->n++;
        if (!is_kind(view, spec[0]) || view->ndim != spec[1] - '0') {
            PyErr_Format(PyExc_ValueError, "argument %d must be aligned, of type '%c', %cd",
                         arrays->n - 1, spec[0], spec[1]);
            release(arrays);
            return -1;
        }
    }
    return 0;
}

/* Say whether argument `i` has the shape that is given; sets the exception where it has not. */
static int has_shape(const Arrays *arrays, int i, Py_ssize_t a, Py_ssize_t b, Py_ssize_t c)
{
    const Py_buffer *view = &arrays->view[i];
    const Py_ssize_t wanted[3] = {a, b, c};
    for (int d = 0; d < view->ndim; d++)
        if (view->shape[d] != wanted[d]) {
            PyErr_Format(PyExc_ValueError, "argument %d: dimension %d is %zd and not %zd", i, d,
                         view->shape[d], wanted[d]);
            return 0;
        }
    return 1;
}

static Samples samples_of(const Py_buffer *view)
{
    const Py_ssize_t each = sizeof(double);
    return (Samples){view->buf, view->shape[0], view->shape[1], view->strides[0] / each,
                     view->strides[1] / each};
}

static int has_n_args(Py_ssize_t n, Py_ssize_t wanted)
{
    if (n != wanted)
        PyErr_Format(PyExc_TypeError, "takes %zd arguments, not %zd", wanted, n);
    return n == wanted;
}

/* scale(counts, gain, offset (channels), scaled) */
static PyObject *scale(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 4) || open_arrays(&arrays, "d2sd1rd1rd2w", args) < 0)
        return NULL;
    const Samples counts = samples_of(&arrays.view[0]);
    const Scale by = {arrays.view[1].buf, arrays.view[2].buf};
    const int fits = has_shape(&arrays, 1, counts.channels, 0, 0) &&
                     has_shape(&arrays, 2, counts.channels, 0, 0) &&
                     has_shape(&arrays, 3, counts.n, counts.channels, 0);
    if (fits)
        steps->scale(&by, counts, arrays.view[3].buf);
    release(&arrays);
    return fits ? Py_NewRef(Py_None) : NULL;
}

/* The filter in arrays `i`, its sos, and `i` + 1, its zi; sets the exception where they misfit. */
static int is_filter(const Arrays *arrays, int i, Py_ssize_t channels, Filter *filter)
{
    const Py_ssize_t sections = arrays->view[i].shape[0];
    *filter = (Filter){sections, arrays->view[i].buf, arrays->view[i + 1].buf};
    return has_shape(arrays, i, sections, 6, 0) && has_shape(arrays, i + 1, sections, 2, channels);
}

/* sosfilt(sos (sections, 6), zi (sections, 2, channels), samples, filtered) */
static PyObject *sosfilt(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    Filter filter;
    (void)self;
    if (!has_n_args(n_args, 4) || open_arrays(&arrays, "d2rd3wd2sd2w", args) < 0)
        return NULL;
    const Samples samples = samples_of(&arrays.view[2]);
    const int fits = is_filter(&arrays, 0, samples.channels, &filter) &&
                     has_shape(&arrays, 3, samples.n, samples.channels, 0);
    if (fits)
        steps->filter(&filter, samples, arrays.view[3].buf);
    release(&arrays);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static int is_inside(const Rms *rms)
{
    const int inside = *rms->position >= 0 && *rms->position < rms->rows - 1;
    if (!inside)
        PyErr_SetString(PyExc_ValueError, "position lies outside the window");
    return inside;
}

/* The RMS in arrays `i` to `i` + 2: its mean_only, parts and position; sets the exception where they
   do not fit. */
static int is_rms(const Arrays *arrays, int i, Py_ssize_t channels, Py_ssize_t needed, Rms *rms)
{
    const Py_buffer *view = arrays->view + i;
    const Py_ssize_t rows = view[1].shape[1];
    *rms = (Rms){rows, needed, view[0].buf, view[1].buf, view[2].buf};
    if (!has_shape(arrays, i, channels, 0, 0) || !has_shape(arrays, i + 1, 3, rows, 2 * channels) ||
        !has_shape(arrays, i + 2, 1, 0, 0))
        return 0;
    return is_inside(rms);
}

/* moving_rms(samples, mean_only (channels) or None, parts (3, window + 1, 2 * channels),
              position (1), rms, needed) */
static PyObject *moving_rms(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    Rms by;
    (void)self;
    if (!has_n_args(n_args, 6))
        return NULL;
    Py_ssize_t needed = PyLong_AsSsize_t(args[5]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2s?1od3wq1wd2w", args) < 0)
        return NULL;
    const Samples samples = samples_of(&arrays.view[0]);
    const int fits = is_rms(&arrays, 1, samples.channels, needed, &by) &&
                     has_shape(&arrays, 4, samples.n, samples.channels, 0);
    if (fits)
        steps->rms(&by, samples, arrays.view[4].buf);
    release(&arrays);
    return fits ? Py_NewRef(Py_None) : NULL;
}

/* The contact in arrays `i` to `i` + 4; sets the exception where they do not fit. */
static int is_contact(const Arrays *arrays, int i, Py_ssize_t channels, Py_ssize_t off_after,
                      Contact *contact)
{
    const Py_buffer *view = arrays->view + i;
    *contact = (Contact){off_after, view[0].buf, view[1].buf, view[2].buf, view[3].buf,
                         view[4].buf};
    for (int k = 0; k < 4; k++)
        if (!has_shape(arrays, i + k, channels, 0, 0))
            return 0;
    return has_shape(arrays, i + 4, 2 * channels, 0, 0);
}

/* contact(counts, low, high, flat_means_off (channels), last (channels), held (2 * channels),
           flags, off_after, off) -> whether anything is railed or off */
static PyObject *contact(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    Contact by;
    (void)self;
    if (!has_n_args(n_args, 9))
        return NULL;
    Py_ssize_t off_after = PyLong_AsSsize_t(args[7]);
    long off = PyLong_AsLong(args[8]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2sd1rd1r?1rd1wq1wB2w", args) < 0)
        return NULL;
    const Samples counts = samples_of(&arrays.view[0]);
    const int fits = is_contact(&arrays, 1, counts.channels, off_after, &by) &&
                     has_shape(&arrays, 6, counts.n, counts.channels, 0);
    const int any = fits && steps->contact(&by, counts, arrays.view[6].buf, (unsigned char)off);
    release(&arrays);
    return fits ? PyBool_FromLong(any) : NULL;
}

/* The steps of a chunk in which nothing is flagged. Opening an array takes as long as filtering it:
   those of the state stay open. */
typedef struct {
    Arrays arrays;
    Py_ssize_t channels, room; /* rows of what is kept */
    Scale scale;
    Contact contact;
    Filter filter;
    Rms fast, slow;
    double *kept_counts;
    int64_t *kept;
    double tried[]; /* last and held of a contact that may not stand */
} Chain;

static const char chain_name[] = "biofeedback.chain";

static void free_chain(PyObject *capsule)
{
    Chain *chain = PyCapsule_GetPointer(capsule, chain_name);
    release(&chain->arrays);
    PyMem_Free(chain);
}

/* chain(gain, offset, <contact: low to held>, <sosfilt: sos, zi>, <fast RMS: mean_only, parts,
         position>, <slow RMS: the same>, kept counts (rows, channels), kept (1),
         off_after, fast_needed, slow_needed) -> what run_chain takes */
static PyObject *chain(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 20))
        return NULL;
    Py_ssize_t off_after = PyLong_AsSsize_t(args[17]);
    Py_ssize_t fast_needed = PyLong_AsSsize_t(args[18]), slow_needed = PyLong_AsSsize_t(args[19]);
    const char *spec = "d1rd1rd1rd1r?1rd1wq1wd2rd3w?1od3wq1w?1od3wq1wd2wq1w";
    if (PyErr_Occurred() || open_arrays(&arrays, spec, args) < 0)
        return NULL;
    const Py_ssize_t channels = arrays.view[0].shape[0], room = arrays.view[15].shape[0];
    Chain *made = PyMem_Malloc(sizeof *made + 3 * (size_t)channels * sizeof(double));
    PyObject *capsule = NULL;
    if (!made)
        PyErr_NoMemory();
    else if (has_shape(&arrays, 1, channels, 0, 0) &&
             is_contact(&arrays, 2, channels, off_after, &made->contact) &&
             is_filter(&arrays, 7, channels, &made->filter) &&
             is_rms(&arrays, 9, channels, fast_needed, &made->fast) &&
             is_rms(&arrays, 12, channels, slow_needed, &made->slow) &&
             has_shape(&arrays, 15, room, channels, 0) && has_shape(&arrays, 16, 1, 0, 0))
        capsule = PyCapsule_New(made, chain_name, free_chain);
    if (!capsule) {
        PyMem_Free(made);
        release(&arrays);
        return NULL;
    }
    made->arrays = arrays;
    made->channels = channels;
    made->room = room;
    made->scale = (Scale){arrays.view[0].buf, arrays.view[1].buf};
    made->kept_counts = arrays.view[15].buf;
    made->kept = arrays.view[16].buf;
    return capsule;
}

/* Whether the state that Python owns lets `n` more rows in; sets the exception where not. */
static int has_room(const Chain *chain, Py_ssize_t n)
{
    const int fits = is_inside(&chain->fast) && is_inside(&chain->slow);
    if (fits && (*chain->kept < 0 || *chain->kept > chain->room - n)) {
        PyErr_SetString(PyExc_ValueError, "there is no room to keep so many rows");
        return 0;
    }
    return fits;
}

static void run_steps(const Chain *chain, Samples counts, Samples filtered, double *fast,
                      double *slow)
{
    const ptrdiff_t channels = chain->channels;
    double *y = (double *)(uintptr_t)filtered.at;
    double *row = chain->kept_counts + *chain->kept * channels;
    steps->scale(&chain->scale, counts, y);
    steps->filter(&chain->filter, filtered, y);
    steps->rms(&chain->fast, filtered, fast);
    steps->rms(&chain->slow, filtered, slow);
    for (ptrdiff_t i = 0; i < counts.n; i++)
        for (ptrdiff_t c = 0; c < channels; c++)
            *row++ = counts.at[i * counts.row + c * counts.column];
    *chain->kept += counts.n;
}

/* run_chain(chain, counts, filtered, fast, slow) -> whether it was done; False, and nothing has
   changed, where anything is railed or off */
static PyObject *run_chain(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 5))
        return NULL;
    Chain *chain = PyCapsule_GetPointer(args[0], chain_name);
    if (!chain || open_arrays(&arrays, "d2sd2wd2wd2w", args + 1) < 0)
        return NULL;
    const Samples counts = samples_of(&arrays.view[0]);
    const Py_ssize_t channels = chain->channels;
    int fits = has_room(chain, counts.n);
    for (int i = 0; i < 4; i++)
        fits = fits && has_shape(&arrays, i, counts.n, channels, 0);
    if (!fits) {
        release(&arrays);
        return NULL;
    }
    const size_t last_bytes = (size_t)channels * sizeof(double), held_bytes = 2 * last_bytes;
    const Contact *kept = &chain->contact;
    Contact tried = *kept;
    tried.last = memcpy(chain->tried, kept->last, last_bytes);
    tried.held = memcpy(chain->tried + channels, kept->held, held_bytes);
    const int clean = !steps->contact(&tried, counts, NULL, 0);
    if (clean) {
        memcpy(kept->last, tried.last, last_bytes);
        memcpy(kept->held, tried.held, held_bytes);
        run_steps(chain, counts, samples_of(&arrays.view[1]), arrays.view[2].buf,
                  arrays.view[3].buf);
    }
    release(&arrays);
    return PyBool_FromLong(clean);
}

/* zones(tension, thresholds, last (channels), zones, slack, relaxed, tense) */
static PyObject *zones(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 7))
        return NULL;
    double slack = PyFloat_AsDouble(args[4]);
    long relaxed = PyLong_AsLong(args[5]), tense = PyLong_AsLong(args[6]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2sd1rb1wb2w", args) < 0)
        return NULL;
    const Samples tension = samples_of(&arrays.view[0]);
    const Py_ssize_t n = tension.n, channels = tension.channels;
    const double *thresholds = arrays.view[1].buf;
    signed char *last = arrays.view[2].buf, *zone = arrays.view[3].buf;
    if (!has_shape(&arrays, 1, channels, 0, 0) || !has_shape(&arrays, 2, channels, 0, 0) ||
        !has_shape(&arrays, 3, n, channels, 0)) {
        release(&arrays);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++, zone += channels)
        for (Py_ssize_t c = 0; c < channels; c++) {
            const double x = tension.at[i * tension.row + c * tension.column];
            const double threshold = thresholds[c], apart = x - threshold;
            if (apart != apart) /* either is unknown */
                last[c] = 0;
            else if (x > threshold)
                last[c] = (signed char)tense;
            else if (x < threshold * slack || !last[c])
                last[c] = (signed char)relaxed;
            zone[c] = last[c];
        }
    release(&arrays);
    Py_RETURN_NONE;
}

/* survey(counts, gain (channels), taper (n), trend (blocks - 1), work (2 * blocks),
          tapered (channels, n), emg, swing (channels), length) */
static PyObject *survey(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 9))
        return NULL;
    Py_ssize_t length = PyLong_AsSsize_t(args[8]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2sd1rd1rd1rd1wd2wd1wd1w", args) < 0)
        return NULL;
    const Py_buffer *view = arrays.view;
    const Samples counts = samples_of(&view[0]);
    const Py_ssize_t blocks = view[3].shape[0] + 1;
    int fits = has_shape(&arrays, 1, counts.channels, 0, 0) &&
               has_shape(&arrays, 2, counts.n, 0, 0) &&
               has_shape(&arrays, 4, 2 * blocks, 0, 0) &&
               has_shape(&arrays, 5, counts.channels, counts.n, 0) &&
               has_shape(&arrays, 6, counts.channels, 0, 0) &&
               has_shape(&arrays, 7, counts.channels, 0, 0);
    if (fits && (length < 2 || length > counts.n / blocks || blocks < 8)) {
        PyErr_SetString(PyExc_ValueError, "the dimension of a block does not fit");
        fits = 0;
    }
    if (fits)
        survey_all(counts, view[1].buf, view[2].buf, view[3].buf, blocks, length, view[4].buf,
                   view[5].buf, view[6].buf, view[7].buf);
    release(&arrays);
    return fits ? Py_NewRef(Py_None) : NULL;
}

/* comb(spectra (channels, 2 * n), under (lines, 3), around (lines, 12), sums (2 * lines + 1, channels),
        first, last) */
static PyObject *comb(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 6))
        return NULL;
    Py_ssize_t first = PyLong_AsSsize_t(args[4]), last = PyLong_AsSsize_t(args[5]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2rq2rq2rd2w", args) < 0)
        return NULL;
    const Py_buffer *view = arrays.view;
    const Py_ssize_t channels = view[0].shape[0], n = view[0].shape[1] / 2;
    const Py_ssize_t lines = view[1].shape[0];
    const int64_t *under = view[1].buf, *around = view[2].buf;
    int fits = has_shape(&arrays, 0, channels, 2 * n, 0) && has_shape(&arrays, 1, lines, 3, 0) &&
               has_shape(&arrays, 2, lines, 12, 0) &&
               has_shape(&arrays, 3, 2 * lines + 1, channels, 0);
    int inside = first >= 0 && last <= n;
    for (Py_ssize_t i = 0; fits && inside && i < 3 * lines; i++)
        inside = under[i] >= 0 && under[i] < n;
    for (Py_ssize_t i = 0; fits && inside && i < 12 * lines; i++)
        inside = around[i] >= 0 && around[i] < n;
    if (fits && !inside)
        PyErr_SetString(PyExc_ValueError, "a bin lies outside the dimension of a spectrum");
    if (fits && inside)
        comb_all(view[0].buf, n, channels, under, around, lines, first, last, view[3].buf);
    release(&arrays);
    return fits && inside ? Py_NewRef(Py_None) : NULL;
}

/* hum(sums (2 * lines + 1, channels), share, chance (2, channels), hums, may_be_off, least, off_power
       (channels), rules (6), of_50) */
static PyObject *hum(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 9))
        return NULL;
    Py_ssize_t of_50 = PyLong_AsSsize_t(args[8]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2rd2wd2w?1w?1wd1rd1rd1r", args) < 0)
        return NULL;
    const Py_buffer *view = arrays.view;
    const Py_ssize_t channels = view[0].shape[1], lines = view[0].shape[0] / 2;
    const Hum by = {view[1].buf, view[2].buf, view[3].buf, view[4].buf,
                    view[5].buf, view[6].buf, view[7].buf};
    int fits = has_shape(&arrays, 0, 2 * lines + 1, channels, 0) &&
               has_shape(&arrays, 1, 2, channels, 0) && has_shape(&arrays, 2, 2, channels, 0) &&
               has_shape(&arrays, 7, 6, 0, 0);
    for (int i = 3; i < 7; i++)
        fits = fits && has_shape(&arrays, i, channels, 0, 0);
    if (fits)
        hum_all(&by, view[0].buf, lines, of_50, channels);
    release(&arrays);
    return fits ? Py_NewRef(Py_None) : NULL;
}

/* frames(data, counts (scans, channels), seq, start, n) -> bytes taken, frames, scans, flags, and
          (seq, start, n) of the last frame; goes in with those of the one before */
static PyObject *frames(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 5))
        return NULL;
    unsigned long seq = PyLong_AsUnsignedLong(args[2]), start = PyLong_AsUnsignedLong(args[3]);
    unsigned long n = PyLong_AsUnsignedLong(args[4]);
    if (PyErr_Occurred() || open_arrays(&arrays, "B1rd2w", args) < 0)
        return NULL;
    const Py_buffer *data = &arrays.view[0], *counts = &arrays.view[1];
    const size_t room = (size_t)counts->shape[0], channels = (size_t)counts->shape[1];
    if (!channels) {
        PyErr_SetString(PyExc_ValueError, "argument 1 has no channels");
        release(&arrays);
        return NULL;
    }
    Place last = {(uint8_t)seq, (uint32_t)start, (uint32_t)n};
    const Run run = take_run(data->buf, (size_t)data->len, &last, counts->buf, room, channels);
    release(&arrays);
    return Py_BuildValue("nnnI(BII)", (Py_ssize_t)run.taken, (Py_ssize_t)run.frames,
                         (Py_ssize_t)run.scans, run.flags, last.seq, (unsigned)last.start,
                         (unsigned)last.n);
}

/* quantise(samples, step, shift, low, high, exact (channels), counts) -> whether all can be recorded;
            the ends are those of 32 bits at most */
static PyObject *quantise(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 7) || open_arrays(&arrays, "d2sd1rd1rd1rd1r?1ri2w", args) < 0)
        return NULL;
    const Py_buffer *view = arrays.view;
    const Samples samples = samples_of(&view[0]);
    const Digits by = {view[1].buf, view[2].buf, view[3].buf, view[4].buf, view[5].buf};
    int fits = has_shape(&arrays, 6, samples.n, samples.channels, 0), whole = 0;
    for (int i = 1; i < 6; i++)
        fits = fits && has_shape(&arrays, i, samples.channels, 0, 0);
    for (Py_ssize_t c = 0; fits && c < samples.channels; c++)
        if (!(by.low[c] >= INT32_MIN && by.high[c] <= INT32_MAX)) {
            PyErr_SetString(PyExc_ValueError, "what is recorded has more than 32 bits");
            fits = 0;
        }
    if (fits)
        whole = quantise_all(&by, samples, view[6].buf);
    release(&arrays);
    return fits ? PyBool_FromLong(whole) : NULL;
}

#ifndef _WIN32
/* read_port(fd, timeout_ms) -> what has come, None where nothing does in that time; poll and read in
   one, since each of Python's own costs as much again when the caches are cold */
static PyObject *read_port(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    char data[4096];
    (void)self;
    if (!has_n_args(n_args, 2))
        return NULL;
    struct pollfd port = {(int)PyLong_AsLong(args[0]), POLLIN, 0};
    const int timeout_ms = (int)PyLong_AsLong(args[1]);
    if (PyErr_Occurred())
        return NULL;
    ssize_t n = 0;
    int ready;
    Py_BEGIN_ALLOW_THREADS
    ready = poll(&port, 1, timeout_ms);
    if (ready > 0)
        n = read(port.fd, data, sizeof data);
    Py_END_ALLOW_THREADS
    if (ready < 0 || n < 0) {
        if (errno != EINTR)
            return PyErr_SetFromErrno(PyExc_OSError);
        return PyErr_CheckSignals() < 0 ? NULL : Py_NewRef(Py_None);
    }
    return ready ? PyBytes_FromStringAndSize(data, n) : Py_NewRef(Py_None);
}
#endif

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

static PyMethodDef methods[] = {METHOD(scale),   METHOD(sosfilt), METHOD(moving_rms),
                                METHOD(contact), METHOD(chain),   METHOD(run_chain),
                                METHOD(zones),   METHOD(survey),  METHOD(comb),
                                METHOD(hum),     METHOD(frames),  METHOD(quantise),
#ifndef _WIN32
                                METHOD(read_port),
#endif
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void)
{
    make_crc_tables();
    steps = choose_steps();
    PyObject *made = PyModule_Create(&module);
    if (made && PyModule_AddIntConstant(made, "INTERFACE", INTERFACE) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
