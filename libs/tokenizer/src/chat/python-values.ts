// How Python writes the values of a template as text: str() of what is printed, repr() inside lists and dictionaries.

import type { RuntimeValue } from './jinja-library.ts';

/** Python's str(). */
export function pythonText(value: RuntimeValue): string {
  switch (value.type) {
    case 'StringValue':
      return value.value as string;
    case 'UndefinedValue':
      return '';
    default:
      return pythonLiteral(value);
  }
}

/** Python's repr(). */
function pythonLiteral(value: RuntimeValue): string {
  switch (value.type) {
    case 'NullValue':
      return 'None';
    case 'UndefinedValue':
      return 'Undefined';
    case 'BooleanValue':
      return value.value === true ? 'True' : 'False';
    case 'StringValue':
      return quote(value.value as string);
    case 'ArrayValue':
      return `[${literals(value.value as RuntimeValue[])}]`;
    case 'TupleValue':
      return tuple(value.value as RuntimeValue[]);
    case 'ObjectValue':
      return dictionary(value.value as Map<string, RuntimeValue>);
    default:
      return value.toString();
  }
}

const literals = (items: readonly RuntimeValue[]): string => items.map(pythonLiteral).join(', ');
const tuple = (items: readonly RuntimeValue[]): string =>
  `(${literals(items)}${items.length === 1 ? ',' : ''})`;
const dictionary = (entries: Map<string, RuntimeValue>): string =>
  `{${[...entries].map(([key, item]) => `${quote(key)}: ${pythonLiteral(item)}`).join(', ')}}`;

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
// What Python holds to be printable, but for the space.
const unprintable = /(?! )[\\\p{C}\p{Z}]/gu;

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(unprintable, (character) => escapes[character] ?? escapeCode(character));
  return mark + escaped.replaceAll(mark, `\\${mark}`) + mark;
}

function escapeCode(character: string): string {
  const point = character.codePointAt(0)!;
  const hex = point.toString(16);
  if (point < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return point < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/**
 * What ~, + and % give where the library differs from Python; undefined where it does not.
 *
 * @throws Error for a string + something else
 */
export function joinStrings(
  operator: string,
  left: RuntimeValue,
  right: RuntimeValue,
): string | number | undefined {
  if (operator === '~') return pythonText(left) + pythonText(right);
  if (operator === '+' && (left.type === 'StringValue') !== (right.type === 'StringValue')) {
    throw new Error(`cannot add ${right.type} to ${left.type}`);
  }
  const isWhole = left.type === 'IntegerValue' && right.type === 'IntegerValue';
  if (operator !== '%' || !isWhole) return undefined;
  const [dividend, divisor] = [left.value as number, right.value as number];
  return dividend - divisor * Math.floor(dividend / divisor);
}

/** Takes any of the characters off the ends that `name`, strip, lstrip or rstrip, says. */
export function stripCharacters(text: string, characters: string, name: string): string {
  const points = [...text];
  let [start, end] = [0, points.length];
  if (name !== 'rstrip') while (start < end && characters.includes(points[start]!)) start++;
  if (name !== 'lstrip') while (end > start && characters.includes(points[end - 1]!)) end--;
  return points.slice(start, end).join('');
}
