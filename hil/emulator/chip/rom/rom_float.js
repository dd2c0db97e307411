// The boot ROM's float and double routines, in the order of its tables, computed with the host's IEEE arithmetic.

const view = new DataView(new ArrayBuffer(16));

function float(bits) {
  view.setInt32(0, bits);
  return view.getFloat32(0);
}

function toFloat(r, value) {
  view.setFloat32(0, value);
  r[0] = view.getInt32(0);
}

function double(low, high) {
  view.setInt32(0, high);
  view.setInt32(4, low);
  return view.getFloat64(0);
}

function toDouble(r, value) {
  view.setFloat64(0, value);
  r[1] = view.getInt32(0);
  r[0] = view.getInt32(4);
}

function toInt64(r, value, signed) {
  const low = signed ? -(2n ** 63n) : 0n;
  const high = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  let whole = 0n;
  if (value === Infinity) whole = high;
  else if (value === -Infinity) whole = low;
  else if (!Number.isNaN(value)) whole = BigInt(Math.floor(value));
  whole = whole < low ? low : whole > high ? high : whole;
  r[0] = Number(BigInt.asIntN(32, whole));
  r[1] = Number(BigInt.asIntN(32, whole >> 32n));
}

const clamp = (value, low, high) => (Number.isNaN(value) ? 0 : Math.max(low, Math.min(high, Math.floor(value))));
const toInt = (value) => clamp(value, -0x80000000, 0x7fffffff) | 0;
const toUint = (value) => clamp(value, 0, 0xffffffff) | 0;
const long = (r, signed) => {
  const whole = (BigInt(r[1]) << 32n) | BigInt(r[0] >>> 0);
  return signed ? BigInt.asIntN(64, whole) : BigInt.asUintN(64, whole);
};
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** A table for one width: `get(r)` is the first operand, `second(r)` the other, `put` the result, `n` the next register. */
function table(get, second, put, n) {
  const wide = (r, places, signed) => Number(long(r, signed)) / 2 ** places;
  const one = (work) => (r) => put(r, work(get(r)));
  const two = (work) => (r) => put(r, work(get(r), second(r)));
  const missing = () => {};
  const order = (r) => (r[0] = compare(get(r), second(r)));
  return [
    two((a, b) => a + b), two((a, b) => a - b), two((a, b) => a * b), two((a, b) => a / b), order, missing,
    one(Math.sqrt),
    (r) => (r[0] = toInt(get(r))), (r) => (r[0] = toInt(get(r) * 2 ** r[n])),
    (r) => (r[0] = toUint(get(r))), (r) => (r[0] = toUint(get(r) * 2 ** r[n])),
    (r) => put(r, r[0]), (r) => put(r, r[0] / 2 ** r[1]), (r) => put(r, r[0] >>> 0), (r) => put(r, (r[0] >>> 0) / 2 ** r[1]),
    one(Math.cos), one(Math.sin), one(Math.tan), missing, one(Math.exp), one(Math.log),
    order, two(Math.atan2),
    (r) => put(r, wide(r, 0, true)), (r) => put(r, wide(r, r[2], true)),
    (r) => put(r, wide(r, 0, false)), (r) => put(r, wide(r, r[2], false)),
    (r) => toInt64(r, get(r), true), (r) => toInt64(r, get(r) * 2 ** r[n], true),
    (r) => toInt64(r, get(r), false), (r) => toInt64(r, get(r) * 2 ** r[n], false),
  ];
}

const floats = table((r) => float(r[0]), (r) => float(r[1]), toFloat, 1);
const doubles = table((r) => double(r[0], r[1]), (r) => double(r[2], r[3]), toDouble, 2);

export const FLOAT_ROUTINES = [...floats, (r) => toDouble(r, float(r[0]))];
export const DOUBLE_ROUTINES = [...doubles, (r) => toFloat(r, double(r[0], r[1]))];
