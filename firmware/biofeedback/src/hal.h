// What a board must offer: one of two files fills the namespace hal, and nothing else knows it.
#pragma once
#if defined(__AVR_ATmega328P__) || defined(__AVR_ATmega2560__) || defined(__AVR_ATmega32U4__)
#include "hal_avr.h"
#else
#include "hal_generic.h"
#endif
