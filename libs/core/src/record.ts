// Objects whose member names come from data: hosts, files, fields. A plain object answers to `constructor` and
// `__proto__` although nobody put them there, and writing to the latter reaches every object of the process.

/** An object without a prototype, with the members of `from`. */
export function createRecord<T>(from?: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, from);
}

/** The member that the object itself has. */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
