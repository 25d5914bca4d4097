// Feeds protocol.h, line by line of stdin, in hex:
//   encode PAYLOAD      prints the frame, or nothing where there is none
//   decode BYTES        prints what comes out: payloads in hex, and - for each damaged frame
//   decode-small BYTES  the same by the decoder of the board, that holds commands only
//   parse PAYLOAD       prints a command: name, code, argument, nonce
#include "hex.h"
#include "src/protocol.h"

#include <unistd.h>

#include <iostream>

static std::string encode(const std::string& payload) {
  wire::Encoder encoder;
  encoder.begin(uint8_t(payload[0]));
  for (size_t i = 1; i < payload.size(); ++i) encoder.u8(uint8_t(payload[i]));
  encoder.end();
  return std::string(reinterpret_cast<const char*>(encoder.data()), encoder.size());
}

template <uint8_t Capacity>
static std::string decode(const std::string& bytes) {
  using Decoder = wire::Decoder<Capacity>;
  Decoder decoder;
  std::string found;
  for (const char byte : bytes) {
    const auto result = decoder.feed(uint8_t(byte));
    if (result == Decoder::NOTHING) continue;
    if (!found.empty()) found += ' ';
    const char* payload = reinterpret_cast<const char*>(decoder.data());
    found += result == Decoder::DAMAGED ? "-" : to_hex(std::string(payload, decoder.size()));
  }
  return found;
}

int main() {
  std::string word, hex;
  while (std::cin >> word >> hex) {
    alarm(60);  // what hangs must not hang the tests; waiting for them may last
    const std::string bytes = from_hex(hex);
    if (word == "encode") {
      std::cout << to_hex(encode(bytes)) << std::endl;
    } else if (word == "decode") {
      std::cout << decode<254>(bytes) << std::endl;
    } else if (word == "decode-small") {
      std::cout << decode<wire::MAX_COMMAND>(bytes) << std::endl;
    } else if (word == "parse") {
      const wire::Command command =
          wire::parse(reinterpret_cast<const uint8_t*>(bytes.data()), uint8_t(bytes.size()));
      std::cout << int(command.name) << ' ' << int(command.code) << ' ' << command.argument << ' '
                << command.nonce << std::endl;
    } else {
      return 2;
    }
    alarm(0);
  }
}
