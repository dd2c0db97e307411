// The processor: runs translated code, takes interrupts, sleeps until the next alarm, and counts cycles.
//
// Time is `deadline - budget`. Translated code only reduces the budget; an interrupt or a new alarm, which needs the main loop,
// sets the budget to 0 and the deadline to the present time.

import { CortexM0Core } from '../rp2040js.js';
import { SECTOR } from '../chip/flash.js';
import { BUDGET, CARRY, NZ, OVERFLOW, compilerOf, translate } from './translate.js';
import { memoryOf } from './memory.js';

const LONGEST_CYCLES = 1e9; // the budget is 32 bits wide
const RAM_HALFWORDS = 264 * 512;
const FLASH_HALFWORDS = 1 << 20;
const HARD_FAULT = 3;

export class Core extends CortexM0Core {
  constructor(chip) {
    super(null);
    this.chip = chip;
    this.state = new Int32Array(32);
    this.registers = new Uint32Array(this.state.buffer, 0, 16);
    this.deadline = 0;
    this.asleepCycles = 0;
    this.wakeups = 0;
    this.stopped = false;
    this.lockedUp = '';
    this.held = -1;
    this.world = memoryOf(this, chip.sram, chip.flash);
    this.compile = compilerOf(this.world);
    const miss = (pc) => this.translateAgain(pc);
    this.flashTable = new Array(FLASH_HALFWORDS).fill(miss);
    this.ramTable = new Array(RAM_HALFWORDS).fill(miss);
  }

  /** Begins anew with another chip, whose flash gets this content; translated code of flash that stays the same is kept. */
  adopt(chip, flash) {
    this.release();
    this.chip = chip;
    this.state.fill(0);
    this.deadline = this.asleepCycles = this.wakeups = 0;
    this.stopped = false;
    chip.sram.fill(0);
    for (let at = 0; at < flash.length; at += SECTOR) {
      const content = flash.subarray(at, at + SECTOR);
      if (Buffer.compare(content, chip.flash.subarray(at, at + SECTOR)) === 0) continue;
      chip.flash.set(content, at);
      this.forget(at, SECTOR);
    }
  }

  /** After a reset, with new peripherals; time, counts and translated code are kept. */
  reset(mcu) {
    if (!this.state) return; // the package's constructor
    const time = this.cycles;
    Object.assign(this, {
      rp2040: mcu, eventRegistered: false, waiting: false, PM: false, SPSEL: 0, nPRIV: false, currentMode: 0, IPSR: 0,
      bankedSP: 0xfffffffc, pendingInterrupts: 0, enabledInterrupts: 0, interruptPriorities: [0xffffffff, 0, 0, 0],
      pendingNMI: false, pendingPendSV: false, pendingSVCall: false, pendingSystick: false, interruptsUpdated: false,
      VTOR: 0, SHPR2: 0, SHPR3: 0, lockedUp: '',
    });
    this.state.fill(0);
    this.deadline = time;
    this.world.connect(mcu);
  }

  get APSR() {
    const s = this.state;
    const carry = s[CARRY] ? 0x20000000 : 0;
    return (s[NZ] < 0 ? 0x80000000 : 0) | (s[NZ] === 0 ? 0x40000000 : 0) | carry | (s[OVERFLOW] < 0 ? 0x10000000 : 0);
  }

  set APSR(value) {
    const s = this.state;
    s[NZ] = value & 0x40000000 ? 0 : value & 0x80000000 ? -1 : 1;
    s[CARRY] = (value >>> 29) & 1;
    s[OVERFLOW] = value & 0x10000000 ? -1 : 0;
  }

  /** Cycles since power-on; exact also within a block when the slow memory path reads them. */
  get cycles() {
    return this.deadline - this.state[BUDGET];
  }

  set cycles(value) {
    if (this.state) this.state[BUDGET] -= value - this.cycles;
  }

  /** Returns to the main loop after this block. */
  kick() {
    this.deadline = this.cycles;
    this.state[BUDGET] = 0;
  }

  // ---- called by translated code -----------------------------------------------------------------------------------

  enableInterrupts() {
    this.PM = false;
    this.interruptsUpdated = true;
    if (this.pendingInterrupts & this.enabledInterrupts || this.pendingPendSV || this.pendingSystick) this.kick();
  }

  disableInterrupts() {
    this.PM = true;
  }

  setSpecial(register, value) {
    this.writeSpecialRegister(register, value);
    this.kick();
  }

  waitForEvent() {
    if (this.eventRegistered) {
      this.eventRegistered = false;
      return;
    }
    this.waiting = true;
    this.interruptsUpdated = true;
    this.kick();
  }

  waitForInterrupt() {
    this.waiting = true;
    this.interruptsUpdated = true;
    this.kick();
  }

  supervisorCall() {
    this.pendingSVCall = true;
    this.interruptsUpdated = true;
    this.kick();
  }

  returnFromException(value) {
    if (this.IPSR === 0) return value & -2;
    this.exceptionReturn(value & 0x0fffffff);
    this.kick();
    return this.state[15] & -2;
  }

