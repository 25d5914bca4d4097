// Runs the sketch on the mock of Arduino.h; obeys one line of stdin after the other:
//   rx HEX           the host sends these bytes
//   run US           loop() runs until so much time has passed; prints all that was sent, in hex
//   stall US         time passes while loop() is held up
//   level PIN 0|1    a pin is pulled; analog PIN COUNT: what analogRead gives
//   hold 0|1         nobody takes the board's bytes
//   baud SPEED       the host's speed; 0: always the board's
//   index N          the next scan has this number
//   state            prints the LED, the board's speed and the resolution of its converter
#include "Arduino.h"
#include "biofeedback.ino"
#include "hex.h"

#include <unistd.h>

#include <iostream>
#include <sstream>

FakeBoard board;
FakeSerial Serial;

int main() {
  setup();
  std::string line;
  while (alarm(0), std::getline(std::cin, line)) {
    alarm(60);  // a sketch that hangs must not hang the tests; waiting for them may last
    std::istringstream words(line);
    std::string word, hex;
    uint64_t number = 0, other = 0;
    words >> word;
    if (word == "rx") {
      words >> hex;
      for (const char byte : from_hex(hex)) Serial.receive(uint8_t(byte));
      continue;
    }
    words >> number >> other;
    if (word == "run") {
      for (const uint64_t until = board.now_us + number; board.now_us < until;) {
        loop();
        board.now_us += 20;
        Serial.drain();
      }
      std::cout << to_hex(Serial.sent) << std::endl;
      Serial.sent.clear();
    } else if (word == "stall") {
      board.now_us += number;
    } else if (word == "level") {
      board.level[number] = int(other);
    } else if (word == "analog") {
      board.analog[number] = int(other);
    } else if (word == "hold") {
      Serial.held = number;
    } else if (word == "baud") {
      Serial.host_baud = uint32_t(number);
    } else if (word == "index") {
      hal::frames.index = uint32_t(number);
    } else if (word == "state") {
      std::cout << board.level[LED_BUILTIN] << ' ' << Serial.baud << ' ' << board.resolution
                << std::endl;
    } else {
      return 2;
    }
  }
}
