// Any other board of the Arduino world: analogRead, paced by the board's clock in loop(). So the
// distance between two scans trembles by what loop() does; each frame says "soft timing".
#pragma once
#include <Arduino.h>

#include "frames.h"

namespace hal {

constexpr uint32_t TICK_HZ = 1000000;
constexpr uint8_t FLAGS = wire::FLAG_SOFT_TIMING;
// CONVERSION_US is what analogRead takes at most, with a margin for the loop around it.
#if defined(ARDUINO_UNOR4_MINIMA) || defined(ARDUINO_UNOR4_WIFI)
constexpr uint8_t BOARD = wire::BOARD_UNO_R4, BITS = 14, BUTTON_PIN = 2;
constexpr uint16_t VREF_MV = 5000, CONVERSION_US = 30;
constexpr char NAME[] = "UNO R4";
const uint8_t PINS[] = {A0, A1, A2, A3, A4, A5};
#elif defined(CONFIG_IDF_TARGET_ESP32)
// The pins of the first converter (the second one belongs to the radio); GPIO 2 starts the
// board in another mode, so the button is the one named BOOT.
constexpr uint8_t BOARD = wire::BOARD_ESP32, BITS = 12, BUTTON_PIN = 0;
constexpr uint16_t VREF_MV = 3300, CONVERSION_US = 100;
constexpr char NAME[] = "ESP32";
const uint8_t PINS[] = {36, 39, 34, 35, 32, 33};
#elif defined(ARDUINO_ARCH_RP2040)
constexpr uint8_t BOARD = wire::BOARD_RP2040, BITS = 12, BUTTON_PIN = 2;
constexpr uint16_t VREF_MV = 3300, CONVERSION_US = 15;
constexpr char NAME[] = "RP2040";
const uint8_t PINS[] = {A0, A1, A2};
#elif defined(TEENSYDUINO)
constexpr uint8_t BOARD = wire::BOARD_TEENSY, BITS = 12, BUTTON_PIN = 2;
constexpr uint16_t VREF_MV = 3300, CONVERSION_US = 25;
constexpr char NAME[] = "Teensy";
const uint8_t PINS[] = {A0, A1, A2, A3, A4, A5};
#elif defined(BF_VREF_MV)
constexpr uint8_t BOARD = wire::BOARD_OTHER, BITS = 10, BUTTON_PIN = 2;
constexpr uint16_t VREF_MV = BF_VREF_MV, CONVERSION_US = 120;
constexpr char NAME[] = "Arduino";
const uint8_t PINS[] = {A0, A1, A2, A3, A4, A5};
#else
#error "Unknown board. If it has A0 to A5: write #define BF_VREF_MV and its full scale in mV above."
#endif
constexpr uint8_t CHANNELS = sizeof PINS;

static Frames frames;
static uint16_t period_us = 0;  // 0 while it is stopped
static uint32_t due_us = 0;
static uint8_t mask_now = 1, oversample_now = 1;

inline bool fits_period(uint16_t period, uint16_t conversions) {
  return uint32_t(CONVERSION_US) * conversions <= period;
}
inline uint16_t skew_us(uint16_t, uint8_t, uint8_t oversample) {
  return CONVERSION_US * oversample;
}

#if defined(ARDUINO_UNOR4_MINIMA) || defined(ARDUINO_ARCH_RP2040) || defined(TEENSYDUINO)
inline bool speed_is_possible(uint32_t) { return true; }
inline uint32_t line_ticks(uint16_t, uint32_t) { return 0; }  // USB has no speed to choose
#else
inline bool speed_is_possible(uint32_t baud) { return baud >= 1200 && baud <= 2000000; }
inline uint32_t line_ticks(uint16_t bytes, uint32_t baud) {
  return (uint32_t(bytes) * 10 * TICK_HZ + baud - 1) / baud;
}
#endif

// Bytes that can be sent without waiting. Some cores do not know, and always say 0: there a
// short write has to do, even if it may wait for the line.
static bool room_is_known = false;
inline uint16_t room() {
  const int room = Serial.availableForWrite();
  if (room > 0) room_is_known = true;
  return room_is_known ? room : 32;
}

inline uint8_t boot_cause() { return 0; }

inline void setup() {
#if !defined(ARDUINO_ARCH_AVR)
  analogReadResolution(BITS);
#endif
}

inline void stop() { period_us = 0; }

inline void start(uint16_t period, uint8_t mask, uint8_t oversample) {
  mask_now = mask;
  oversample_now = oversample;
  for (uint8_t i = 0; i < CHANNELS; ++i) {
    if (mask & 1 << i) analogRead(PINS[i]);  // the first one is not to be trusted
  }
  period_us = period;
  due_us = micros() + period;
}

// Takes the scan that is due; where whole periods have passed since, they were missed.
inline void poll() {
  if (!period_us) return;
  const uint32_t late_us = micros() - due_us;
  if (late_us & 0x80000000) return;  // not due yet
  constexpr uint16_t FULL = (1UL << BITS) - 1;
  for (uint8_t i = 0; i < CHANNELS; ++i) {
    if (!(mask_now & 1 << i)) continue;
    uint16_t sum = 0;
    for (uint8_t taken = 0; taken < oversample_now; ++taken) {
      const uint16_t count = analogRead(PINS[i]);
      if (count == 0 || count >= FULL) frames.clipped();
      sum += count;
    }
    frames.add(sum);
  }
  const uint32_t missed = late_us / period_us;
  due_us += (missed + 1) * period_us;
  frames.end_scan(missed);
}

inline uint32_t next_index() { return frames.index; }

inline uint16_t supply_mv() { return VREF_MV; }

template <typename Idle>
inline void doze(Idle) {}

}  // namespace hal
