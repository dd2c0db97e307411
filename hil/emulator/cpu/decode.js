// Translates one Thumb instruction to JavaScript. Registers are the locals r0..r14, flags the locals nz, c and v.
//
// N is the sign of nz, Z is set when nz is zero; c is 0 or 1; V is the sign of v. Cycle counts are those of the Cortex-M0+
// with its one-cycle multiplier, and flash is as fast as RAM.

import { load, store, push, pop, loadMany, storeMany } from './memory_text.js';

const CONDITIONS = [
  'nz===0', 'nz!==0', 'c===1', 'c===0', 'nz<0', 'nz>=0', 'v<0', 'v>=0',
  'c===1&&nz!==0', 'c===0||nz===0', '(nz^v)>=0', '(nz^v)<0', 'nz!==0&&(nz^v)>=0', 'nz===0||(nz^v)<0',
];

const signed = (value, bits) => (value << (32 - bits)) >> (32 - bits);
const hex = (value) => `${value | 0}`;

// `at` is the translator: at.pc, at.read(n) and at.write(n) for register names, at.cycles so far, and methods that end a block.

function addText(target, a, b) {
  return `x=${a};y=${b};nz=x+y|0;c=(nz>>>0)<(x>>>0)?1:0;v=(x^nz)&(y^nz);${target ? `${target}=nz;` : ''}`;
}

function subtractText(target, a, b) {
  return `x=${a};y=${b};nz=x-y|0;c=(x>>>0)>=(y>>>0)?1:0;v=(x^y)&(x^nz);${target ? `${target}=nz;` : ''}`;
}

function shiftImmediate(at, op) {
  const amount = (op >> 6) & 31;
  const m = at.read((op >> 3) & 7);
  const d = at.write(op & 7);
  switch (op >> 11) {
    case 0:
      return amount ? `x=${m};c=x>>>${32 - amount}&1;nz=${d}=x<<${amount};` : `nz=${d}=${m};`;
    case 1:
      return amount ? `x=${m};c=x>>>${amount - 1}&1;nz=${d}=x>>>${amount}|0;` : `c=${m}>>>31;nz=${d}=0;`;
    default:
      return amount ? `x=${m};c=x>>${amount - 1}&1;nz=${d}=x>>${amount};` : `x=${m};c=x>>>31;nz=${d}=x>>31;`;
  }
}

function shiftRegister(kind, d, m) {
  const count = `y=${m}&255;x=${d};`;
  switch (kind) {
    case 2:
      return `${count}if(y){c=y<=32?x>>>(32-y&31)&1:0;x=y<32?x<<y:0}nz=${d}=x;`;
    case 3:
      return `${count}if(y){c=y<=32?x>>>(y-1)&1:0;x=y<32?x>>>y|0:0}nz=${d}=x;`;
    case 4:
      return `${count}if(y){c=y<=32?x>>(y-1)&1:x>>>31;x=y<32?x>>y:x>>31}nz=${d}=x;`;
    default:
      return `${count}if(y){y&=31;x=x>>>y|x<<(32-y&31);c=x>>>31}nz=${d}=x;`;
  }
}

function dataProcessing(at, op) {
  const kind = (op >> 6) & 15;
  const m = at.read((op >> 3) & 7);
  const n = op & 7;
  const d = at.read(n);
  const write = () => at.write(n);
  switch (kind) {
    case 0: return `nz=${write()}=${d}&${m};`;
    case 1: return `nz=${write()}=${d}^${m};`;
    case 2: case 3: case 4: case 7: return shiftRegister(kind, write(), m);
    case 5: return `x=${d};y=${m};z=(x>>>0)+(y>>>0)+c;nz=z|0;c=z>4294967295?1:0;v=(x^nz)&(y^nz);${write()}=nz;`;
    case 6: return `x=${d};y=${m};z=(x>>>0)-(y>>>0)-1+c;nz=z|0;c=z>=0?1:0;v=(x^y)&(x^nz);${write()}=nz;`;
    case 8: return `nz=${d}&${m};`;
    case 9: return subtractText(write(), '0', m);
    case 10: return subtractText('', d, m);
    case 11: return addText('', d, m);
    case 12: return `nz=${write()}=${d}|${m};`;
    case 13: return `nz=${write()}=Math.imul(${d},${m});`;
    case 14: return `nz=${write()}=${d}&~${m};`;
    default: return `nz=${write()}=~${m};`;
  }
}

