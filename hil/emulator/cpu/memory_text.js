// Translates loads and stores to JavaScript: RAM inline, all else by a call that gets the cycles passed in the block.

const RAM_WORDS = 264 * 256;

// A word address is rotated, so that an unaligned one is out of range and takes the slow path, which raises the fault.
const INDEX = {
  1: (a) => [`t=${a}|0;u=t-0x20000000|0;`, `(u>>>0)<${RAM_WORDS * 4}`, 'ram8[u]'],
  2: (a) => [`t=${a}|0;u=t-0x20000000|0;u=(u>>>1|u<<31)>>>0;`, `u<${RAM_WORDS * 2}`, 'ram16[u]'],
  4: (a) => [`t=${a}|0;u=t-0x20000000|0;u=(u>>>2|u<<30)>>>0;`, `u<${RAM_WORDS}`, 'ram32[u]'],
};
const SIGN = { 1: '<<24>>24', 2: '<<16>>16' };

/** Loads register d from the address. */
export function load(at, size, isSigned, d, address) {
  const [setup, fits, place] = INDEX[size](address);
  const target = at.write(d);
  const text = `${setup}${target}=(${fits}?${place}:load${size * 8}(t,${at.cycles}))${isSigned ? SIGN[size] : ''};`;
  at.cycles += 1;
  return text;
}

/** Stores register d at the address. */
export function store(at, size, d, address) {
  const [setup, fits, place] = INDEX[size](address);
  const value = at.read(d);
  const text = `${setup}if(${fits})${place}=${value};else store${size * 8}(t,${value},${at.cycles});`;
  at.cycles += 1;
  return text;
}

const listed = (mask) => [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => mask & (1 << i));

function several(base, count, fast, slow) {
  return `t=${base}|0;u=t-0x20000000|0;u=(u>>>2|u<<30)>>>0;if(u<${RAM_WORDS - count}){${fast}}else{${slow}}`;
}

export function push(at, mask, withLink) {
  const names = listed(mask).map((i) => at.read(i));
  if (withLink) names.push(at.read(14));
  const fast = names.map((name, i) => `ram32[u+${i}]=${name};`).join('');
  const slow = names.map((name, i) => `store32(t+${4 * i},${name},${at.cycles});`).join('');
  const text = several(`${at.read(13)}-${4 * names.length}`, names.length, fast, slow);
  at.cycles += names.length;
  return `${text}${at.write(13)}=t;`;
}

export function pop(at, mask, withPc) {
  const names = listed(mask).map((i) => at.write(i));
  if (withPc) names.push('x');
  const fast = names.map((name, i) => `${name}=ram32[u+${i}];`).join('');
  const slow = names.map((name, i) => `${name}=load32(t+${4 * i},${at.cycles});`).join('');
  const text = several(at.read(13), names.length, fast, slow);
  at.cycles += names.length;
  return `${text}${at.write(13)}=t+${4 * names.length}|0;${withPc ? at.leaveByValue('x', 2) : ''}`;
}

export function loadMany(at, base, mask) {
  const names = listed(mask).map((i) => at.write(i));
  const start = at.read(base);
  const fast = names.map((name, i) => `${name}=ram32[u+${i}];`).join('');
  const slow = names.map((name, i) => `${name}=load32(t+${4 * i},${at.cycles});`).join('');
  const text = several(start, names.length, fast, slow);
  at.cycles += names.length;
  return mask & (1 << base) ? text : `${text}${at.write(base)}=t+${4 * names.length}|0;`;
}

export function storeMany(at, base, mask) {
  const names = listed(mask).map((i) => at.read(i));
  const fast = names.map((name, i) => `ram32[u+${i}]=${name};`).join('');
  const slow = names.map((name, i) => `store32(t+${4 * i},${name},${at.cycles});`).join('');
  const text = several(at.read(base), names.length, fast, slow);
  at.cycles += names.length;
  return `${text}${at.write(base)}=t+${4 * names.length}|0;`;
}
