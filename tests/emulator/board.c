/* An Arduino Uno without an Uno: libsimavr runs the real firmware, A0 to A5 read millivolts from a
 * CSV, and the serial port is a pseudo-terminal. Commands come as lines on stdin, each is answered
 * by one JSON line on stdout. A test tool: libsimavr is GPL-3, nothing of this is in the package.
 *
 * Quirks of simavr 1.6 are marked "simavr:" where they are met. One is kept: a UART byte takes 11
 * bit times (it counts a parity bit always), so a full line carries 9 % less than a real one. And
 * bytes from the host wait for the firmware, 64 of them and the terminal's; a real board loses the
 * third one that nobody has read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <asm/termbits.h> /* termios2, which has speeds as numbers; termios.h must stay out */

#include <avr_adc.h>
#include <avr_ioport.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_interrupts.h>

#define MCU "atmega328p"
#define HZ 16000000u
#define FLASH_BYTES 32768u
#define CHANNELS 6
#define HOLD_AGAIN_US 20000 /* the firmware has set its pins by then */
#define BAUD_TOLERANCE 0.04 /* 8N1 is read at the middle of bits: half a bit in ten, and a reserve */

/* Registers of the ATmega328P, as addresses of data memory. */
enum { MCUSR = 0x54, ADCSRB = 0x7B, ADMUX = 0x7C, UCSR0A = 0xC0, UBRR0L = 0xC4 };
enum { ADTS = 7, ADTS_TIMER1_B = 5, U2X0 = 1 << 1, TIMER1_COMPB_VECTOR = 12 };
enum { POWER_ON = 1, RESET_PIN = 2, WATCHDOG = 8 }; /* bits of MCUSR */

typedef struct { double at_s; uint8_t bytes[64]; size_t n; } line_t;

static struct {
    double speed, ppm, sfreq, until_s, burst_s;
    uint32_t supply_mv, aref_mv;
    bool autoreset;
    const char *out, *analog;
} option = {.speed = 1, .sfreq = 1000, .supply_mv = 5000, .aref_mv = 5000, .autoreset = true};

static struct {
    uint64_t conversions, triggers, missed, sent, dropped, received, garbled, resets, led;
} count;

static avr_t *avr;
static avr_run_t usual_run;
static avr_irq_t *uart_in, *adc_in, *button;
static bool held; /* the button */
static uint8_t flash[FLASH_BYTES];
static uint32_t reset_pc;
static uint64_t cycles_before; /* those of the chips before the last reset */
static bool trigger_armed, room_in_uart;

static float *wave; /* (rows, CHANNELS) in mV */
static size_t rows;
static line_t script[64];
static size_t script_n, script_done;

static int master = -1, spare = -1; /* of the pseudo-terminal in use, and of the one after it */
static int watch = -1;              /* tells of openings and closings of the one in use */
static int readers;
static bool plugged, silent, quit;
static uint32_t host_baud = 115200;
static uint8_t pending[65536];
static size_t pending_n;
static double burst_due_s, pace_wall_s, pace_board_s;
static uint32_t noise = 1;
static FILE *answers, *out_file;

static double wall_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t board_cycles(void) { return cycles_before + avr->cycle; }
static double board_s(void) { return (double)board_cycles() / HZ; }

static void die(const char *what) {
    perror(what);
    exit(2);
}

static void answer(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(answers, format, args);
    va_end(args);
    fputc('\n', answers);
    fflush(answers);
}

/* ---- the analog inputs ---- */

static uint32_t reference_mv(void) {
    uint8_t refs = avr->data[ADMUX] >> 6;
    return refs == 0 ? avr->aref : refs == 3 ? 1100 : avr->avcc;
}

/* A conversion begins: put the voltage of this moment on its pin.
 *
 * simavr: a pin has whole millivolts, and the count is floor(mv * 1023 / reference). So that
 * fractions count, the count is worked out here, and the pin is given the least voltage for it. */
static void on_conversion(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq, (void)param;
    union { uint32_t value; avr_adc_mux_t mux; } what = {0};
    what.value = value;
    count.conversions++;
    if (what.mux.kind != ADC_MUX_SINGLE || what.mux.src >= CHANNELS || !rows) return;
    size_t row = (size_t)((double)board_cycles() * (option.sfreq / HZ)) % rows;
    uint32_t reference = reference_mv();
    double counts = wave[row * CHANNELS + what.mux.src] * 1023.0 / reference;
    uint32_t whole = counts <= 0 ? 0 : counts >= 1023 ? 1023 : (uint32_t)counts;
    uint32_t mv = (whole * reference + 1022) / 1023;
    avr_raise_irq(adc_in + ADC_IRQ_ADC0 + what.mux.src, mv);
}

