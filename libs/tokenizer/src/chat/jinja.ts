// Jinja by @huggingface/jinja, made to write values as Python does: None, True, lists with single quotes; joining a string to
// something else is refused, not guessed. What the library lacks is refused by it; docs/tokenizers.md names the rest.

import {
  Environment,
  Interpreter,
  parse,
  tokenize,
  toRuntime,
  type Node,
  type RuntimeValue,
  type Scope,
} from './jinja-library.ts';
import { joinStrings, pythonText, stripCharacters } from './python-values.ts';

/** @throws Error what the template objects to */
export type JinjaTemplate = (variables: Readonly<Record<string, unknown>>) => string;

/** @throws Error where the source cannot be parsed */
export function compileJinja(source: string): JinjaTemplate {
  const program = parse(tokenize(spellOut(source), { lstrip_blocks: true, trim_blocks: true }));
  const written = writeOutputs(program);
  return (variables) => {
    const scope = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...variables })) scope.set(name, value);
    return new PythonInterpreter(scope).run(written).value as string;
  };
}

const globals = {
  ...{ true: true, false: false, none: null, True: true, False: false, None: null },
  raise_exception: (message: string) => {
    throw new Error(message);
  },
  range: (start: number, stop?: number, step = 1) => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
  },
};

/** Line ends, `{%+ … +%}` and raw blocks in what the library reads. */
function spellOut(source: string): string {
  return source
    .replace(/\r\n?/g, '\n')
    .replace(/(\{%-?)\s*raw\s*(-?%\})([^]*?)(\{%-?)\s*endraw\s*(-?%\})/g, (_, ...parts: string[]) => {
      const [open = '', start = '', text = '', end = '', close = ''] = parts;
      const from = start.startsWith('-') ? text.trimStart() : text.replace(/^\n/, '');
      const kept = end.endsWith('-') ? from.trimEnd() : from.replace(/(^|\n)[ \t]*$/, '$1');
      return `${open} if true %}{{ ${JSON.stringify(kept)} }}{% endif ${close}`;
    })
    .replaceAll('{%+', "{{ '' }}{%")
    .replaceAll('+%}', "%}{{ '' }}");
}

const blocks = ['body', 'alternate', 'defaultBlock'];
const silent = new Set(['StringLiteral', 'If', 'For', 'Break', 'Continue', 'Set', 'Macro', 'Comment']);
const statements = new Set([...silent, 'CallStatement', 'FilterStatement']);

/** The tree with a node `Output` around each expression that stands for itself in a block. */
function writeOutputs(node: Node): Node {
  const copy: Record<string, unknown> & Node = { ...node };
  for (const name of blocks) {
    const block = copy[name];
    if (!Array.isArray(block)) continue;
    copy[name] = (block as Node[]).map((child) =>
      statements.has(child.type) ? writeOutputs(child) : { type: 'Output', value: child },
    );
  }
  return copy;
}

/** A node `Value` holds what is already evaluated. */
class PythonInterpreter extends Interpreter {
  override evaluate(node: Node | undefined, scope: Scope): RuntimeValue {
    const value = (child: unknown): RuntimeValue => this.evaluate(child as Node, scope);
    const rest = (changed: object): RuntimeValue => super.evaluate(node && { ...node, ...changed }, scope);
    switch (node?.type) {
      case 'Value':
        return node.value as RuntimeValue;
      case 'Output':
        return toRuntime(pythonText(value(node.value)));
      case 'BinaryExpression':
        return joinOperands(node, value, rest);
      case 'FilterExpression':
        return filterValue(value(node.operand), nameOf(node.filter as Node), rest);
      case 'CallExpression':
        return callStrip(node, value, rest);
      case 'For':
        return rest({ iterable: iterableOf(node.iterable as Node, value) });
      default:
        return super.evaluate(node, scope);
    }
  }
}

type Evaluate = (child: unknown) => RuntimeValue;
type Rest = (changed: object) => RuntimeValue;

function joinOperands(node: Node, value: Evaluate, rest: Rest): RuntimeValue {
  const operator = (node.operator as { value: string }).value;
  if (!['~', '+', '%'].includes(operator)) return rest({});
  const [left, right] = [value(node.left), value(node.right)];
  const joined = joinStrings(operator, left, right);
  return joined === undefined
    ? rest({ left: { type: 'Value', value: left }, right: { type: 'Value', value: right } })
    : toRuntime(joined);
}

/** What is undefined has no items. */
function iterableOf(iterable: Node, value: Evaluate): Node {
  const isFiltered = iterable.type === 'SelectExpression';
  const items = { type: 'Value', value: orNothing(value(isFiltered ? iterable.lhs : iterable)) };
  return isFiltered ? { ...iterable, lhs: items } : items;
}

const orNothing = (items: RuntimeValue): RuntimeValue =>
  items.type === 'UndefinedValue' ? toRuntime([]) : items;

const overItems = new Set([
  'map',
  'select',
  'selectattr',
  'reject',
  'rejectattr',
  'join',
  'list',
  'length',
  'sort',
]);

function filterValue(operand: RuntimeValue, name: string | undefined, rest: Rest): RuntimeValue {
  const words = operand.type === 'StringValue' ? (operand.value as string) : undefined;
  if (name === 'string') return toRuntime(pythonText(operand));
  if (name === 'length' && words !== undefined) return toRuntime([...words].length);
  if (name === 'capitalize' && words !== undefined) {
    return toRuntime(words.slice(0, 1).toUpperCase() + words.slice(1).toLowerCase());
  }
  const isText = words === undefined && name === 'trim';
  const filtered = overItems.has(name ?? '') ? orNothing(operand) : operand;
  return rest({ operand: { type: 'Value', value: isText ? toRuntime(pythonText(operand)) : filtered } });
}

/** A string's strip, lstrip and rstrip with the characters to take off. */
function callStrip(node: Node, value: Evaluate, rest: Rest): RuntimeValue {
  const callee = node.callee as Node;
  const args = node.args as readonly unknown[];
  const name = callee.type === 'MemberExpression' && !callee.computed ? nameOf(callee.property as Node) : '';
  if (args.length !== 1 || !['strip', 'lstrip', 'rstrip'].includes(name ?? '')) return rest({});
  const [owner, characters] = [value(callee.object), value(args[0])];
  if (owner.type !== 'StringValue' || characters.type !== 'StringValue') {
    return rest({
      callee: { ...callee, object: { type: 'Value', value: owner } },
      args: [{ type: 'Value', value: characters }],
    });
  }
  return toRuntime(stripCharacters(owner.value as string, characters.value as string, name!));
}

/** The name of a filter or method, called or not. */
function nameOf(node: Node): string | undefined {
  const named = node.type === 'CallExpression' ? (node.callee as Node) : node;
  return named.type === 'Identifier' ? (named.value as string) : undefined;
}
