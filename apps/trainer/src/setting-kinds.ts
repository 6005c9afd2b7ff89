// Kinds of numbers that settings are.

export function count(value: number, description: string) {
  return { type: 'integer', default: value, least: 1, description } as const;
}

export function natural(value: number, description: string) {
  return { type: 'integer', default: value, least: 0, description } as const;
}

export function rate(value: number, description: string) {
  return { type: 'number', default: value, least: 0, description } as const;
}

/** At most 1. */
export function share(value: number, description: string) {
  return { type: 'number', default: value, least: 0, most: 1, description } as const;
}

export function flag(value: boolean, description: string) {
  return { type: 'boolean', default: value, description } as const;
}
