// Dates as Python's strftime writes them in the C locale, for templates that name today.

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

/**
 * Of local time. Directives that it does not know stay as they are.
 *
 * @example formatTime(new Date(2024, 6, 5), '%d %b %Y') // '05 Jul 2024'
 */
export function formatTime(date: Date, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (all, bare: string, letter: string) => {
    const field = fieldOf(date, letter);
    return field === undefined ? all : bare === '-' ? field.replace(/^[0 ]+(?=.)/, '') : field;
  });
}

function fieldOf(date: Date, letter: string): string | undefined {
  const two = (value: number): string => String(value).padStart(2, '0');
  const hour = date.getHours() % 12 || 12;
  const fields: Readonly<Record<string, () => string>> = {
    a: () => days[date.getDay()]!.slice(0, 3),
    A: () => days[date.getDay()]!,
    b: () => months[date.getMonth()]!.slice(0, 3),
    B: () => months[date.getMonth()]!,
    d: () => two(date.getDate()),
    e: () => String(date.getDate()).padStart(2),
    D: () => formatTime(date, '%m/%d/%y'),
    F: () => formatTime(date, '%Y-%m-%d'),
    H: () => two(date.getHours()),
    I: () => two(hour),
    j: () => String(dayOfYear(date)).padStart(3, '0'),
    m: () => two(date.getMonth() + 1),
    M: () => two(date.getMinutes()),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    S: () => two(date.getSeconds()),
    T: () => formatTime(date, '%H:%M:%S'),
    w: () => String(date.getDay()),
    y: () => two(date.getFullYear() % 100),
    Y: () => String(date.getFullYear()),
    '%': () => '%',
  };
  return fields[letter]?.();
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 0);
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / 86_400_000;
}
