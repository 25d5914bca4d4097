// ATmega328P, 2560 and 32U4: timer 1 triggers the converter in hardware, so no program can make
// the first channel of a scan late; the interrupt chains what else belongs to the scan.
#pragma once
#include <Arduino.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <util/atomic.h>

#include "frames.h"

static_assert(F_CPU == 16000000, "boards at 16 MHz and 5 V are known here, not those at 3.3 V");

namespace hal {

constexpr uint32_t TICK_HZ = F_CPU / 8;
constexpr uint8_t BITS = 10, CHANNELS = 6, FLAGS = 0, BUTTON_PIN = 2;
constexpr uint16_t VREF_MV = 5000;
#if defined(__AVR_ATmega328P__)
constexpr uint8_t BOARD = wire::BOARD_UNO, BANDGAP = 0x0E;
constexpr char NAME[] = "Uno/Nano";
#elif defined(__AVR_ATmega2560__)
constexpr uint8_t BOARD = wire::BOARD_MEGA, BANDGAP = 0x1E;
constexpr char NAME[] = "Mega 2560";
#else
constexpr uint8_t BOARD = wire::BOARD_LEONARDO, BANDGAP = 0x1E;
constexpr char NAME[] = "Leonardo/Micro";
#endif

// A conversion takes 13.5 clocks of the converter from its trigger, the chained ones 13. The
// budgets leave 20 us and more for other interrupts: 7.8 kS/s in all at /128, 17 kS/s at /32, where
// 500 kHz is over the 200 kHz that the data sheet gives for full accuracy.
struct Clock {
  uint8_t prescaler;   // ADPS bits
  uint8_t budget;      // ticks for each conversion
  uint8_t shortest;    // ticks; no conversion is over so soon behind its trigger
  uint8_t spacing_us;  // between two chained ones: the interrupt starts the next at 1 or 4 clocks
};
constexpr Clock SLOW = {7, 255, 192, 112}, FAST = {5, 118, 48, 34};

// All that the interrupt carries from one conversion to the next.
struct Scan {
  uint8_t multiplexer[CHANNELS];
  uint8_t channels, channel;
  uint8_t oversample, taken;
  uint8_t shortest;
  uint16_t sum;
  uint16_t missed;
  bool stray;  // a conversion began on the wrong channel: throw it away
};
static Scan scan;
static Frames frames;
static bool may_doze = false;

inline bool fits_period(uint16_t period, uint16_t conversions) {
  return uint32_t(FAST.budget) * conversions <= period;
}
inline const Clock& clock_for(uint16_t period, uint16_t conversions) {
  return uint32_t(SLOW.budget) * conversions <= period ? SLOW : FAST;
}
inline uint16_t skew_us(uint16_t period, uint8_t channels, uint8_t oversample) {
  return clock_for(period, uint16_t(channels) * oversample).spacing_us * oversample;
}

#if defined(USBCON)
inline bool speed_is_possible(uint32_t) { return true; }
inline uint32_t line_ticks(uint16_t, uint32_t) { return 0; }  // USB has no speed to choose
#else
// Ticks a bit, by the same rounding as HardwareSerial::begin: at double speed a bit takes
// 8 * (UBRR + 1) cycles, which is UBRR + 1 ticks.
inline uint16_t bit_ticks(uint32_t baud) {
  const uint16_t ubrr = (F_CPU / 4 / baud - 1) / 2;
  if (baud == 57600 || ubrr > 4095) {
    return 2 * ((F_CPU / 8 / baud - 1) / 2 + 1);
  }
  return ubrr + 1;
}
// Says whether the divider meets this speed within 2.5 %.
inline bool speed_is_possible(uint32_t baud) {
  if (baud < 1200 || baud > TICK_HZ) return false;
  const uint32_t met = baud * bit_ticks(baud);
  return 40 * (met > TICK_HZ ? met - TICK_HZ : TICK_HZ - met) <= met;
}
inline uint32_t line_ticks(uint16_t bytes, uint32_t baud) {
  return uint32_t(bytes) * 10 * bit_ticks(baud);
}
#endif

inline uint16_t room() { return Serial.availableForWrite(); }

inline void select(uint8_t multiplexer) { ADMUX = _BV(REFS0) | multiplexer; }
inline uint16_t convert() {
  ADCSRA |= _BV(ADSC);
  while (ADCSRA & _BV(ADSC)) {
  }
  return ADC;
}

// 1 power, 2 reset pin, 4 brown-out, 8 watchdog; 0 where the boot loader has wiped it.
inline uint8_t boot_cause() {
  const uint8_t cause = MCUSR & 0x0F;
  MCUSR = 0;
  wdt_disable();  // it stays on behind its own reset
  return cause & -cause;
}

// The data sheet says that the converter starts by itself where the idle sleep is entered. It
// should not while it waits for a trigger; here the chip is asked, once, and believed.
inline void setup() {
  ADCSRB = _BV(ADTS2) | _BV(ADTS0);
  TCCR1B = 0;
  TIFR1 = _BV(OCF1B);
  ADCSRA = _BV(ADEN) | 2;
  convert();
  ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIF) | 2;
  ADCSRA = _BV(ADEN) | _BV(ADATE) | 2;  // simavr keeps the one that was to clear the flag
  set_sleep_mode(SLEEP_MODE_IDLE);
  sleep_mode();  // timer 0 wakes it within a millisecond, the conversion would take 4 us
  may_doze = !(ADCSRA & (_BV(ADIF) | _BV(ADSC)));
  ADCSRA = 0;
}

