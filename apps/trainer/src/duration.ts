// Durations for people.

/**
 * Two units, as fine as is of use.
 * @example formatDuration(125) // '2m 05s'
 * formatDuration(97_000_000) // '3.1 years'
 */
export function formatDuration(seconds: number): string {
  const [minute, hour, day, year] = [60, 3600, 86_400, 365.25 * 86_400];
  const whole = Math.round(seconds);
  const two = (number: number) => String(number).padStart(2, '0');
  if (whole < minute) return `${whole}s`;
  if (whole < hour) return `${Math.floor(whole / minute)}m ${two(whole % minute)}s`;
  if (whole < 2 * day) return `${Math.floor(whole / hour)}h ${two(Math.floor((whole % hour) / minute))}m`;
  return seconds < 2 * year ? `${(seconds / day).toFixed(1)} days` : `${(seconds / year).toFixed(1)} years`;
}
