import { describe, expect, it } from 'vitest';
import * as annotate from '@gristmill/annotate';
import { computeHeuristics, heuristicSignalNames } from '@gristmill/annotate';
import type { RowStage } from '@gristmill/core';
import { decide, parsePolicy, policies, withThresholds, type Policy } from '@gristmill/detect';

describe('policies', () => {
  it('name only signals that annotate writes, and each threshold once', () => {
    const stages = Object.values(annotate).filter((value): value is RowStage =>
      Object.hasOwn(value, 'columns'),
    );
    const columns = stages.flatMap((stage) => stage.columns.map(({ name }) => name));
    const known = new Set([...heuristicSignalNames, ...columns]);
    for (const policy of Object.values(policies) as Policy[]) {
      const names = policy.rules.map((rule) => rule.name);
      expect(new Set(names).size, policy.name).toBe(names.length);
      for (const rule of policy.rules) expect(known, `${policy.name}.${rule.name}`).toContain(rule.signal);
    }
  });

  it('give the reason of the first rule that drops', () => {
    expect(decide(policies.gopher, { characters: 10, nonSymbolWords: 12, stopWords: 0 })).toBe(
      'gopher_short_doc',
    );
    expect(decide(policies.gopher, { characters: 0 })).toBe('empty');
  });

  it('keep at the threshold itself', () => {
    expect(decide(policies.gopher, { nonSymbolWords: 50 })).toBeUndefined();
    expect(decide(policies.gopher, { top2GramCharFraction: 0.2 })).toBeUndefined();
    expect(decide(policies.gopher, { top2GramCharFraction: 0.2001 })).toBe('top_2_gram');
  });

  it('treat an unknown language as no language', () => {
    expect(decide(policies.fineweb, { language: null, languageScore: 0 })).toBe('language');
    expect(decide(policies.fineweb, { language: 'en', languageScore: 0.5 })).toBe('language_score');
  });

  it('take other thresholds by name and refuse unknown ones', () => {
    const mild = withThresholds(policies.gopher, { maxBulletFraction: 0.8 });
    expect(decide(mild, { bulletLineFraction: 0.85 })).toBe('gopher_too_many_bullets');
    expect(decide(policies.gopher, { bulletLineFraction: 0.85 })).toBeUndefined();
    expect(() => withThresholds(policies.gopher, { maxBullets: 1 })).toThrow(/no threshold maxBullets/);
  });

  it('survive JSON, and a damaged one is refused with its fault', () => {
    const parsed = parsePolicy(JSON.parse(JSON.stringify(policies.dclm)));
    expect(parsed.rules).toEqual(policies.dclm.rules);
    for (const bad of [
      null,
      [],
      { name: 'x' },
      { name: 'x', rules: [{}] },
      { name: 'x', rules: [{ name: 'a', signal: 's', op: '~', value: 1, reason: 'r' }] },
    ]) {
      expect(() => parsePolicy(bad)).toThrow(/no policy/);
    }
  });
});

describe('computeHeuristics', () => {
  it('gives finite numbers for any text', () => {
    for (const text of ['', '\n', ' ', 'a', '...', '😀', '\ud800', 'a\u2028b\r\rc', '漢字']) {
      for (const [name, value] of Object.entries(computeHeuristics(text))) {
        expect(Number.isFinite(value), `${name} of ${JSON.stringify(text)}`).toBe(true);
      }
    }
  });
});
