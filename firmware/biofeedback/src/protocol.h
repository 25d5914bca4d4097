// The words of the wire, protocol 1 (docs/protocol.md). Plain C++11: g++ compiles it too.
// Twin: biofeedback/wire/native.py. Both are held to tests/data/native_frames.txt.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace wire {

constexpr uint8_t PROTOCOL = 1;
constexpr uint16_t MAX_PAYLOAD = 252;            // with the CRC 254: COBS then costs one byte
constexpr uint16_t MAX_FRAME = MAX_PAYLOAD + 5;  // mark, code, payload, CRC, mark
constexpr uint8_t DATA_OVERHEAD = 12;            // bytes of a DATA frame besides its counts
constexpr uint8_t MAX_COUNTS = 122;

// Prefixed, for some cores define macros like ERROR.
enum Type : uint8_t { TYPE_DATA = 1, TYPE_INFO, TYPE_ACK, TYPE_NAK, TYPE_EVENT };
enum Flag : uint8_t {
  FLAG_OVERRUN = 1,
  FLAG_MISSED = 2,
  FLAG_CLIPPED = 4,
  FLAG_SOFT_TIMING = 8,
  FLAG_FIRST = 16,
};
enum Code : uint8_t {
  CODE_OK,
  CODE_UNKNOWN,
  CODE_OUT_OF_RANGE,
  CODE_STOP_FIRST,
  CODE_CONVERTER_TOO_SLOW,
  CODE_LINE_TOO_SLOW,
};
enum Kind : uint8_t { EVENT_BOOT = 1, EVENT_BUTTON, EVENT_ERROR };
enum Board : uint8_t {
  BOARD_OTHER,
  BOARD_UNO,
  BOARD_MEGA,
  BOARD_LEONARDO,
  BOARD_UNO_R4,
  BOARD_ESP32,
  BOARD_RP2040,
  BOARD_TEENSY,
};

// CRC-16/CCITT-FALSE, one byte further; without a table, for it would cost a kilobyte or time.
inline uint16_t crc16(uint16_t crc, uint8_t byte) {
  uint8_t x = uint8_t(crc >> 8) ^ byte;
  x ^= x >> 4;
  return uint16_t(crc << 8) ^ uint16_t(uint16_t(x) << 12) ^ uint16_t(uint16_t(x) << 5) ^ x;
}

// Builds one frame at a time: begin, the fields, end. Then size() bytes stand at data().
// A payload over MAX_PAYLOAD gives no frame: size() is 0.
class Encoder {
 public:
  void begin(uint8_t type) {
    size_ = 2;  // room for the mark and the first code
    u8(type);
  }
  void u8(uint8_t value) {
    if (size_ >= MAX_PAYLOAD + 2) clear();
    if (size_) frame_[size_++] = value;
  }
  void u16(uint16_t value) {
    u8(uint8_t(value));
    u8(uint8_t(value >> 8));
  }
  void u32(uint32_t value) {
    u16(uint16_t(value));
    u16(uint16_t(value >> 16));
  }
  void u16s(const uint16_t* values, uint8_t size) {
    for (uint8_t i = 0; i < size; ++i) u16(values[i]);
  }
  // Puts the CRC behind the payload; then each zero becomes the distance to the next one, which
  // is all of COBS where no distance is over 255.
  void end() {
    if (!size_) return;
    uint16_t crc = 0xFFFF;
    uint8_t* const end = frame_ + size_;
    for (const uint8_t* at = frame_ + 2; at != end; ++at) crc = crc16(crc, *at);
    end[0] = uint8_t(crc);
    end[1] = uint8_t(crc >> 8);
    frame_[0] = frame_[1] = end[2] = 0;
    const uint8_t* next = end + 2;
    for (uint8_t* at = end + 1; at != frame_; --at) {
      if (*at) continue;
      *at = uint8_t(next - at);
      next = at;
    }
    size_ += 3;
  }
  void clear() { size_ = 0; }
  const uint8_t* data() const { return frame_; }
  uint16_t size() const { return size_; }

 private:
  uint16_t size_ = 0;
  uint8_t frame_[MAX_FRAME];
};

// Takes frames apart, byte by byte; Capacity is of payload and CRC together.
template <uint8_t Capacity>
class Decoder {
 public:
  enum Result : uint8_t { NOTHING, GOOD, DAMAGED };

