// Corrections of the package's UART: bytes take their time on the wire, and interrupts come at the right time.

const UARTDR = 0x00;
const UARTFR = 0x18;
const UARTIFLS = 0x34;
const UARTICR = 0x44;
const TX_INTERRUPT = 1 << 5;
const RX_INTERRUPT = 1 << 4;
const RX_TIMEOUT = 1 << 6;
const TX_FULL = 1 << 5;
const BUSY = 1 << 3;
const TX_EMPTY = 1 << 7;
const DEPTH = 32;
const TX_LEVELS = [4, 8, 16, 24, 28]; // by UARTIFLS: the interrupt comes when the queue has fallen to this level

/** Corrects one UART; `onSent(byte)` is called when a byte was sent, `receive(byte)` sends one to the chip. */
export class Wire {
  constructor(chip, uart) {
    this.uart = uart;
    this.clock = chip.clock;
    this.queue = [];
    this.incoming = [];
    this.levels = 0x12;
    this.onSent = () => {};
    this.alarm = chip.clock.createAlarm(() => this.sent());
    this.arrival = chip.clock.createAlarm(() => this.arrived());
    this.mend(uart);
  }

  get byteNanos() {
    return this.uart.baudDivider ? 1e10 / this.uart.baudRate : 1e4;
  }

  get busy() {
    return this.queue.length > 0 || this.incoming.length > 0;
  }

  mend(uart) {
    const { readUint32, writeUint32 } = uart;
    uart.checkInterrupts = () => uart.rp2040.setInterrupt(uart.irq, !!(uart.interruptStatus & uart.interruptMask));
    uart.onByte = (byte) => this.send(byte);
    uart.readUint32 = (offset) => {
      if (offset === UARTDR && uart.rxFIFO.itemCount <= 1) uart.interruptStatus &= ~RX_TIMEOUT;
      if (offset === UARTIFLS) return this.levels;
      if (offset !== UARTFR) return readUint32.call(uart, offset);
      const full = this.queue.length >= DEPTH ? TX_FULL : 0;
      return (uart.flags & ~TX_EMPTY) | (this.queue.length ? BUSY | full : TX_EMPTY);
    };
    uart.writeUint32 = (offset, value) => {
      if (offset === UARTIFLS) {
        this.levels = value & 0x3f;
        return;
      }
      writeUint32.call(uart, offset, value);
      if (offset === UARTICR) uart.interruptStatus &= ~(uart.rawWriteValue & ~RX_INTERRUPT);
      if (offset === UARTDR || offset === UARTICR) uart.checkInterrupts();
    };
    uart.feedByte = (byte) => {
      uart.rxFIFO.push(byte);
      uart.interruptStatus |= RX_INTERRUPT | RX_TIMEOUT;
      uart.checkInterrupts();
    };
  }

  send(byte) {
    if (this.queue.length >= DEPTH) return;
    this.queue.push(byte);
    this.uart.interruptStatus &= ~TX_INTERRUPT;
    if (!this.alarm.scheduled) this.alarm.schedule(this.byteNanos);
  }

  sent() {
    const byte = this.queue.shift();
    if (this.queue.length) this.alarm.schedule(this.byteNanos);
    if (this.queue.length === (TX_LEVELS[this.levels & 7] ?? TX_LEVELS[2])) {
      this.uart.interruptStatus |= TX_INTERRUPT;
      this.uart.checkInterrupts();
    }
    this.onSent(byte);
  }

  /** A byte from outside; it arrives after its time on the wire. If the chip's queue is full it is lost, as on the chip. */
  receive(byte) {
    this.incoming.push(byte);
    if (!this.arrival.scheduled) this.arrival.schedule(this.byteNanos);
  }

  arrived() {
    const byte = this.incoming.shift();
    if (this.incoming.length) this.arrival.schedule(this.byteNanos);
    this.uart.feedByte(byte);
  }
}