function highRegister(at, op) {
  const m = (op >> 3) & 15;
  const d = ((op >> 4) & 8) | (op & 7);
  const source = m === 15 ? hex(at.pc + 4) : at.read(m);
  switch ((op >> 8) & 3) {
    case 0:
      if (d === 15) return at.leave(`${hex(at.pc + 4)}+${source}&-2`, 1);
      return `${at.write(d)}=${at.read(d)}+${source}${d === 13 ? '&-4' : '|0'};`;
    case 1:
      return subtractText('', d === 15 ? hex(at.pc + 4) : at.read(d), source);
    case 2:
      if (d === 15) return at.leave(`${source}&-2`, 1);
      return `${at.write(d)}=${source}${d === 13 ? '&-4' : ''};`;
    default:
      if (op & 0x80) return `x=${source};${at.write(14)}=${hex((at.pc + 2) | 1)};${at.leave('x&-2', 1)}`;
      return at.leaveByValue(source, 1);
  }
}

const MISCELLANEOUS = [
  [0xff80, 0xb000, (at, op) => `${at.write(13)}=${at.read(13)}+${(op & 127) << 2}|0;`],
  [0xff80, 0xb080, (at, op) => `${at.write(13)}=${at.read(13)}-${(op & 127) << 2}|0;`],
  [0xffc0, 0xb200, (at, op) => `${at.write(op & 7)}=${at.read((op >> 3) & 7)}<<16>>16;`],
  [0xffc0, 0xb240, (at, op) => `${at.write(op & 7)}=${at.read((op >> 3) & 7)}<<24>>24;`],
  [0xffc0, 0xb280, (at, op) => `${at.write(op & 7)}=${at.read((op >> 3) & 7)}&65535;`],
  [0xffc0, 0xb2c0, (at, op) => `${at.write(op & 7)}=${at.read((op >> 3) & 7)}&255;`],
  [0xfe00, 0xb400, (at, op) => push(at, op & 255, op & 256)],
  [0xfe00, 0xbc00, (at, op) => pop(at, op & 255, op & 256)],
  [0xffff, 0xb662, (at) => at.call('enableInterrupts()')],
  [0xffff, 0xb672, (at) => at.call('disableInterrupts()')],
  [0xffc0, 0xba00, (at, op) => `x=${at.read((op >> 3) & 7)};${at.write(op & 7)}=x<<24|x<<8&0xff0000|x>>>8&0xff00|x>>>24;`],
  [0xffc0, 0xba40, (at, op) => `x=${at.read((op >> 3) & 7)};${at.write(op & 7)}=x<<8&0xff00ff00|x>>>8&0xff00ff;`],
  [0xffc0, 0xbac0, (at, op) => `x=${at.read((op >> 3) & 7)};${at.write(op & 7)}=(x<<24|x<<8&0xff0000)>>16;`],
  [0xffff, 0xbf20, (at) => at.call('waitForEvent()')],
  [0xffff, 0xbf30, (at) => at.call('waitForInterrupt()')],
  [0xffff, 0xbf40, () => 'cpu.eventRegistered=true;'],
  [0xff0f, 0xbf00, () => ''],
];

function miscellaneous(at, op) {
  const row = MISCELLANEOUS.find(([mask, value]) => (op & mask) === value);
  return row ? row[2](at, op) : at.fault(op);
}

function wide(at, op) {
  const second = at.halfword(at.pc + 2);
  at.length = 4;
  if ((op & 0xf800) === 0xf000 && (second & 0xd000) === 0xd000) {
    const s = (op >> 10) & 1;
    const i1 = 1 ^ s ^ ((second >> 13) & 1);
    const i2 = 1 ^ s ^ ((second >> 11) & 1);
    const offset = signed((s << 24) | (i1 << 23) | (i2 << 22) | ((op & 1023) << 12) | ((second & 2047) << 1), 25);
    return `${at.write(14)}=${hex((at.pc + 4) | 1)};${at.jump(at.pc + 4 + offset, 2)}`;
  }
  at.cycles += 2;
  if (op === 0xf3bf) return '';
  if (op === 0xf3ef) return at.callInto((second >> 8) & 15, `readSpecialRegister(${second & 255})`);
  if ((op & 0xfff0) === 0xf380) return at.call(`setSpecial(${second & 255},${at.read(op & 15)})`, true);
  return at.fault(op);
}

