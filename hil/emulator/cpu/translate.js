// Translates a block of instructions to one JavaScript function, which V8 then compiles.
//
// A function has no parameters, keeps the registers it uses in locals, subtracts its cycles from state[BUDGET] and returns the
// next address. It follows unconditional jumps, ends at conditional ones that are taken, and loops on a jump to its beginning.
// Code in RAM is compared with the translated code each time it is entered.

import { textOf } from './decode.js';

export const NZ = 16;
export const CARRY = 17;
export const OVERFLOW = 18;
export const BUDGET = 19;

const MOST_INSTRUCTIONS = 64;
const STORE = '\u0001';

class Trace {
  constructor(entry, halfword) {
    this.entry = entry;
    this.pc = entry;
    this.halfword = halfword;
    this.length = 2;
    this.cycles = 0;
    this.touched = new Set();
    this.written = new Set();
    this.visited = new Set();
    this.loops = false;
    this.ended = false;
    this.next = entry;
    this.exits = [];
  }

  read(register) {
    this.touched.add(register);
    return `r${register}`;
  }

  write(register) {
    this.touched.add(register);
    this.written.add(register);
    return `r${register}`;
  }

  /** Text that stores the registers written so far and subtracts the cycles. */
  settle(cycles) {
    this.exits.push([...this.written]);
    return `${STORE}${this.exits.length - 1};S[${BUDGET}]-=${cycles};`;
  }

  leave(target, extra) {
    this.ended = true;
    return `${this.settle(this.cycles + extra)}return ${target};`;
  }

  /** Ends the block at an address that may be the special value for a return from an interrupt. */
  leaveByValue(value, extra) {
    this.ended = true;
    return `${this.settle(this.cycles + extra)}return ${value}>>>28===15?cpu.returnFromException(${value}):${value}&-2;`;
  }

  jump(target, extra) {
    this.cycles += extra;
    if (target === this.entry) return this.again();
    if (this.visited.has(target)) return this.leave(`${target}`, 0);
    this.next = target;
    return '';
  }

  again() {
    this.ended = true;
    this.loops = true;
    return `if((S[${BUDGET}]-=${this.cycles})>0)continue;${this.settle(0)}return ${this.entry};`;
  }

  branch(condition, target) {
    if (target === this.entry) {
      this.loops = true;
      const paid = `if((S[${BUDGET}]-=${this.cycles + 1})>0)continue;`;
      return `if(${condition}){${paid}${this.settle(0)}return ${target};}`;
    }
    return `if(${condition}){${this.settle(this.cycles + 1)}return ${target};}`;
  }

  /** Stores all registers, calls the core, and ends the block. */
  call(text) {
    this.ended = true;
    return `${this.settle(this.cycles)}cpu.${text};return ${this.pc + this.length};`;
  }

  callInto(register, text) {
    this.ended = true;
    return `${this.settle(this.cycles)}S[${register}]=cpu.${text};return ${this.pc + this.length};`;
  }

  fault(op) {
    this.ended = true;
    return `${this.settle(this.cycles)}return cpu.undefinedInstruction(${this.pc},${op});`;
  }

  literal(register, address) {
    this.cycles += 1;
    const value = address >>> 28 === 1 ? this.constant(address) : `load32(${address},${this.cycles})`;
    return `${this.write(register)}=${value};`;
  }

  constant(address) {
    return (this.halfword(address) | (this.halfword(address + 2) << 16)) | 0;
  }
}

function follow(trace) {
  let text = '';
  while (!trace.ended) {
    if (trace.visited.size >= MOST_INSTRUCTIONS || (trace.pc === trace.entry && trace.visited.size)) {
      text += trace.leave(`${trace.pc}`, 0);
      break;
    }
    trace.visited.add(trace.pc);
    trace.cycles += 1;
    trace.next = -1;
    text += textOf(trace);
    trace.pc = trace.next >= 0 ? trace.next : trace.pc + trace.length;
  }
  return text;
}

/** Replaces the marks by stores; a block that loops may have written any register before any of its exits. */
function stored(trace, text) {
  const list = (registers) => registers.map((i) => `S[${i}]=r${i};`).join('');
  const flags = `S[${NZ}]=nz;S[${CARRY}]=c;S[${OVERFLOW}]=v;`;
  const all = list([...trace.written]);
  return text.replace(new RegExp(`${STORE}(\\d+);`, 'g'), (_, i) => (trace.loops ? all : list(trace.exits[i])) + flags);
}

function check(trace, ram32) {
  const words = new Set();
  for (const pc of trace.visited) {
    if (pc >>> 28 === 2) words.add((pc - 0x20000000) >> 2).add((pc - 0x20000000 + 2) >> 2);
  }
  const wrong = [...words].map((i) => `ram32[${i}]!==${ram32[i]}`).join('||');
  return wrong ? `if(${wrong})return cpu.translateAgain(${trace.entry});` : '';
}

/**
 * Returns a compiler of function expressions, which use the names of `world`. All functions share one scope; in brackets
 * V8 compiles them at once instead of when they are first called.
 */
export function compilerOf(world) {
  const text = '"use strict";const {S,ram8,ram16,ram32,cpu,load8,load16,load32,store8,store16,store32}=W;return (text)=>eval(text);';
  return new Function('W', text)(world);
}

/** Returns the function for the code at `entry`; `world` has halfword and ram32, `compile` is the compiler of its names. */
export function translate(entry, world, compile) {
  const trace = new Trace(entry, world.halfword);
  const body = stored(trace, follow(trace));
  const registers = [...trace.touched].map((i) => `r${i}=S[${i}]`);
  const locals = [...registers, `nz=S[${NZ}]`, `c=S[${CARRY}]`, `v=S[${OVERFLOW}]`, 'x=0', 'y=0', 'z=0', 't=0', 'u=0'];
  const begin = `${check(trace, world.ram32)}let ${locals.join(',')};`;
  return compile(`(function(){${begin}${trace.loops ? `for(;;){${body}}` : body}})`);
}
