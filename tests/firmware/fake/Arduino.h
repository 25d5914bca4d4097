// A mock, not a board: just as much of Arduino's world as the sketch uses, on a clock that stands
// still unless the test or the sketch's own work moves it. fake_board.cpp drives it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <deque>
#include <string>

enum { LOW, HIGH, INPUT_PULLUP, OUTPUT, A0, A1, A2, A3, A4, A5 };
#define LED_BUILTIN 13  // a macro, as in most cores

struct FakeBoard {
  static const size_t PINS = 64, BUFFER = 63;
  uint64_t now_us = 0;
  uint32_t conversion_us = 10;
  int level[PINS], analog[PINS] = {}, resolution = 10;
  FakeBoard() {
    for (int& pin : level) pin = HIGH;
    level[LED_BUILTIN] = LOW;
  }
};
extern FakeBoard board;

inline uint32_t micros() { return uint32_t(board.now_us); }
inline uint32_t millis() { return uint32_t(board.now_us / 1000); }
inline void pinMode(int, int) {}
inline int digitalRead(int pin) { return board.level[pin]; }
inline void digitalWrite(int pin, int level) { board.level[pin] = level; }
inline void analogReadResolution(int bits) { board.resolution = bits; }
inline int analogRead(int pin) {
  board.now_us += board.conversion_us;
  return board.analog[pin];
}

// A line that takes ten bit times a byte; where the two ends differ in speed, bytes arrive wrong.
class FakeSerial {
 public:
  bool held = false;                     // nobody at the other end takes a byte
  uint32_t baud = 0, host_baud = 115200;  // 0: the host follows at once
  std::string sent;

  void begin(uint32_t speed) { baud = speed; }
  int available() const { return int(received_.size()); }
  int read() {
    const uint8_t byte = received_.front();
    received_.pop_front();
    return byte;
  }
  int availableForWrite() {
    drain();
    return int(FakeBoard::BUFFER - waiting_.size());
  }
  size_t write(const uint8_t* data, size_t size) {
    if (size > size_t(availableForWrite())) __builtin_trap();  // a real board would wait here
    if (waiting_.empty()) next_us_ = board.now_us + byte_us();
    waiting_.insert(waiting_.end(), data, data + size);
    return size;
  }
  void flush() {
    if (waiting_.size() > 2) __builtin_trap();  // a real board would wait for long here
    while (!waiting_.empty()) {
      board.now_us += 10;
      drain();
    }
  }
  void receive(uint8_t byte) { received_.push_back(heard(byte)); }
  void drain() {
    while (!held && !waiting_.empty() && next_us_ <= board.now_us) {
      const uint8_t byte = waiting_.front();
      waiting_.pop_front();
      sent.push_back(char(heard(byte)));
      next_us_ += byte_us();
    }
  }

 private:
  uint8_t heard(uint8_t byte) const { return host_baud == baud || !host_baud ? byte : byte ^ 0x5A; }
  uint64_t byte_us() const { return 10000000 / baud; }
  uint64_t next_us_ = 0;
  std::deque<uint8_t> received_, waiting_;
};
extern FakeSerial Serial;
