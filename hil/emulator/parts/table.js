// The parts of the board with their pins from wiring.md, and the variants that a user or a test may choose.

/** By name: description, default variant, and the variants for `--part name=variant`. */
export const PARTS = {
  pressure: { what: 'Honeywell MPR on I2C0', variants: ['mpr', 'missing', 'address'] },
  level: { what: 'voltage on GP26', variants: ['works', 'missing', 'shorted'] },
  level_pull_down: { what: '10 kilohm from the level input to AGND', variants: ['fitted', 'missing'] },
  driver: { what: 'TMC2209 on UART1', variants: ['tmc2209', 'no_power', 'missing'] },
  enable_pull_up: { what: '10 kilohm from GP12 to 3.3 V', variants: ['fitted', 'missing'] },
  jumper: { what: 'GP18 to ground: the REPL is wanted', variants: ['open', 'set'] },
  supply: { what: 'VSYS, mV', variants: ['number'] },
};

export const PINS = {
  i2c: 0, sda: 4, scl: 5, driverUart: 1, linkUart: 0,
  step: 10, direction: 11, enable: 12, diagnose: 13, button: 14, buzzer: 15, red: 16, yellow: 17, jumper: 18, level: 26,
  levelChannel: 0, supplyChannel: 3, temperatureChannel: 4,
};

export const DEFAULT_PARTS = {
  pressure: 'mpr', pressureAddress: 0x18, level: 'works', level_pull_down: 'fitted', driver: 'tmc2209',
  enable_pull_up: 'fitted', jumper: 'open', supply: 5000,
};

/** Applies an option such as `pressure=missing`, `pressure@0x28` or `supply=4500`; throws an Error with one sentence. */
export function choose(parts, text) {
  const [, name, sign, value] = /^(\w+)([=@])(\w+)$/.exec(text) ?? [];
  if (!name || !(name in PARTS)) throw new Error(`'${text}' names no part; the parts are ${Object.keys(PARTS).join(', ')}.`);
  if (sign === '@') {
    if (name !== 'pressure' || Number.isNaN(Number(value))) throw new Error(`'${text}' is not the address of a part.`);
    parts.pressureAddress = Number(value);
  } else if (name === 'supply' && /^\d+$/.test(value)) {
    parts.supply = Number(value);
  } else if (PARTS[name].variants.includes(value)) {
    parts[name] = value;
  } else {
    throw new Error(`'${text}': ${name} can be ${PARTS[name].variants.join(', ')}.`);
  }
}
