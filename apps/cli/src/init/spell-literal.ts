// A JSON value as TypeScript that reads as if written by hand: bare keys, single quotes, on one line where it fits.

const widest = 100;

export function spellLiteral(value: unknown, indent = ''): string {
  const line = onOneLine(value);
  if (indent.length + line.length <= widest || value === null || typeof value !== 'object') return line;
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((member) => spellLiteral(member, inner))
    : Object.entries(value).map(([key, member]) => `${spellKey(key)}: ${spellLiteral(member, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${members.map((member) => `${inner}${member},\n`).join('')}${indent}${close}`;
}

function onOneLine(value: unknown): string {
  if (typeof value === 'string') return spellString(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${spellKey(key)}: ${onOneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const spellKey = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : spellString(key));

function spellString(text: string): string {
  const plain = JSON.stringify(text);
  return plain.includes("'") ? plain : `'${plain.slice(1, -1).replaceAll('\\"', '"')}'`;
}
