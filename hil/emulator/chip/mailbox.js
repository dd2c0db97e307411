// The FIFOs to the second core, of which only the boot ROM's answer after a reset is emulated: a zero.

const STATUS = 0x50;
const WRITE = 0x54;
const READ = 0x58;
const HAS_MAIL = 1;
const HAS_ROOM = 2;
const PSM = 0x40010;
const FORCE_OFF = 0x04;
const CORE_1 = 1 << 16;

export function mailbox(mcu) {
  const { sio } = mcu;
  const psm = mcu.peripherals[PSM];
  const { readUint32, writeUint32 } = sio;
  const force = psm.writeUint32;
  let mail = false;
  let held = false;
  sio.readUint32 = (offset) => {
    if (offset === STATUS) return mail ? HAS_MAIL | HAS_ROOM : HAS_ROOM;
    if (offset === READ) mail = false;
    return offset === READ ? 0 : readUint32.call(sio, offset);
  };
  sio.writeUint32 = (offset, value) => {
    if (offset !== STATUS && offset !== WRITE) writeUint32.call(sio, offset, value);
  };
  psm.writeUint32 = (offset, value) => {
    force.call(psm, offset, value);
    if (offset !== FORCE_OFF) return;
    if (held && !(value & CORE_1)) mail = true;
    held = (value & CORE_1) !== 0;
  };
}
