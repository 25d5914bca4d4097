// Bytes as hex, for the programs that the tests talk to.
#pragma once
#include <stdint.h>
#include <stdio.h>

#include <string>

inline std::string from_hex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(char(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    char pair[3];
    snprintf(pair, sizeof pair, "%02x", uint8_t(c));
    text += pair;
  }
  return text;
}
