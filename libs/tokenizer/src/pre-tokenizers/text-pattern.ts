// What a Split or a Replace looks for: a string, or a regular expression in Oniguruma's spelling.

import type { Component } from '../json-component.ts';
import { compilePattern } from '../oniguruma/translate-pattern.ts';
import { damaged } from '../refusal.ts';

/** A global expression. A pattern may be a plain string in older files. */
export function readTextPattern(component: Component): RegExp {
  const { pattern } = component;
  if (typeof pattern === 'string') return literal(pattern);
  const { String: text, Regex: regex } = (pattern ?? {}) as { String?: unknown; Regex?: unknown };
  if (typeof text === 'string' && text !== '') return literal(text);
  if (typeof regex === 'string') return compilePattern(regex);
  throw damaged(`${component.type} needs a pattern`);
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu');
}
