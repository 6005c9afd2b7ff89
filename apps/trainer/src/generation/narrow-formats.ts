// A schema as a grammar should have it: formats that XGrammar reads more widely than ajv does are patterns of what both take.
// A day is one that every year has, so 29 February is never written.

const day = '(0[1-9]|1\\d|2\\d|30|31)';
const date = `\\d{4}-((0[13578]|1[02])-${day}|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))`;
const time = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d';
const byte = '(\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])';

const patterns: Readonly<Record<string, string>> = {
  date: `^${date}$`,
  time: `^${time}Z$`,
  'date-time': `^${date}T${time}Z$`,
  ipv4: `^${byte}\\.${byte}\\.${byte}\\.${byte}$`,
  email: '^[a-z0-9]+([._-][a-z0-9]+)*@[a-z0-9]+(-[a-z0-9]+)*(\\.[a-z0-9]+)+$',
};

/** Values that are compared and do not describe. */
const plain = new Set(['const', 'enum', 'default', 'examples']);

export function narrowFormats(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(narrowFormats);
  if (typeof schema !== 'object' || schema === null) return schema;
  const narrowed = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, plain.has(name) ? value : narrowFormats(value)]),
  );
  const { format, pattern, ...rest } = narrowed;
  if (pattern !== undefined || typeof format !== 'string' || !Object.hasOwn(patterns, format))
    return narrowed;
  return { ...rest, pattern: patterns[format] };
}
