// The board as the host knows it: settings, commands, what is sent and in what order. Nothing
// here waits: loop() comes by, and each part does what can be done at once.
#pragma once
#include <Arduino.h>

#include "hal.h"

#ifndef BF_BUILD
#define BF_BUILD 0  // the Makefile knows it
#endif

class Device {
 public:
  void setup() {
    const uint8_t cause = hal::boot_cause();
    Serial.begin(FIRST_BAUD);
    hal::setup();
    free_room_ = hal::room();
    pinMode(hal::BUTTON_PIN, INPUT_PULLUP);
#if defined(LED_BUILTIN)
    pinMode(LED_BUILTIN, OUTPUT);
#endif
    note(wire::EVENT_BOOT, cause);
    announce_ = true;
  }

  void loop() {
    hal::poll();
    listen();
    talk();
    const uint32_t now = millis();
    if (now != last_ms_) {
      last_ms_ = now;
      watch_button(now);
      watch_line(now);
      show(now);
    }
    hal::doze([this] { return is_idle(); });
  }

 private:
  static constexpr uint32_t FIRST_BAUD = 115200;
  static constexpr uint16_t SPEED_TRIAL_MS = 1000, BLINK_MS = 2000, DEBOUNCE_MS = 20;
  static constexpr uint8_t MAX_OVERSAMPLE = 0xFFFF / ((1UL << hal::BITS) - 1);
  // Writing in pieces of this size costs less than waking up for each byte.
  static constexpr uint16_t PIECE = 16;

  // --- What comes from the host

  void listen() {
    while (!has_command_ && Serial.available() > 0) {
      switch (decoder_.feed(Serial.read())) {
        case Decoder::GOOD:
          command_ = wire::parse(decoder_.data(), decoder_.size());
          has_command_ = true;
          on_trial_ = false;
          break;
        case Decoder::DAMAGED:
          note(wire::EVENT_ERROR, 1);
          break;
        default:
          break;
      }
    }
  }

  void answer(uint8_t code) { wire::encode_answer(out_, command_.name, code, command_.nonce); }

  void obey() {
    const uint8_t code = command_.code != wire::CODE_OK ? command_.code : carry_out();
    if (code != DEFERRED) answer(code);
  }

  // Does what the command says; returns the code of the answer, or DEFERRED where the answer is
  // encoded already or comes later.
  static constexpr uint8_t DEFERRED = 0xFF;
  uint8_t carry_out() {
    const uint32_t argument = command_.argument;
    switch (command_.name) {
      case 'I':
        tell(command_.nonce, hal::VREF_MV);
        return DEFERRED;
      case 'S':
        return start();
      case 'P':
        hal::stop();
        stopping_ = true;
        return DEFERRED;
      case 'L':
        blink_since_ms_ = last_ms_;
        blinking_ = true;
        return wire::CODE_OK;
      case 'U':
        return change_speed(argument);
      default:
        return running_ ? uint8_t(wire::CODE_STOP_FIRST) : set(command_.name, argument);
    }
  }

  // The commands that want a board at rest.
  uint8_t set(uint8_t name, uint32_t value) {
    constexpr uint8_t ALL = (1 << hal::CHANNELS) - 1;
    if (name == 'V') {
      tell(command_.nonce, hal::supply_mv());
      return DEFERRED;
    }
    if (value == 0 || (name == 'C' && value > ALL) || (name == 'B' && value > wire::MAX_COUNTS) ||
        (name == 'O' && value > MAX_OVERSAMPLE)) {
      return wire::CODE_OUT_OF_RANGE;
    }
    switch (name) {
      case 'R': period_ = value; break;
      case 'C': mask_ = value; break;
      case 'B': scans_ = value; break;
      case 'O': oversample_ = value; break;
    }
    return wire::CODE_OK;
  }

  uint8_t channels() const {
    uint8_t channels = 0;
    for (uint8_t mask = mask_; mask; mask >>= 1) channels += mask & 1;
    return channels;
  }

  bool line_carries(uint32_t baud) const {
    const uint16_t bytes = wire::DATA_OVERHEAD + 2 * scans_ * channels();
    return hal::line_ticks(bytes, baud) <= uint32_t(period_) * scans_;
  }

  uint8_t start() {
    if (running_) return wire::CODE_OK;
    if (scans_ * channels() > wire::MAX_COUNTS) return wire::CODE_OUT_OF_RANGE;
    if (!hal::fits_period(period_, channels() * oversample_)) return wire::CODE_CONVERTER_TOO_SLOW;
    if (!line_carries(baud_)) return wire::CODE_LINE_TOO_SLOW;
    running_ = true;
    seq_ = 0;
    hal::frames.begin(scans_ * channels());
    hal::start(period_, mask_, oversample_);
    return wire::CODE_OK;
  }

