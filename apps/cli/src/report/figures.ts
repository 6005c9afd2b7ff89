// Numbers as a report prints them.

export const count = (value: number): string => value.toLocaleString('en-US');

export const percent = (part: number, of: number): string =>
  of === 0 ? '–' : `${((100 * part) / of).toFixed(part > 0 && part / of < 0.0995 ? 1 : 0)} %`;

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [scaled, unit] = [value, 0];
  while (scaled >= 1000 && unit < units.length - 1) [scaled, unit] = [scaled / 1000, unit + 1];
  return `${scaled >= 100 || unit === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${units[unit]}`;
}

/** @example large(5889247) // '5.89 million' */
export function large(value: number): string {
  const names = ['', ' thousand', ' million', ' billion', ' trillion'];
  if (value < 10_000) return count(value);
  let [scaled, name] = [value, 0];
  while (scaled >= 1000 && name < names.length - 1) [scaled, name] = [scaled / 1000, name + 1];
  return `${scaled.toPrecision(3)}${names[name]}`;
}

export const short = (value: number): string =>
  Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3))).replace(/^(-?)0\./, '$1.');
