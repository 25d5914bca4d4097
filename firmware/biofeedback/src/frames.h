// Two halves: one is filled, by an interrupt where the board has one; the other one is sent.
#pragma once
#include "protocol.h"

struct Frame {
  uint32_t index;  // of its first scan
  uint8_t flags;
  uint8_t size;    // counts in it, whole scans only
  uint16_t counts[wire::MAX_COUNTS];
};

// The filler calls add, clipped and end_scan; the sender calls ready and release.
class Frames {
 public:
  uint32_t index = 0;  // of the scan that comes next, the missing ones counted

  void begin(uint8_t counts_a_frame) {
    limit_ = counts_a_frame;
    index = 0;
    ready_ = false;
    flags_ = wire::FLAG_FIRST;
    open();
  }
  void add(uint16_t count) { filling_->counts[at_++] = count; }
  void clipped() { filling_->flags |= wire::FLAG_CLIPPED; }

  // Behind a scan, and how many triggers were missed since. These end the frame early, so that
  // the scans of one frame always follow one another.
  void end_scan(uint16_t missed) {
    filling_->size = at_;
    index += 1 + uint32_t(missed);
    if (missed) flags_ |= wire::FLAG_MISSED;
    if (missed || at_ >= limit_) hand_over();
  }

  const Frame* ready() const {
    const bool ready = ready_;
    barrier();
    return ready ? sending_ : nullptr;
  }
  void release() {
    barrier();
    ready_ = false;
  }
  // Once nothing fills any more: hands over the whole scans that are left, if there are any.
  bool rest() {
    if (!filling_->size) return false;
    hand_over();
    return true;
  }

 private:
  // The compiler must not move what it reads of a half across the flag that gives it away.
  static void barrier() { __asm__ __volatile__("" ::: "memory"); }
  void hand_over() {
    if (ready_) {  // the line was too slow: this half is filled anew, its news are kept
      flags_ |= wire::FLAG_OVERRUN | (filling_->flags & ~wire::FLAG_CLIPPED);
    } else {
      Frame* full = filling_;
      filling_ = sending_;
      sending_ = full;
      barrier();
      ready_ = true;
    }
    open();
  }
  void open() {
    filling_->index = index;
    filling_->flags = flags_;
    filling_->size = at_ = 0;
    flags_ = 0;
  }
  Frame half_[2];
  Frame *filling_ = &half_[0], *sending_ = &half_[1];
  volatile bool ready_ = false;
  uint8_t at_ = 0, limit_ = 1, flags_ = 0;
};