  uint8_t change_speed(uint32_t baud) {
    if (!hal::speed_is_possible(baud)) return wire::CODE_OUT_OF_RANGE;
    if (running_ && !line_carries(baud)) return wire::CODE_LINE_TOO_SLOW;
    next_baud_ = baud;
    return wire::CODE_OK;
  }

  // --- What goes to the host

  void talk() {
    if (sent_ == out_.size()) choose();
    const uint16_t left = out_.size() - sent_;
    const uint16_t room = hal::room();
    if (!left || !room) return;
    sent_ += Serial.write(out_.data() + sent_, left < room ? left : room);
  }

  // Encodes the next frame, where there is one. An answer comes before what was measured later;
  // only the answer to a stop waits until all that was measured is out.
  void choose() {
    if (next_baud_) {
      change_line();
      return;
    }
    out_.clear();
    sent_ = 0;
    if (has_command_ && !stopping_) {
      obey();
      has_command_ = stopping_;
    } else if (const Frame* frame = hal::frames.ready()) {
      wire::encode_data(out_, seq_++, frame->flags | hal::FLAGS, frame->index, frame->counts,
                        frame->size);
      hal::frames.release();
    } else if (stopping_) {
      if (hal::frames.rest()) return;
      running_ = stopping_ = has_command_ = false;
      answer(wire::CODE_OK);
    } else if (has_event_) {
      has_event_ = false;
      wire::encode_event(out_, event_kind_, event_value_, event_index_);
    } else if (announce_) {
      announce_ = false;
      tell(0, hal::VREF_MV);
    }
  }

  void tell(uint16_t nonce, uint16_t vref_mv) {
    wire::encode_info(
        out_, {{1, 0, 0}, hal::TICK_HZ, period_, mask_, scans_, hal::BITS, oversample_, vref_mv,
               hal::skew_us(period_, channels(), oversample_), hal::CHANNELS, hal::BOARD, BF_BUILD,
               nonce, running_, hal::NAME});
  }

  void note(uint8_t kind, uint8_t value) {
    if (has_event_) return;
    has_event_ = true;
    event_kind_ = kind;
    event_value_ = value;
    event_index_ = hal::next_index();
  }

  // Once the last byte is on its way: what is left to wait for is two bytes at most.
  void change_line() {
    if (hal::room() < free_room_) return;
    Serial.flush();
    Serial.begin(next_baud_);
    baud_ = next_baud_;
    next_baud_ = 0;
    on_trial_ = baud_ != FIRST_BAUD;
    trial_since_ms_ = last_ms_;
  }

  // --- What the clock brings

  void watch_line(uint32_t now) {
    if (on_trial_ && now - trial_since_ms_ >= SPEED_TRIAL_MS) {
      on_trial_ = false;
      next_baud_ = FIRST_BAUD;
    }
  }

  // A change counts where it lasts; it waits until the event before it is out.
  void watch_button(uint32_t now) {
    const bool is_down = digitalRead(hal::BUTTON_PIN) == LOW;
    if (is_down == pressed_) {
      steady_since_ms_ = now;
    } else if (now - steady_since_ms_ >= DEBOUNCE_MS && !has_event_) {
      pressed_ = is_down;
      note(wire::EVENT_BUTTON, pressed_);
    }
  }

  void show(uint32_t now) {
    const uint32_t blink_ms = now - blink_since_ms_;
    if (blink_ms >= BLINK_MS) blinking_ = false;
    const bool light = blinking_ ? !(blink_ms & 128) : running_;
    if (light == lit_) return;
    lit_ = light;
#if defined(LED_BUILTIN)
    digitalWrite(LED_BUILTIN, light ? HIGH : LOW);
#endif
  }

  // Nothing can be done before the next interrupt.
  bool is_idle() const {
    if (millis() != last_ms_) return false;
    if (!has_command_ && Serial.available() > 0) return false;
    const uint16_t left = out_.size() - sent_;
    if (left) return hal::room() < (left < PIECE ? left : PIECE);
    if (next_baud_) return hal::room() < free_room_;
    return !has_command_ && !has_event_ && !announce_ && !hal::frames.ready();
  }

  using Decoder = wire::Decoder<wire::MAX_COMMAND>;
  Decoder decoder_;
  wire::Command command_;
  wire::Encoder out_;
  uint16_t sent_ = 0;
  bool has_command_ = false, running_ = false, stopping_ = false, announce_ = false;

  uint16_t period_ = hal::TICK_HZ / 2000;
  uint8_t mask_ = 1, scans_ = 10, oversample_ = 1, seq_ = 0;

  uint32_t baud_ = FIRST_BAUD, next_baud_ = 0, trial_since_ms_ = 0;
  bool on_trial_ = false;
  uint16_t free_room_ = 0;

  bool has_event_ = false;
  uint8_t event_kind_ = 0, event_value_ = 0;
  uint32_t event_index_ = 0;

  bool pressed_ = false, blinking_ = false, lit_ = false;
  uint32_t last_ms_ = 0, steady_since_ms_ = 0, blink_since_ms_ = 0;
};
