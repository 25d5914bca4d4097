#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* Of a frame: its number, the index of its first scan, and how many it has. */
typedef struct {
    uint8_t seq;
    uint32_t start, n;
} Place;

/* Frames that followed one another. */
typedef struct {
    size_t taken; /* bytes, up to and with the mark after the last frame */
    size_t frames, scans;
    unsigned flags; /* of any of them */
} Run;

/* To be called once, before `take_run`. */
void make_crc_tables(void);

/* Take the frames at the head of `data` that follow `last`, which moves on, and write their scans
   to `counts`, which has room for `room` scans of `channels`. It stops at the first block that is
   anything else, or is not there whole. */
Run take_run(const uint8_t *data, size_t length, Place *last, double *counts, size_t room,
             size_t channels);

#endif