/* simavr: it knows ADTS = 5 (timer 1, compare match B, starts a conversion) by name only. On
 * silicon the rising edge of the flag is the trigger: while it is set, further matches do nothing.
 * simavr: writing TIFR1 clears every flag of the timer, whichever bits are written. */
static void on_compare_b(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq, (void)param;
    if (!value) {
        trigger_armed = true; /* the flag was cleared */
        return;
    }
    if ((avr->data[ADCSRB] & ADTS) != ADTS_TIMER1_B) return;
    if (!trigger_armed) {
        count.missed++;
        return;
    }
    trigger_armed = false;
    count.triggers++;
    avr_raise_irq(adc_in + ADC_IRQ_IN_TRIGGER, 1);
}

static void load_analog(const char *name) {
    FILE *file = fopen(name, "r");
    char text[512];
    if (!file) die(name);
    while (fgets(text, sizeof text, file)) {
        wave = realloc(wave, (rows + 1) * CHANNELS * sizeof *wave);
        char *at = text;
        for (int channel = 0; channel < CHANNELS; channel++) {
            wave[rows * CHANNELS + channel] = strtof(at, &at);
            at += *at == ',';
        }
        rows++;
    }
    fclose(file);
}

/* ---- the serial port ---- */

static double uart_baud(void) {
    uint32_t ubrr = (avr->data[UBRR0L] | avr->data[UBRR0L + 1] << 8) & 0xFFF;
    return (double)HZ / (avr->data[UCSR0A] & U2X0 ? 8 : 16) / (ubrr + 1);
}

/* The other end of a pseudo-terminal sees the speed that the reader has set. */
static void look_at_baud(void) {
    struct termios2 tio;
    if (!ioctl(master, TCGETS2, &tio)) host_baud = tio.c_ospeed;
}

/* What becomes of a byte on the line: at another speed another byte, the same in every run. */
static uint8_t carry(uint8_t byte) {
    double ratio = uart_baud() / host_baud;
    if (ratio > 1 - BAUD_TOLERANCE && ratio < 1 + BAUD_TOLERANCE) return byte;
    noise ^= noise << 13, noise ^= noise >> 17, noise ^= noise << 5;
    count.garbled++;
    return byte ^ (uint8_t)(noise | 1);
}

static void on_byte_sent(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq, (void)param;
    count.sent++;
    if (out_file) {
        fputc((int)value, out_file);
    } else if (!readers || silent || pending_n == sizeof pending) {
        count.dropped++;
    } else {
        pending[pending_n++] = carry((uint8_t)value);
    }
}

static void on_room(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq, (void)value, (void)param;
    room_in_uart = true;
}

/* Hand on what was sent. At real speed a reader that is too slow loses bytes, as on USB; where the
 * board runs free, its time waits for the reader. */
static void deliver(void) {
    if (board_s() < burst_due_s) return;
    burst_due_s = board_s() + option.burst_s;
    ssize_t n = pending_n ? write(master, pending, pending_n) : 0;
    n = n < 0 ? 0 : n;
    pending_n -= (size_t)n;
    if (option.speed > 0) {
        count.dropped += pending_n;
        pending_n = 0;
    } else {
        memmove(pending, pending + n, pending_n);
    }
}

static void take_from_host(void) {
    uint8_t bytes[32];
    ssize_t n = room_in_uart ? read(master, bytes, sizeof bytes) : 0;
    for (ssize_t i = 0; i < n; i++) {
        count.received++;
        avr_raise_irq(uart_in, carry(bytes[i]));
    }
    if (n > 0) room_in_uart = false; /* until the firmware has read them all */
}

static void follow_script(void) {
    while (script_done < script_n && script[script_done].at_s <= board_s()) {
        line_t *line = &script[script_done++];
        for (size_t i = 0; i < line->n; i++) avr_raise_irq(uart_in, line->bytes[i]);
    }
}

/* Open and close the reader's end: only then does its absence show (as POLLHUP), and what the last
 * reader left unread is gone, as it is with a real port. */
