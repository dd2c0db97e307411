// Changes in two steps: the pump reads back the new values, which are compared with those that were sent (C1).
// As protocol/changes.py of the host; tests/browser/test_twins.py compares both.

// Fields that permit a change and are no part of it; the pump need not read them back.
const PERMISSIONS = ['override', 'early'];
// Volumes that the pump rounds down to whole strokes; no stroke is larger than this (D3).
const IN_STROKES = ['bolus', 'prime'];
const LARGEST_STROKE_NL = 500;

/** Returns a text for each value that was not read back as it was sent; empty when all agree. */
export function differences(command, asked, readBack) {
  const found = [];
  for (const [name, value] of Object.entries(expected(command, asked))) {
    if (!(name in readBack)) {
      if (!PERMISSIONS.includes(name)) found.push(`${name} ${JSON.stringify(value)} was sent and not read back`);
    } else if (!same(command, name, value, readBack[name])) {
      found.push(`${name} ${JSON.stringify(value)} was sent and ${JSON.stringify(readBack[name])} read back`);
    }
  }
  return found;
}

/** Returns the values that were sent, by the names of the read-back. */
function expected(command, asked) {
  if (command === 'rate') {
    const { ul_day: rate_ul_day, ...rest } = asked;
    return { ...rest, rate_ul_day };
  }
  if (command === 'param_set') return { [asked.name]: asked.value };
  if (command === 'therapy_set') {
    const { cycles, ...rest } = asked;
    return { ...rest, phases: asked.repeat_from + cycles * (asked.rows.length - asked.repeat_from) };
  }
  return asked;
}

function same(command, name, asked, readBack) {
  if (IN_STROKES.includes(command) && name === 'volume_nl' && Number.isInteger(readBack)) {
    return asked - readBack >= 0 && asked - readBack < LARGEST_STROKE_NL;
  }
  return JSON.stringify(asked) === JSON.stringify(readBack);
}
