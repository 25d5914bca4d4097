/* The steps that every live chunk goes through, without numpy's cost for each small array.

   Each function does what the Python beside it does without a kernel, to the bit: one addition
   after the other in the same order, nothing contracted (-ffp-contract=off). State lies in arrays
   that Python owns. Arrays are C-contiguous, time first; any other raise ValueError before a byte
   is read. The stable ABI of Python 3.11 and the buffer protocol are all that is needed. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "frames.h"

/* Raised with every change of what a function takes: __init__.py leaves one of another number be. */
#define INTERFACE 2

#define MOST_ARRAYS 7

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

/* Sample `i` of channel `c`, of doubles that may be strided. */
static double sample(const Py_buffer *view, Py_ssize_t i, Py_ssize_t c)
{
    const char *at = (const char *)view->buf + i * view->strides[0] + c * view->strides[1];
    return *(const double *)(const void *)at;
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
    const Py_buffer *counts = &arrays.view[0];
    const Py_ssize_t n = counts->shape[0], channels = counts->shape[1];
    const double *gain = arrays.view[1].buf, *offset = arrays.view[2].buf;
    double *scaled = arrays.view[3].buf;
    if (!has_shape(&arrays, 1, channels, 0, 0) || !has_shape(&arrays, 2, channels, 0, 0) ||
        !has_shape(&arrays, 3, n, channels, 0)) {
        release(&arrays);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++, scaled += channels)
        for (Py_ssize_t c = 0; c < channels; c++)
            scaled[c] = sample(counts, i, c) * gain[c] + offset[c];
    release(&arrays);
    Py_RETURN_NONE;
}

/* sosfilt(sos (sections, 6), zi (sections, 2, channels), samples, filtered) */
static PyObject *sosfilt(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 4) || open_arrays(&arrays, "d2rd3wd2sd2w", args) < 0)
        return NULL;
    const Py_ssize_t sections = arrays.view[0].shape[0];
    const Py_buffer *samples = &arrays.view[2];
    const Py_ssize_t n = samples->shape[0], channels = samples->shape[1];
    const double *all_sos = arrays.view[0].buf;
    double *all_zi = arrays.view[1].buf, *y = arrays.view[3].buf;
    if (!has_shape(&arrays, 0, sections, 6, 0) || !has_shape(&arrays, 1, sections, 2, channels) ||
        !has_shape(&arrays, 3, n, channels, 0)) {
        release(&arrays);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++, y += channels) {
        for (Py_ssize_t c = 0; c < channels; c++)
            y[c] = sample(samples, i, c);
        for (Py_ssize_t s = 0; s < sections; s++) {
            const double *sos = all_sos + 6 * s;
            double *z0 = all_zi + 2 * channels * s, *z1 = z0 + channels;
            for (Py_ssize_t c = 0; c < channels; c++) {
                double in = y[c], out = sos[0] * in + z0[c];
                z0[c] = sos[1] * in - sos[4] * out + z1[c];
                z1[c] = sos[2] * in - sos[5] * out;
                y[c] = out;
            }
        }
    }
    release(&arrays);
    Py_RETURN_NONE;
}

/* moving_rms(samples, mean_only (channels) or None, parts (3, window + 1, 2 * channels), rms,
              position, needed) -> position: power_terms, MovingSum and the root of its means */
static PyObject *moving_rms(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 6))
        return NULL;
    Py_ssize_t position = PyLong_AsSsize_t(args[4]), needed = PyLong_AsSsize_t(args[5]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2s?1od3wd2w", args) < 0)
        return NULL;
    const Py_buffer *samples = &arrays.view[0];
    const Py_ssize_t n = samples->shape[0], channels = samples->shape[1], width = 2 * channels;
    const Py_ssize_t rows = arrays.view[2].shape[1], window = rows - 1;
    const unsigned char *mean_only = arrays.view[1].buf;
    double *block = arrays.view[2].buf, *rms = arrays.view[3].buf;
    int fits = has_shape(&arrays, 1, channels, 0, 0) && has_shape(&arrays, 2, 3, rows, width) &&
               has_shape(&arrays, 3, n, channels, 0);
    if (fits && (position < 0 || position >= window)) {
        PyErr_SetString(PyExc_ValueError, "position lies outside the window");
        fits = 0;
    }
    if (!fits) {
        release(&arrays);
        return NULL;
    }
    double *head = block + rows * width, *tail = head + rows * width;
    for (Py_ssize_t i = 0; i < n; i++, rms += channels) {
        const double *before = head + position * width, *rest = tail + (position + 1) * width;
        double *terms = block + position * width, *sum = head + (position + 1) * width;
        for (Py_ssize_t c = 0; c < channels; c++) {
            const double x = sample(samples, i, c);
            const int known = !isnan(x), plain = mean_only && mean_only[c];
            terms[c] = !known ? 0.0 : plain ? x : x * x;
            terms[channels + c] = known;
        }
        for (Py_ssize_t c = 0; c < width; c++)
            sum[c] = before[c] + terms[c];
        for (Py_ssize_t c = 0; c < channels; c++) {
            const double count = sum[channels + c] + rest[channels + c];
            double mean = (sum[c] + rest[c]) / (count > 1.0 ? count : 1.0);
            if (mean_only && mean_only[c])
                mean *= mean;
            rms[c] = count < (double)needed ? (double)NAN : sqrt(mean);
        }
        if (++position == window) {
            const Py_ssize_t last = (window - 1) * width;
            position = 0;
            memcpy(tail + last, block + last, (size_t)width * sizeof(double));
            for (Py_ssize_t k = last - 1; k >= 0; k--)
                tail[k] = tail[k + width] + block[k];
        }
    }
    release(&arrays);
    return PyLong_FromSsize_t(position);
}

