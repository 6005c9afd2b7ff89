import { describe, expect, test } from 'vitest';
import { checkOptions, nearestName, resolveOptions, spellType, type OptionSchema } from '@gristmill/core';

const schema = {
  size: { type: 'integer', default: 4, least: 1, most: 9, description: 'How much.' },
  format: { type: 'string', values: ['text', 'markdown'], description: 'How it is written.' },
  textField: { type: 'strings', required: true, description: 'Where the text is.' },
  limit: { type: 'number', nullable: true, default: 0.5, description: 'At most.' },
  inner: {
    type: 'object',
    description: 'More.',
    members: { seed: { type: 'integer', default: 1, description: 'Of the draw.' } },
  },
} as const satisfies OptionSchema;
const owner = { name: 'a stage' };
const errorOf = (options: Parameters<typeof checkOptions>[1], code?: string) => {
  try {
    checkOptions(schema, options, { ...owner, code });
  } catch (error) {
    return error as Error & { code: string; hint: string };
  }
  throw new Error('nothing was refused');
};

describe('options', () => {
  test('are filled in with defaults, null kept where it means something', () => {
    const { size, limit, format } = resolveOptions(schema, { textField: 'a', limit: null }, owner);
    expect([size, limit, format]).toEqual([4, null, undefined]);
  });

  test('that do not exist are named with the one that was meant', () => {
    const error = errorOf({ textFeild: 'a' });
    expect(error.message).toBe('a stage has no option textFeild');
    expect(error.hint).toMatch(/^did you mean textField\? its options: size, format/);
    expect(error.code).toBe('unknown-option');
    expect(errorOf({ zzzzzzzz: 1 }).hint).toMatch(/^its options: /);
    expect(errorOf({ textField: 'a', inner: { sed: 3 } })).toMatchObject({
      message: 'inner of a stage has no option sed',
      hint: 'did you mean seed? its options: seed',
    });
  });

  test.each([
    [{ size: 10 }, 'it is an integer from 1 to 9'],
    [{ size: 1.5 }, 'it is an integer from 1 to 9'],
    [{ textField: [1] }, 'it is a string or a list of strings'],
    [{ format: 'markdwon' }, 'did you mean markdown? it is text or markdown'],
    [{ inner: [] }, 'it is an object with seed'],
    [{ size: null }, 'it is an integer from 1 to 9'],
  ])('with the value of %j are refused', (options, hint) => {
    expect(errorOf({ textField: 'a', ...options }, 'own-code')).toMatchObject({ hint, code: 'own-code' });
  });

  test('that are required are asked for', () => {
    expect(errorOf({}).message).toBe('a stage needs the option textField');
  });

  test('are spelled with their range', () => {
    expect(spellType({ type: 'number', least: 0, nullable: true, description: '' })).toBe(
      'a number of at least 0, or null',
    );
  });
});

test('a name that was meant is near, whatever its case and marks; a far one is no guess', () => {
  expect(nearestName('minwords', ['maxWords', 'minWords'])).toBe('minWords');
  expect(nearestName('dup_5_gram', ['dup5Gram', 'dup6Gram'])).toBe('dup5Gram');
  expect(nearestName('tetx', ['text', 'title'])).toBe('text');
  expect(nearestName('quality', ['text', 'seed'])).toBeUndefined();
  expect(nearestName('a', ['of', 'x'])).toBeUndefined();
});