static void clear_line(int terminal) {
    int reader = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    if (reader < 0) die("the pseudo-terminal");
    ioctl(reader, TCFLSH, TCIOFLUSH);
    close(reader);
}

static int make_terminal(void) {
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios2 raw = {.c_cflag = CS8 | CREAD | B115200};
    raw.c_ispeed = raw.c_ospeed = 115200;
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal) || ioctl(terminal, TCSETS2, &raw))
        die("a pseudo-terminal");
    clear_line(terminal);
    return terminal;
}

/* ---- the chip ---- */

static void stay_awake(avr_t *a, avr_cycle_count_t cycles) { (void)a, (void)cycles; }

static void no_log(avr_t *a, const int level, const char *format, va_list args) {
    (void)a, (void)level, (void)format, (void)args;
}

/* simavr: a pin that keeps its level tells of it all the same. */
static void on_led(struct avr_irq_t *irq, uint32_t value, void *param) {
    static uint32_t level;
    (void)irq, (void)param;
    count.led += (value & 1) != level;
    level = value & 1;
}

static void wire_up(void) {
    uint32_t flags = 0; /* simavr: it would print what is sent, and sleep where it is polled */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_t *uart = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), 0);
    uart_in = uart + UART_IRQ_INPUT;
    avr_irq_register_notify(uart + UART_IRQ_OUTPUT, on_byte_sent, NULL);
    avr_irq_register_notify(uart + UART_IRQ_OUT_XON, on_room, NULL);
    adc_in = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, 0);
    avr_irq_register_notify(adc_in + ADC_IRQ_OUT_TRIGGER, on_conversion, NULL);
    avr_irq_t *compare_b = avr_get_interrupt_irq(avr, TIMER1_COMPB_VECTOR);
    avr_irq_register_notify(compare_b + AVR_INT_IRQ_PENDING, on_compare_b, NULL);
    button = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 2);
    avr_irq_t *led = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), 5);
    avr_irq_register_notify(led, on_led, NULL);
}

static void hold_button(bool down) {
    held = down;
    avr_raise_irq(button, !down);
}

/* simavr: the firmware's switching the pull-up on lets go of a button that was held before. */
static avr_cycle_count_t hold_again(avr_t *chip, avr_cycle_count_t when, void *nothing) {
    (void)chip, (void)when, (void)nothing;
    hold_button(held);
    return 0;
}

/* Start a new chip with the flash of the old one.
 *
 * simavr: `avr_reset` drops the timers of the UART, and after a reset by the watchdog (the way out
 * of a bootloader) it resets the chip for ever. A new chip has no past. */
static void start_chip(uint8_t cause) {
    if (avr) {
        memcpy(flash, avr->flash, FLASH_BYTES);
        cycles_before += avr->cycle;
        avr_terminate(avr);
        free(avr);
        count.resets++;
    }
    avr = avr_make_mcu_by_name(MCU);
    if (!avr) die(MCU);
    avr_init(avr);
    avr->frequency = HZ;
    avr->vcc = avr->avcc = option.supply_mv;
    avr->aref = option.aref_mv;
    avr->sleep = stay_awake; /* simavr: it sleeps on its own clock */
    avr->pc = avr->reset_pc = reset_pc;
    memcpy(avr->flash, flash, FLASH_BYTES);
    avr->data[MCUSR] = cause;
    usual_run = avr->run;
    wire_up();
    if (held) avr_cycle_timer_register_usec(avr, HOLD_AGAIN_US, hold_again, NULL);
    room_in_uart = trigger_armed = true;
    pending_n = 0;
}

/* Put a hex file into the flash, not yet a chip's; a bootloader starts at its lowest address. */
static void load_hex(const char *name, bool bootloader) {
    FILE *file = fopen(name, "r");
    char text[600];
    unsigned n, address, kind, byte, lowest = FLASH_BYTES;
    if (!file) die(name);
    while (fgets(text, sizeof text, file)) {
        if (sscanf(text, ":%2x%4x%2x", &n, &address, &kind) != 3 || kind != 0) continue;
        for (unsigned i = 0; i < n && address + i < FLASH_BYTES; i++) {
            if (sscanf(text + 9 + 2 * i, "%2x", &byte) == 1) flash[address + i] = (uint8_t)byte;
        }
        if (address < lowest) lowest = address;
    }
    fclose(file);
    if (bootloader) reset_pc = lowest;
}