inline void stop() {
  ADCSRA = 0;
  TCCR1B = 0;
}

inline void start(uint16_t period, uint8_t mask, uint8_t oversample) {
  stop();
  scan.channels = scan.channel = scan.taken = 0;
  scan.sum = scan.missed = 0;
  scan.stray = false;
  scan.oversample = oversample;
  DIDR0 = 0;
  for (uint8_t i = 0; i < CHANNELS; ++i) {
    if (!(mask & 1 << i)) continue;
#if defined(__AVR_ATmega32U4__)
    const uint8_t multiplexer = analogPinToChannel(i);
#else
    const uint8_t multiplexer = i;
#endif
    scan.multiplexer[scan.channels++] = multiplexer;
    DIDR0 |= 1 << multiplexer;  // the digital input at this pin would only draw current
  }
  const Clock& clock = clock_for(period, uint16_t(scan.channels) * oversample);
  scan.shortest = clock.shortest;
  select(scan.multiplexer[0]);
  ADCSRA = _BV(ADEN) | clock.prescaler;
  convert();  // the first one after switching on is not to be trusted
  TCCR1A = 0;
  TCNT1 = 0;
  OCR1A = OCR1B = period - 1;
  TIFR1 = _BV(OCF1B);
  ADCSRB = _BV(ADTS2) | _BV(ADTS0);  // compare match B of timer 1
  ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | _BV(ADIF) | clock.prescaler;
  TCCR1B = _BV(WGM12) | _BV(CS11);
}

inline void poll() {}

inline uint32_t next_index() {
  uint32_t index;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { index = frames.index; }
  return index;
}

// The supply in mV, by the chip's own 1.1 V reference; takes 6 ms, and stops the sampling.
inline uint16_t supply_mv() {
  constexpr uint8_t CONVERSIONS = 16;
  stop();
  select(BANDGAP);
  ADCSRA = _BV(ADEN) | SLOW.prescaler;
  delay(2);  // the reference charges the input through a high resistance
  for (uint8_t i = 0; i < 4; ++i) convert();
  uint16_t sum = 0;
  for (uint8_t i = 0; i < CONVERSIONS; ++i) sum += convert();
  ADCSRA = 0;
  const uint32_t mv = sum ? 1100UL * 1024 * CONVERSIONS / sum : 0;
  return mv > UINT16_MAX ? UINT16_MAX : mv;
}

// Sleeps for as long as `idle` says so, asked behind each interrupt and with interrupts off: the
// instruction behind sei runs before any interrupt, so no wake-up is lost.
template <typename Idle>
inline void doze(Idle idle) {
  if (!may_doze) return;
  cli();
  while (idle()) {
    sleep_enable();
    sei();
    sleep_cpu();
    sleep_disable();
    cli();
  }
  sei();
}

}  // namespace hal

ISR(ADC_vect) {
  using hal::scan;
  const uint16_t count = ADC;  // read it before the multiplexer is switched
  if (scan.stray) {
    TIFR1 = _BV(OCF1B);
    scan.stray = false;
    return;
  }
  if (scan.channel == 0 && scan.taken == 0) {
    TIFR1 = _BV(OCF1B);  // so that the next trigger has an edge
    // The counter starts anew with each trigger. So early, another one has passed while the
    // flag was still set; where it is set again, the end of the scan sees it.
    if (TCNT1 < scan.shortest && !(TIFR1 & _BV(OCF1B))) ++scan.missed;
  }
  // What comes next is started before the books are kept: the channels lie closer together.
  const bool channel_ends = ++scan.taken == scan.oversample;
  if (channel_ends) {
    scan.taken = 0;
    if (++scan.channel == scan.channels) scan.channel = 0;
    hal::select(scan.multiplexer[scan.channel]);
  }
  const bool scan_ends = channel_ends && scan.channel == 0;
  if (!scan_ends) ADCSRA |= _BV(ADSC);

  if (count == 0 || count == (1 << hal::BITS) - 1) hal::frames.clipped();
  scan.sum += count;
  if (!channel_ends) return;
  hal::frames.add(scan.sum);
  scan.sum = 0;
  if (!scan_ends) return;
  if (TIFR1 & _BV(OCF1B)) {  // the next trigger came during this scan
    __builtin_avr_delay_cycles(4);  // it takes up to three to start a conversion
    if (!(ADCSRA & _BV(ADSC))) {
      TIFR1 = _BV(OCF1B);
      ++scan.missed;
    } else if (scan.channels > 1 || scan.oversample > 1) {
      scan.stray = true;
      ++scan.missed;
    }
  }
  hal::frames.end_scan(scan.missed);
  scan.missed = 0;
}
