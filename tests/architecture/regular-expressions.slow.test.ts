// Regular expression literals against a million characters of their worst inputs. Libraries enter `checked` when theirs
// pass; others bound the input instead, by a limit on what they hand to an expression.
import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { regexLiterals, worstInput } from './regex-literals.ts';

const checked = ['annotate', 'clean', 'core', 'text'];
const root = new URL('../../', import.meta.url).pathname;

describe('every regular expression takes time in proportion to its input', () => {
  it.each(checked.flatMap((name) => globSync(`libs/${name}/src/**/*.ts`, { cwd: root })).sort())(
    '%s',
    (file) => {
      const slow = regexLiterals(`${root}${file}`)
        .map(({ line, regex }) => ({ line, input: worstInput(regex) }))
        .filter(({ input }) => input !== undefined);
      expect(slow).toEqual([]);
    },
  );

  it('and the attack finds one that does not', () => {
    expect(worstInput(/(?:a+)+$/)).toBeDefined();
    expect(worstInput(/\s+$/)).toBeDefined();
  });
});