/* A stack that has run through all memory, as under a blank flash, wraps around on the chip; simavr
   would go on beneath its own memory. */
static void wrap_stack(void) {
    unsigned top = avr->data[R_SPL] | avr->data[R_SPH] << 8;
    if (top >= 4 && top <= avr->ramend) return;
    avr->data[R_SPL] = avr->ramend & 0xff;
    avr->data[R_SPH] = avr->ramend >> 8;
}

/* Run for a millisecond of the board's time. */
static void run_chip(void) {
    uint64_t end = avr->cycle + HZ / 1000;
    while (avr->cycle < end) {
        if (avr->state == cpu_Done || avr->state == cpu_Crashed) {
            avr->cycle = end; /* it hangs until it is reset, as a real one would */
            break;
        }
        wrap_stack();
        avr_run(avr);
        if (avr->run != usual_run) { /* simavr: so it plans the reset by the watchdog */
            start_chip(WATCHDOG);
            break;
        }
    }
}

/* ---- the cable, and the commands ---- */

static void set_pace(void) {
    pace_wall_s = wall_s();
    pace_board_s = board_s();
}

static void plug(void) {
    if (plugged) return;
    master = spare;
    spare = make_terminal(); /* made before the old name is free again: the next one differs */
    plugged = true;
    readers = 0;
    watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (inotify_add_watch(watch, ptsname(master), IN_OPEN | IN_CLOSE) < 0) die("inotify");
    start_chip(POWER_ON);
    set_pace();
}

static void unplug(void) {
    if (plugged) close(master), close(watch);
    plugged = false;
    readers = 0;
    pending_n = 0;
}

/* Follow the openings and closings since the last look; return whether the port was opened that
 * nobody had open: then DTR rises. A second reader, which is refused the port, changes nothing. */
static bool was_opened(void) {
    char events[4096] __attribute__((aligned(8)));
    bool opened = false;
    ssize_t n = read(watch, events, sizeof events);
    for (ssize_t at = 0; at < n;) {
        struct inotify_event *event = (struct inotify_event *)(events + at);
        if (event->mask & IN_OPEN) opened |= readers++ == 0;
        else if (readers > 0) readers--;
        at += (ssize_t)(sizeof *event + event->len);
    }
    return opened;
}

static void look_at_reader(void) {
    struct pollfd f = {master, POLLIN, 0};
    bool had_readers = readers, opened = was_opened();
    poll(&f, 1, 0);
    if (!(f.revents & POLLHUP)) {
        opened |= !readers; /* equal events in a row come as one: the state itself is right */
        readers += !readers;
    } else if (had_readers || opened) {
        clear_line(master);
        was_opened(); /* that was us */
        readers = 0;
        pending_n = 0;
    }
    if (opened && option.autoreset) start_chip(RESET_PIN);
    look_at_baud();
}

static void print_stats(void) {
    answer("{\"seconds\": %.6f, \"cycles\": %llu, \"conversions\": %llu, \"triggers\": %llu, "
           "\"missed_triggers\": %llu, \"sent\": %llu, \"dropped\": %llu, \"received\": %llu, "
           "\"garbled\": %llu, \"resets\": %llu, \"led_changes\": %llu, \"baud\": %.0f}",
           board_s(), (unsigned long long)board_cycles(), (unsigned long long)count.conversions,
           (unsigned long long)count.triggers, (unsigned long long)count.missed,
           (unsigned long long)count.sent, (unsigned long long)count.dropped,
           (unsigned long long)count.received, (unsigned long long)count.garbled,
           (unsigned long long)count.resets, (unsigned long long)count.led, uart_baud());
}

static void dump_flash(const char *name) {
    FILE *file = fopen(name, "wb");
    if (!file) die(name);
    fwrite(avr->flash, 1, FLASH_BYTES, file);
    fclose(file);
}