/* contact(counts, low, high, flat_means_off (channels), last (channels), held (2 * channels),
           flags, off_after, off) -> whether anything is railed or off */
static PyObject *contact(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 9))
        return NULL;
    Py_ssize_t off_after = PyLong_AsSsize_t(args[7]);
    long off_flag = PyLong_AsLong(args[8]);
    if (PyErr_Occurred() || open_arrays(&arrays, "d2sd1rd1r?1rd1wq1wB2w", args) < 0)
        return NULL;
    const Py_buffer *counts = &arrays.view[0];
    const Py_ssize_t n = counts->shape[0], channels = counts->shape[1];
    const double *low = arrays.view[1].buf, *high = arrays.view[2].buf;
    const unsigned char *flat_means_off = arrays.view[3].buf;
    double *last = arrays.view[4].buf;
    int64_t *railed_for = arrays.view[5].buf, *flat_for = railed_for + channels;
    unsigned char *flags = arrays.view[6].buf;
    int any = 0, fits = has_shape(&arrays, 5, 2 * channels, 0, 0);
    for (int i = 1; i < 5; i++)
        fits = fits && has_shape(&arrays, i, channels, 0, 0);
    if (!fits || !has_shape(&arrays, 6, n, channels, 0)) {
        release(&arrays);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++, flags += channels)
        for (Py_ssize_t c = 0; c < channels; c++) {
            const double count = sample(counts, i, c);
            const int at_rail = count <= low[c] || count >= high[c];
            railed_for[c] = at_rail ? railed_for[c] + 1 : 0;
            flat_for[c] = count == last[c] && flat_means_off[c] ? flat_for[c] + 1 : 0;
            last[c] = count;
            const int off = railed_for[c] >= off_after || flat_for[c] >= off_after;
            flags[c] = (unsigned char)(off ? off_flag : 0);
            any |= at_rail | off;
        }
    release(&arrays);
    return PyBool_FromLong(any);
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
    const Py_buffer *tension = &arrays.view[0];
    const Py_ssize_t n = tension->shape[0], channels = tension->shape[1];
    const double *thresholds = arrays.view[1].buf;
    signed char *last = arrays.view[2].buf, *zone = arrays.view[3].buf;
    if (!has_shape(&arrays, 1, channels, 0, 0) || !has_shape(&arrays, 2, channels, 0, 0) ||
        !has_shape(&arrays, 3, n, channels, 0)) {
        release(&arrays);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++, zone += channels)
        for (Py_ssize_t c = 0; c < channels; c++) {
            const double x = sample(tension, i, c), threshold = thresholds[c];
            if (isnan(x - threshold))
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

/* tally(zones, quality, valid, judged, relaxed (channels), invalid, is_relaxed) */
static PyObject *tally(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    Arrays arrays;
    (void)self;
    if (!has_n_args(n_args, 7))
        return NULL;
    long invalid = PyLong_AsLong(args[5]), is_relaxed = PyLong_AsLong(args[6]);
    if (PyErr_Occurred() || open_arrays(&arrays, "b2rB2rq1wq1wq1w", args) < 0)
        return NULL;
    const Py_ssize_t n = arrays.view[0].shape[0], channels = arrays.view[0].shape[1];
    const signed char *zone = arrays.view[0].buf;
    const unsigned char *quality = arrays.view[1].buf;
    int64_t *valid = arrays.view[2].buf, *judged = arrays.view[3].buf;
    int64_t *relaxed = arrays.view[4].buf;
    int fits = has_shape(&arrays, 1, n, channels, 0);
    for (int i = 2; i < 5; i++)
        fits = fits && has_shape(&arrays, i, channels, 0, 0);
    if (!fits) {
        release(&arrays);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++, zone += channels, quality += channels)
        for (Py_ssize_t c = 0; c < channels; c++) {
            valid[c] += !(quality[c] & invalid);
            judged[c] += zone[c] != 0;
            relaxed[c] += zone[c] == is_relaxed;
        }
    release(&arrays);
    Py_RETURN_NONE;
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

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

static PyMethodDef methods[] = {METHOD(scale), METHOD(sosfilt), METHOD(moving_rms),
                                METHOD(contact), METHOD(zones), METHOD(tally),
                                METHOD(frames), {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void)
{
    make_crc_tables();
    PyObject *made = PyModule_Create(&module);
    if (made && PyModule_AddIntConstant(made, "INTERFACE", INTERFACE) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
