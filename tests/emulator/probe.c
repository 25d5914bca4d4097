/* The least program that shows whether the emulated board is true: 1000 scans of A0 a second, each
 * started by timer 1, sent at 115200 baud. What is sent tells itself apart:
 *   0xC0 | cause       once after a reset, the cause being MCUSR
 *   0x80 | high, low   a count, 3 bits and 7
 *   0xA0 | low bits    each byte that came, 5 bits of it
 *   0xD1, 0xD0         the button at D2 was pressed, released; the LED shows it
 */
#define F_CPU 16000000UL
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

static volatile uint16_t counts;
static volatile uint8_t fresh;

ISR(ADC_vect) {
    counts = ADC;
    fresh = 1;
    TIFR1 = _BV(OCF1B);
}

static void send(uint8_t byte) {
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = byte;
}

static uint8_t button(void) { return !(PIND & _BV(PIND2)); }

int main(void) {
    uint8_t cause = MCUSR, pressed = 0;
    DDRB = _BV(DDB5);
    PORTD = _BV(PORTD2); /* pulled up */
    UCSR0A = _BV(U2X0);
    UBRR0 = 16; /* 115200 baud, and 2.1 % more */
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    send(0xC0 | cause);
    OCR1A = OCR1B = 2000 - 1;
    TCCR1B = _BV(WGM12) | _BV(CS11); /* 2 MHz */
    ADMUX = _BV(REFS0);
    ADCSRB = _BV(ADTS2) | _BV(ADTS0);
    ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
    sei();
    for (;;) {
        if (fresh) {
            fresh = 0;
            uint16_t now = counts;
            send(0x80 | now >> 7);
            send(now & 0x7F);
        }
        while (UCSR0A & _BV(RXC0)) send(0xA0 | (UDR0 & 0x1F));
        if (button() != pressed) {
            pressed = !pressed;
            PORTB ^= _BV(PORTB5);
            send(0xD0 | pressed);
        }
        sleep_mode(); /* idle: the converter wakes it within a millisecond */
    }
}