static bool obey(const char *word, const char *rest) {
    if (!strcmp(word, "unplug")) unplug();
    else if (!strcmp(word, "plug")) plug();
    else if (!strcmp(word, "silence")) silent = true;
    else if (!strcmp(word, "speak")) silent = false;
    else if (!strcmp(word, "reset")) start_chip(RESET_PIN);
    else if (!strcmp(word, "press")) hold_button(true);
    else if (!strcmp(word, "release")) hold_button(false);
    else if (!strcmp(word, "supply")) avr->vcc = avr->avcc = option.supply_mv = (uint32_t)atoi(rest);
    else if (!strcmp(word, "drift")) option.ppm = atof(rest), set_pace();
    else if (!strcmp(word, "burst")) option.burst_s = atof(rest);
    else if (!strcmp(word, "dump")) dump_flash(rest);
    else if (!strcmp(word, "quit")) quit = true;
    else if (strcmp(word, "stats")) return false;
    return true;
}

/* Read one line from stdin where there is one; its end means that nobody needs the board. */
static void look_at_stdin(int wait_ms) {
    static char text[4096];
    struct pollfd f = {STDIN_FILENO, POLLIN, 0};
    if (poll(&f, 1, wait_ms) <= 0) return;
    if (!fgets(text, sizeof text, stdin)) {
        quit = true;
        return;
    }
    text[strcspn(text, "\n")] = 0;
    char *rest = strchr(text, ' ');
    if (rest) *rest++ = 0;
    if (!obey(text, rest ? rest : "")) answer("{\"error\": \"unknown command\"}");
    else if (!strcmp(text, "stats") || quit) print_stats();
    else if (!strcmp(text, "plug")) answer("{\"port\": \"%s\"}", ptsname(master));
    else answer("{}");
}

/* Wait until the clock on the wall is where the board's clock is; a board may be `ppm` too fast. */
static void keep_pace(void) {
    double board = (board_s() - pace_board_s) / (option.speed * (1 + option.ppm * 1e-6));
    double ahead_s = board - (wall_s() - pace_wall_s);
    if (ahead_s <= 0) return;
    struct timespec t = {(time_t)ahead_s, (long)((ahead_s - (double)(time_t)ahead_s) * 1e9)};
    nanosleep(&t, NULL);
}

/* Run free, without a port, with what the script says at its times. */
static void run_batch(void) {
    start_chip(POWER_ON);
    while (board_s() < option.until_s) {
        follow_script();
        run_chip();
    }
    fclose(out_file);
    print_stats();
}

static void run_live(void) {
    spare = make_terminal();
    plug();
    answer("{\"port\": \"%s\"}", ptsname(master));
    while (!quit) {
        bool waits = !plugged || (option.speed <= 0 && (!readers || pending_n > sizeof pending / 2));
        look_at_stdin(waits ? 1 : 0);
        if (!plugged || quit) continue;
        look_at_reader();
        deliver();
        if (waits) continue;
        take_from_host();
        run_chip();
        if (option.speed > 0) keep_pace();
    }
}

static void add_to_script(const char *words) {
    line_t *line = &script[script_n++];
    char *hex;
    line->at_s = strtod(words, &hex);
    unsigned byte;
    for (hex++; line->n < sizeof line->bytes && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        line->bytes[line->n++] = (uint8_t)byte;
}

static void read_options(int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "f:b:a:r:s:p:v:w:B:Ro:u:x:")) != -1;) switch (o) {
        case 'f': load_hex(optarg, false); break;
        case 'b': load_hex(optarg, true); break;
        case 'a': load_analog(optarg); break;
        case 'r': option.sfreq = atof(optarg); break;
        case 's': option.speed = atof(optarg); break;
        case 'p': option.ppm = atof(optarg); break;
        case 'v': option.supply_mv = (uint32_t)atoi(optarg); break;
        case 'w': option.aref_mv = (uint32_t)atoi(optarg); break;
        case 'B': option.burst_s = atof(optarg); break;
        case 'R': option.autoreset = false; break;
        case 'o': option.out = optarg; break;
        case 'u': option.until_s = atof(optarg); break;
        case 'x': add_to_script(optarg); break;
        default: exit(2);
    }
}

int main(int argc, char **argv) {
    answers = fdopen(dup(STDOUT_FILENO), "w");
    dup2(STDERR_FILENO, STDOUT_FILENO); /* simavr: it prints on stdout */
    setvbuf(stdin, NULL, _IONBF, 0);    /* else poll does not see the lines that stdio holds */
    avr_global_logger_set(no_log);
    memset(flash, 0xFF, sizeof flash);
    read_options(argc, argv);
    if (option.out) {
        out_file = fopen(option.out, "wb");
        if (!out_file) die(option.out);
        run_batch();
    } else {
        run_live();
    }
    return 0;
}
