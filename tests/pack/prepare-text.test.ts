import { describe, expect, test } from 'vitest';
import { prepareText } from '@gristmill/pack';
import { findPersonalData } from '@gristmill/detect';

const id = 'a'.repeat(32);

describe('the text that becomes tokens', () => {
  test('lacks the passages that select removed, whatever their order and overlap', () => {
    const text = '0123456789';
    expect(
      prepareText(
        text,
        [
          [8, 20],
          [1, 3],
          [2, 5],
        ],
        false,
        id,
      ),
    ).toMatchObject({ text: '0567', removed: 6 });
    expect(prepareText(text, [[0, 10]], false, id).text).toBe('');
    expect(prepareText(text, [], false, id).text).toBe(text);
  });

  test('has personal data masked by default, the same way for the same document and match', () => {
    const text = 'Write to jane.roe@acme-widgets.com or jane.roe@acme-widgets.com today.';
    const once = prepareText(text, [], undefined, id);
    expect(once.masked).toBe(2);
    expect(once.text).not.toContain('jane.roe');
    const [first, second] = once.text.match(/\S+@\S+/g)!;
    expect(first).toBe(second);
    expect(prepareText(`Before. ${text}`, [], undefined, id).text).toBe(`Before. ${once.text}`);
    expect(prepareText(text, [], false, id).text).toBe(text);
  });

  test('uses the findings that annotate made, and forgets those that lie in a removed passage', () => {
    const text = 'one jane.roe@acme-widgets.com two';
    const findings = findPersonalData(text);
    expect(prepareText(text, [], findings, id).text).toBe(prepareText(text, [], undefined, id).text);
    expect(prepareText(text, [[3, 29]], findings, id)).toEqual({ text: 'one two', removed: 26, masked: 0 });
  });

  test('shows nothing of a match that a removal cuts in two', () => {
    const text = 'one jane.roe@acme-widgets.com two';
    const [finding] = findPersonalData(text);
    for (const cut of [
      [0, 10],
      [10, text.length],
      [8, 12],
    ] as const) {
      const { text: prepared } = prepareText(text, [cut], [finding], id);
      expect(prepared).not.toMatch(/jane|roe|acme|widgets/);
    }
  });
});