  undefinedInstruction(pc, op) {
    if (this.IPSR === HARD_FAULT || this.IPSR === 2) return this.lockUp(`instruction ${op.toString(16)} at ${pc.toString(16)}`);
    this.chip.report(`hard fault: instruction ${op.toString(16)} at ${pc.toString(16)}`);
    this.registers[15] = pc;
    this.exceptionEntry(HARD_FAULT);
    return this.state[15] & -2;
  }

  lockUp(reason) {
    this.lockedUp = reason;
    this.chip.report(`the processor has locked up: ${reason}`);
    this.waiting = true;
    this.kick();
    return this.state[15];
  }

  translateAgain(pc) {
    const code = translate(pc, this.world, this.compile);
    if (pc >>> 28 === 1) this.flashTable[(pc >>> 1) & (FLASH_HALFWORDS - 1)] = code;
    else this.ramTable[(pc - 0x20000000) >>> 1] = code;
    return code();
  }

  /** Discards the translation of flash that was erased or programmed. */
  forget(offset, length) {
    const miss = (pc) => this.translateAgain(pc);
    // A block begins at most 64 instructions before the changed place; code doesn't jump into flash that is programmed as data.
    const first = Math.max(0, (offset >> 1) - 256);
    this.flashTable.fill(miss, first, Math.min(FLASH_HALFWORDS, (offset + length) >> 1));
  }

  /** Makes the program hang at this flash address whenever `holds(state)` is true; lasts through resets. */
  holdAt(pc, holds) {
    this.release();
    const at = (pc >>> 1) & (FLASH_HALFWORDS - 1);
    const code = translate(pc, this.world, this.compile);
    this.flashTable[at] = (here) => {
      if (!holds(this.state)) return code(here);
      this.state[BUDGET] = 0; // until the next interrupt, after which it returns to this place
      return here;
    };
    this.held = at;
  }

  /** Ends the hang. */
  release() {
    if (this.held >= 0) this.flashTable[this.held] = (pc) => this.translateAgain(pc);
    this.held = -1;
  }

  // ---- interrupts --------------------------------------------------------------------------------------------------

  setInterrupt(irq, value) {
    const bit = 1 << irq;
    if (!value) {
      this.pendingInterrupts &= ~bit;
    } else if (!(this.pendingInterrupts & bit)) {
      this.pendingInterrupts |= bit;
      this.interruptsUpdated = true;
      this.kick();
    }
  }

  /** Whether an interrupt is pending that would be taken if PRIMASK were clear; it ends a sleep. */
  shouldWake() {
    const waiting = this.waiting;
    if (this.lockedUp) return false;
    const active = this.exceptionPriority(this.IPSR);
    const limit = this.IPSR ? active : 4;
    const set = this.pendingInterrupts & this.enabledInterrupts;
    for (let priority = 0; priority < limit; priority++) {
      if (set & this.interruptPriorities[priority]) return true;
    }
    return waiting && (this.pendingNMI || this.pendingPendSV || this.pendingSystick || this.pendingSVCall);
  }

  takeInterrupts() {
    const waiting = this.waiting;
    if (waiting) {
      if (!this.shouldWake()) return;
      this.waiting = false;
      this.wakeups += 1;
    }
    const before = this.state[15];
    if (this.checkForInterrupts() && before !== this.state[15]) this.state[BUDGET] -= 15;
    if (!(this.pendingInterrupts & this.enabledInterrupts)) this.interruptsUpdated = false;
  }

  // ---- main loop ---------------------------------------------------------------------------------------------------

  /** Runs until at least `limit` cycles are counted, or until `stop`. */
  run(limit) {
    const { clock } = this.chip;
    const state = this.state;
    this.stopped = false;
    while (!this.stopped) {
      const now = this.cycles;
      clock.fire(now);
      if (this.stopped) return;
      if (this.interruptsUpdated) this.takeInterrupts();
      if (now >= limit) return;
      const next = Math.min(limit, clock.nextCycle(), now + LONGEST_CYCLES);
      if (this.waiting) {
        this.asleepCycles += next - now;
        this.deadline = next;
        state[BUDGET] = 0;
        continue;
      }
      state[BUDGET] = next - this.cycles;
      this.deadline = next;
      this.execute();
    }
  }

  stop() {
    this.stopped = true;
    this.kick();
  }

  execute() {
    const { state, flashTable } = this;
    let pc = state[15] & -2;
    do {
      pc = pc >>> 28 === 1 ? flashTable[(pc >>> 1) & 0xfffff](pc) : this.lookUp(pc)(pc);
    } while (state[BUDGET] > 0);
    state[15] = pc;
  }

  lookUp(pc) {
    if (pc >>> 28 === 2) return this.ramTable[(pc - 0x20000000) >>> 1];
    if (pc >>> 0 < 0x4000) return this.chip.bootrom.routine;
    return () => this.undefinedInstruction(pc, 0);
  }
}