// One entry for each value of the five highest bits.
const TOP = [
  shiftImmediate, shiftImmediate, shiftImmediate,
  (at, op) => {
    const b = op & 0x400 ? hex((op >> 6) & 7) : at.read((op >> 6) & 7);
    const a = at.read((op >> 3) & 7);
    return (op & 0x200 ? subtractText : addText)(at.write(op & 7), a, b);
  },
  (at, op) => `nz=${at.write((op >> 8) & 7)}=${op & 255};`,
  (at, op) => subtractText('', at.read((op >> 8) & 7), hex(op & 255)),
  (at, op) => addText(at.write((op >> 8) & 7), at.read((op >> 8) & 7), hex(op & 255)),
  (at, op) => subtractText(at.write((op >> 8) & 7), at.read((op >> 8) & 7), hex(op & 255)),
  (at, op) => (op & 0x400 ? highRegister : dataProcessing)(at, op),
  (at, op) => at.literal((op >> 8) & 7, ((at.pc + 4) & ~3) + ((op & 255) << 2)),
  registerOffset, registerOffset,
  (at, op) => store(at, 4, op & 7, `${at.read((op >> 3) & 7)}+${(op >> 4) & 0x7c}`),
  (at, op) => load(at, 4, false, op & 7, `${at.read((op >> 3) & 7)}+${(op >> 4) & 0x7c}`),
  (at, op) => store(at, 1, op & 7, `${at.read((op >> 3) & 7)}+${(op >> 6) & 31}`),
  (at, op) => load(at, 1, false, op & 7, `${at.read((op >> 3) & 7)}+${(op >> 6) & 31}`),
  (at, op) => store(at, 2, op & 7, `${at.read((op >> 3) & 7)}+${(op >> 5) & 0x3e}`),
  (at, op) => load(at, 2, false, op & 7, `${at.read((op >> 3) & 7)}+${(op >> 5) & 0x3e}`),
  (at, op) => store(at, 4, (op >> 8) & 7, `${at.read(13)}+${(op & 255) << 2}`),
  (at, op) => load(at, 4, false, (op >> 8) & 7, `${at.read(13)}+${(op & 255) << 2}`),
  (at, op) => `${at.write((op >> 8) & 7)}=${hex(((at.pc + 4) & ~3) + ((op & 255) << 2))};`,
  (at, op) => `${at.write((op >> 8) & 7)}=${at.read(13)}+${(op & 255) << 2}|0;`,
  miscellaneous, miscellaneous,
  (at, op) => storeMany(at, (op >> 8) & 7, op & 255),
  (at, op) => loadMany(at, (op >> 8) & 7, op & 255),
  conditional, conditional,
  (at, op) => at.jump(at.pc + 4 + signed((op & 2047) << 1, 12), 1),
  wide, wide, wide,
];

function registerOffset(at, op) {
  const address = `${at.read((op >> 3) & 7)}+${at.read((op >> 6) & 7)}`;
  const t = op & 7;
  switch ((op >> 9) & 7) {
    case 0: return store(at, 4, t, address);
    case 1: return store(at, 2, t, address);
    case 2: return store(at, 1, t, address);
    case 3: return load(at, 1, true, t, address);
    case 4: return load(at, 4, false, t, address);
    case 5: return load(at, 2, false, t, address);
    case 6: return load(at, 1, false, t, address);
    default: return load(at, 2, true, t, address);
  }
}

function conditional(at, op) {
  const kind = (op >> 8) & 15;
  if (kind === 15) return at.call('supervisorCall()');
  if (kind === 14) return at.fault(op);
  return at.branch(CONDITIONS[kind], at.pc + 4 + signed((op & 255) << 1, 9));
}

/** Returns the text of the instruction at at.pc and adds its cycles to at.cycles, except those of a taken branch. */
export function textOf(at) {
  const op = at.halfword(at.pc);
  at.length = 2;
  return TOP[op >> 11](at, op);
}
