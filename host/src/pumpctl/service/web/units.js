// Amounts as text, and text as whole numbers: never through a fraction of a number.

const NL_OF_UNIT = { '': 1_000_000, ml: 1_000_000, ul: 1000, nl: 1 };

/** An amount that can't be read; the message says how to write it. */
export class BadAmount extends Error {}

/** Returns decimal text times `scale` as a whole number; throws BadAmount. */
export function scaled(text, scale, what) {
  const parts = /^([0-9]{1,9})(?:[.]([0-9]{1,9}))?$/.exec(text.trim());
  if (!parts) throw new BadAmount(`The ${what} "${text}" is not a decimal number; write it as 1 or 1.5.`);
  const decimals = parts[2] ?? '';
  const unit = 10n ** BigInt(decimals.length);
  const product = BigInt(parts[1] + decimals) * BigInt(scale);
  if (product % unit) throw new BadAmount(`The ${what} ${text} is finer than the pump's resolution; use fewer decimals.`);
  return Number(product / unit);
}

/** Returns the volume in nL of a text such as `16`, `0.5mL`, `250uL`; a number alone is mL. */
export function volumeNl(text, what = 'volume') {
  const parts = /^\s*([0-9.]+)\s*([A-Za-z\u00b5\u03bc]*)(?:\/(?:day|d))?\s*$/.exec(text);
  const scale = parts && NL_OF_UNIT[parts[2].toLowerCase().replace(/[\u00b5\u03bc]/, 'u')];
  if (!scale) throw new BadAmount(`The ${what} "${text}" can't be read; write it as 1.5 (mL) or 1500uL.`);
  return scaled(parts[1], scale, what);
}

/** Returns the rate in uL/day of a text such as `1`, `1.5mL`, `1000uL`; a number alone is mL/day. */
export function rateUlDay(text) {
  const nlDay = volumeNl(text, 'rate');
  if (nlDay % 1000) throw new BadAmount(`The rate ${text} has a fraction of 1 uL/day; use at most three decimals of a mL.`);
  return nlDay / 1000;
}

/** Returns a whole number typed in decimal digits; throws BadAmount. */
export function whole(text, what) {
  if (!/^-?[0-9]{1,10}$/.test(text.trim())) throw new BadAmount(`The ${what} "${text}" is not a whole number.`);
  return Number(text);
}

/** Returns a whole number of small units as decimal text, half rounded up as the command line does; toFixed rounds a binary fraction. */
function rounded(number, unit, decimals) {
  const steps = Math.floor((Math.abs(number) * 10 ** decimals + unit / 2) / unit);
  return `${number < 0 && steps ? '-' : ''}${(steps / 10 ** decimals).toFixed(decimals)}`;
}

export const ml = (nl) => `${rounded(nl, 1e6, 3)} mL`;
export const rate = (ulDay) => `${ml(ulDay * 1000)}/day`;
export const kpa = (pa) => `${rounded(pa, 1000, 1)} kPa`;

/** Returns a volume in mL, or in microlitres below 1 mL. */
export function volume(nl) {
  return Math.abs(nl) >= 1e6 ? ml(nl) : `${Number((nl / 1000).toFixed(3))} µL`;
}

/** Returns seconds in the two largest units that are not 0: `13 d 4 h`, `6 min`, `42 s`. */
export function duration(seconds) {
  const words = [];
  let left = Math.max(0, Math.floor(seconds));
  for (const [unit, length] of [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]]) {
    const count = Math.floor(left / length);
    left %= length;
    if (count || (unit === 's' && !words.length)) words.push(`${count} ${unit}`);
    else if (words.length) break;
  }
  return words.slice(0, 2).join(' ');
}

/** Returns a time since the record began, as `day 3, 04:05:06`. */
export function span(seconds) {
  const two = (number) => String(Math.floor(number)).padStart(2, '0');
  const left = ((seconds % 86400) + 86400) % 86400;
  return `day ${Math.floor(seconds / 86400) + 1}, ${two(left / 3600)}:${two((left / 60) % 60)}:${two(left % 60)}`;
}

/** Returns a time in `seconds` from now, by this computer's clock and with its time zone's name. */
export function dateIn(seconds) {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(Date.now() + seconds * 1000)
    + ` (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
}
