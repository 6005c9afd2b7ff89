// Formulas, captions, terms and quotes of a page come through, as text and as Markdown.
import { expect, test } from 'vitest';
import { extractDocument, type ExtractOptions } from '@gristmill/extract';

const prose =
  '<p>The council measured the iron gate before the snow came and paid for it in March. It was a long winter for all.</p>';

async function textOf(inner: string, options: ExtractOptions = {}): Promise<string> {
  const html = `<html><body><article><h1>Pears</h1>${prose}${inner}${prose}</article></body></html>`;
  const result = await extractDocument({ bytes: new TextEncoder().encode(html) }, options);
  return 'text' in result ? result.text : '';
}

const katex = String.raw`<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>e</mi></mrow><annotation encoding="application/x-tex">e^{i\pi}</annotation></semantics></math></span><span class="katex-html" aria-hidden="true"><span>e</span><span>iπ</span></span></span>`;
const wiki = String.raw`<span class="mwe-math-element"><span class="mwe-math-mathml-inline mwe-math-mathml-a11y" style="display: none;"><math><semantics><mrow><mi>z</mi></mrow><annotation encoding="application/x-tex">{\displaystyle z_{1}}</annotation></semantics></math></span><img class="mwe-math-fallback-image-inline" alt="{\displaystyle z_{1}}"></span>`;

test.each([
  [
    'MathML',
    '<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mfrac><mn>1</mn><mi>y</mi></mfrac></math>',
    'x^2 = 1/y',
  ],
  [
    'a root in MathML',
    '<math><msqrt><mi>a</mi><mo>+</mo><msub><mi>b</mi><mn>10</mn></msub></msqrt></math>',
    '√(a + b_(10))',
  ],
  ['KaTeX', katex, String.raw`$e^{i\pi}$`],
  ['MediaWiki', wiki, '$z_{1}$'],
  [
    'MathJax 2',
    String.raw`<span class="MathJax_Preview">f</span><script type="math/tex">\int f</script>`,
    String.raw`$\int f$`,
  ],
  ['a described picture', String.raw`<img class="latex" src="f.png" alt="\sum_i i">`, String.raw`$\sum_i i$`],
])('%s stands once, where it stood, in text and Markdown', async (_, formula, written) => {
  for (const format of ['text', 'markdown'] as const) {
    const text = await textOf(`<p>Here the formula ${formula} ends the matter for all of us.</p>`, {
      format,
    });
    expect(text).toContain(`Here the formula ${written} ends the matter for all of us.`);
  }
});

test('what is hidden inside a paragraph is hidden in Markdown too', async () => {
  const text = await textOf(
    '<p>Seen words <span style="display:none">unseen words</span> and more seen words.</p>',
    {
      format: 'markdown',
    },
  );
  expect(text).toContain('Seen words and more seen words.');
  expect(text).not.toContain('unseen');
});

test('captions, terms with their definitions and quotes stay', async () => {
  const text = await textOf(
    '<figure><img src="a"><figcaption>The lower bridge in March.</figcaption></figure><dl><dt>Gate</dt><dd>What closes a way, as the council says.</dd></dl><blockquote><p>It was late, she said, and went home on foot.</p></blockquote>',
    { format: 'markdown' },
  );
  expect(text).toContain('The lower bridge in March.');
  expect(text).toContain('Gate\nWhat closes a way');
  expect(text).toContain('> It was late');
});
