// Biofeedback: samples muscle signals on A0 to A5 and sends them to the program of this name.
// Open it in the Arduino IDE, choose the board, upload. The words of the wire: docs/protocol.md.
#include "src/device.h"

static Device device;

void setup() { device.setup(); }

void loop() { device.loop(); }