  // After GOOD, size() bytes of payload stand at data() until the next byte is fed.
  Result feed(uint8_t byte) {
    if (byte == 0) return close();
    if (left_) {
      put(byte);
      --left_;
    } else {
      if (code_ != 0xFF) put(0);  // each block but a full one stands for a zero behind it
      code_ = byte;
      left_ = byte - 1;
    }
    return NOTHING;
  }
  const uint8_t* data() const { return data_; }
  uint8_t size() const { return size_; }

 private:
  Result close() {
    const uint8_t filled = filled_;
    const bool empty = !filled && !left_ && code_ == 0xFF, whole = !left_ && !too_long_;
    reset();
    if (empty) return NOTHING;
    if (!whole || filled < 3) return DAMAGED;
    size_ = filled - 2;
    uint16_t crc = 0xFFFF;
    for (uint8_t i = 0; i < size_; ++i) crc = crc16(crc, data_[i]);
    return data_[size_] == uint8_t(crc) && data_[size_ + 1] == crc >> 8 ? GOOD : DAMAGED;
  }
  void reset() {
    filled_ = left_ = 0;
    code_ = 0xFF;  // as if a full block had ended: no zero comes before the first one
    too_long_ = false;
  }
  void put(uint8_t byte) {
    if (filled_ < Capacity) {
      data_[filled_++] = byte;
    } else {
      too_long_ = true;
    }
  }
  uint8_t data_[Capacity];
  uint8_t filled_ = 0, left_ = 0, code_ = 0xFF, size_ = 0;
  bool too_long_ = false;
};

struct Command {
  uint8_t name;
  uint8_t code;  // out of range where the length is wrong
  uint32_t argument;
  uint16_t nonce;
};

// A command's longest payload with its CRC: name, u32, nonce, CRC.
constexpr uint8_t MAX_COMMAND = 9;

// Bytes of a command's argument; -1 for one that this firmware does not know.
inline int8_t argument_size(uint8_t name) {
  switch (name) {
    case 'I': case 'S': case 'P': case 'L': case 'V': return 0;
    case 'C': case 'B': case 'O': return 1;
    case 'R': return 2;
    case 'U': return 4;
    default: return -1;
  }
}

inline Command parse(const uint8_t* payload, uint8_t size) {
  Command command = {payload[0], CODE_OK, 0, 0};
  if (size >= 3) command.nonce = uint16_t(payload[size - 2] | uint16_t(payload[size - 1]) << 8);
  const int8_t expected = argument_size(payload[0]);
  if (expected < 0) {
    command.code = CODE_UNKNOWN;
  } else if (size != 3 + expected) {
    command.code = CODE_OUT_OF_RANGE;
  } else {
    for (int8_t i = expected; i > 0; --i) command.argument = command.argument << 8 | payload[i];
  }
  return command;
}

inline void encode_answer(Encoder& out, uint8_t name, uint8_t code, uint16_t nonce) {
  out.begin(code == CODE_OK ? TYPE_ACK : TYPE_NAK);
  out.u8(name);
  out.u8(code);
  out.u16(nonce);
  out.end();
}

inline void encode_event(Encoder& out, uint8_t kind, uint8_t value, uint32_t index) {
  out.begin(TYPE_EVENT);
  out.u8(kind);
  out.u8(value);
  out.u32(index);
  out.end();
}

inline void encode_data(Encoder& out, uint8_t seq, uint8_t flags, uint32_t index,
                        const uint16_t* counts, uint8_t size) {
  out.begin(TYPE_DATA);
  out.u8(seq);
  out.u8(flags);
  out.u32(index);
  out.u16s(counts, size);
  out.end();
}

struct Info {
  uint8_t version[3];
  uint32_t tick_hz;
  uint16_t period;
  uint8_t mask, scans, bits, oversample;
  uint16_t vref_mv, skew_us;
  uint8_t channels, board;
  uint32_t build;
  uint16_t nonce;
  bool running;
  const char* name;
};

inline void encode_info(Encoder& out, const Info& info) {
  out.begin(TYPE_INFO);
  out.u8(PROTOCOL);
  for (uint8_t part : info.version) out.u8(part);
  out.u32(info.tick_hz);
  out.u16(info.period);
  out.u8(info.mask);
  out.u8(info.scans);
  out.u8(info.bits);
  out.u8(info.oversample);
  out.u16(info.vref_mv);
  out.u16(info.skew_us);
  out.u8(info.channels);
  out.u8(info.board);
  out.u32(info.build);
  out.u16(info.nonce);
  out.u8(info.running);
  for (const char* c = info.name; *c; ++c) out.u8(uint8_t(*c));
  out.end();
}

}  // namespace wire
