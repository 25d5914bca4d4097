/* Our boards' frames of scans (docs/protocol.md), as long as nothing is unusual: wire/native.py
   is the reference, and takes every other block. */

#include "frames.h"

#include <string.h>

enum { DATA = 1, HEAD = 7, CRC = 2, LEAST_BLOCK = 4, MOST_BLOCK = 255 };

/* tables[k][byte]: what `byte` does to the CRC when k more zero bytes have followed it. */
static uint16_t tables[4][256];

void make_crc_tables(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0);
        tables[0][byte] = (uint16_t)crc;
    }
    for (int k = 1; k < 4; k++)
        for (unsigned byte = 0; byte < 256; byte++) {
            const unsigned before = tables[k - 1][byte];
            tables[k][byte] = (uint16_t)(before << 8 ^ tables[0][before >> 8]);
        }
}

static unsigned crc_of(const uint8_t *at, size_t n)
{
    unsigned crc = 0xFFFF;
    for (; n >= 4; n -= 4, at += 4) /* four at once: a table waits for the one before it */
        crc = tables[3][at[0] ^ crc >> 8] ^ tables[2][at[1] ^ (crc & 0xFF)] ^ tables[1][at[2]] ^
              tables[0][at[3]];
    for (; n; n--)
        crc = (crc << 8 & 0xFF00) ^ tables[0][crc >> 8 ^ *at++];
    return crc;
}

/* Undo the COBS of `block`, which holds no zero, into `body`: a byte that means nothing, payload,
   CRC. Return the length of the payload; 0 where it was damaged. */
static size_t undo(const uint8_t *block, size_t length, uint8_t body[MOST_BLOCK])
{
    if (length < LEAST_BLOCK || length > MOST_BLOCK)
        return 0;
    memcpy(body, block, length);
    size_t at = 0;
    while (at < length) { /* each code says where the next one lies; a zero stood in its place */
        const size_t step = body[at];
        body[at] = 0;
        at += step;
    }
    const size_t n = length - 1 - CRC;
    const uint8_t *crc = body + 1 + n;
    return at == length && crc_of(body + 1, n) == (crc[0] | (unsigned)crc[1] << 8) ? n : 0;
}

Run take_run(const uint8_t *data, size_t length, Place *last, double *counts, size_t room,
             size_t channels)
{
    uint8_t body[MOST_BLOCK];
    const uint8_t *mark, *payload = body + 1, *at = data, *end = data + length;
    const size_t scan_bytes = 2 * channels;
    Run run = {0, 0, 0, 0};
    for (; at < end && (mark = memchr(at, 0, (size_t)(end - at))); at = mark + 1) {
        if (mark == at)
            continue;
        const size_t size = undo(at, (size_t)(mark - at), body);
        if (size < HEAD + scan_bytes || (size - HEAD) % scan_bytes || payload[0] != DATA)
            break;
        const uint32_t start = payload[3] | (uint32_t)payload[4] << 8 | (uint32_t)payload[5] << 16 |
                               (uint32_t)payload[6] << 24;
        const Place next = {payload[1], start, (uint32_t)((size - HEAD) / scan_bytes)};
        if (next.seq != (uint8_t)(last->seq + 1) || start != (uint32_t)(last->start + last->n) ||
            next.n > room - run.scans)
            break;
        const uint8_t *count = payload + HEAD;
        for (size_t i = 0; i < next.n * channels; i++)
            *counts++ = count[2 * i] | count[2 * i + 1] << 8;
        *last = next;
        run.frames++;
        run.scans += next.n;
        run.flags |= payload[2];
    }
    run.taken = (size_t)(at - data);
    return run;
}
