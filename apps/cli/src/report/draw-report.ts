// The report as one HTML file: no request leaves it, its charts, their data and the explanations are inside.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@gristmill/core';
import type { CorpusReport } from '@gristmill/corpus';
import { findPersonalData, maskPersonalData } from '@gristmill/detect';
import { spellExplanation } from '../commands/explain.ts';
import { corpusSections, corpusTiles } from './corpus-sections.ts';
import { bytes, count, percent } from './figures.ts';
import type { RunReport } from './gather-run.ts';
import { html, jsonForScript, type Html } from './html.ts';
import { runSections, runTiles } from './run-sections.ts';
import { collectCharts, table, type Drawing, type Section } from './section.ts';

export interface ReportInput {
  readonly corpus: CorpusReport;
  readonly run?: RunReport;
  /** How commands name the corpus. */
  readonly place: string;
}

/** Characters of explanations at most, of 3 MB for the page. */
const [mostOfAll, mostOfOne] = [1.4e6, 16_000];

export function drawReport({ corpus, run, place }: ReportInput): string {
  const explanations = spellExplanations(corpus);
  const { draw, charts } = collectCharts();
  const link = (id: string, label?: string): Html => {
    const name = label ?? explanations[id]?.place ?? corpus.explanations.get(id)?.place ?? id;
    if (!explanations[id]) return html`<span>${name}</span>`;
    return html`<button type="button" class="explain" data-explain="${id}">${name}</button>`;
  };
  const drawing: Drawing = { report: corpus, draw, link, place };
  const sections = [
    ...corpusSections(drawing),
    ...(run ? runSections(run, draw) : []),
    makingSection(corpus.manifest),
  ];
  const tiles = [...corpusTiles(drawing), ...(run ? runTiles(run) : [])];
  const name = String(corpus.manifest.recipe.name);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        />
        <title>${name}: report of a corpus${run ? ' and a model' : ''}</title>
        <style>
          ${{ html: readAsset('page.css') }}
        </style>
      </head>
      <body>
        <header>
          <h1>${name}</h1>
          <p class="lead">${leadSentence(corpus)}</p>
          <dl class="tiles">
            ${tiles.map(
              ([title, figure, more]) =>
                html`<div>
                  <dt>${title}</dt>
                  <dd><span class="figure">${figure}</span><small>${more}</small></dd>
                </div>`,
            )}
          </dl>
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            ({ id, title, body }) =>
              html`<section id="${id}">
                <h2>${title}</h2>
                ${body}
              </section>`,
          )}
        </main>
        <footer>
          Build <code>${corpus.manifest.build}</code>. Every document that is named opens its explanation:
          what became of it, and what each step measured. Charts carry their data as CSV. No request leaves
          this page.
        </footer>
        <dialog id="explanation" aria-labelledby="explanation-title">
          <div class="bar">
            <h2 id="explanation-title">Explanation</h2>
            <button type="button" data-close>Close</button>
          </div>
          <pre id="explanation-text" tabindex="0"></pre>
        </dialog>
        <script type="application/json" id="chart-data">
          ${jsonForScript(charts)}
        </script>
        <script type="application/json" id="explanation-data">
          ${jsonForScript(explanations)}
        </script>
        <script>
          ${{ html: readCharts() }};
        </script>
        <script>
          ${{ html: readAsset('page-client.js') }};
        </script>
      </body>
    </html> `;
  return page.html;
}

function leadSentence({ facts: { total, losses, sources } }: CorpusReport): string {
  const lost = total.documents - total.kept;
  const most =
    losses.length === 0 ? '' : `; the commonest loss: ${losses[0].summary.replace(/^[^:]*: /, '')}`;
  const poorest = [...sources].sort((a, b) => a.kept / a.documents - b.kept / b.documents)[0];
  const warning =
    poorest && 2 * poorest.kept < poorest.documents
      ? ` The source ${poorest.source} kept only ${percent(poorest.kept, poorest.documents)} of its documents.`
      : '';
  return (
    `Of ${count(total.documents)} documents (${bytes(total.bytes)}) ${count(total.kept)} are kept` +
    `${lost === 0 ? '' : most}.${warning}`
  );
}

/** Id → what `gristmill explain` says of it, as long as there is room; personal data masked. */
function spellExplanations({ explanations }: CorpusReport): Record<string, { place: string; text: string }> {
  const spelled: Record<string, { place: string; text: string }> = {};
  let size = 0;
  for (const [id, explanation] of explanations) {
    const whole = spellExplanation(explanation);
    const cut = whole.length > mostOfOne ? `${whole.slice(0, mostOfOne)}…\n` : whole;
    const text = maskPersonalData(cut, findPersonalData(cut), id);
    size += text.length;
    if (size > mostOfAll) break;
    spelled[id] = { place: explanation.place, text };
  }
  return spelled;
}

function makingSection({ recipe, pins, build }: CorpusReport['manifest']): Section {
  const steps = (recipe.steps ?? []) as unknown as { stage: string; export: string; options?: JsonObject }[];
  const spell = (options: JsonObject | undefined) => {
    const text = JSON.stringify(options ?? {});
    return text === '{}' ? '' : text.length > 600 ? `${text.slice(0, 600)}…` : text;
  };
  return {
    id: 'making',
    title: 'How it was made',
    body: html`<p>
        Build <code>${build}</code> is a function of its sources and this recipe: the same inputs give the
        same bytes.
      </p>
      ${table(
        ['step', { words: 'stage' }, { words: 'options' }],
        steps.map((step, i) => [
          String(i + 1),
          { words: `${step.stage}: ${step.export}` },
          { words: spell(step.options) === '' ? '' : html`<code>${spell(step.options)}</code>` },
        ]),
        'Steps of the recipe',
      )}
      ${
        Object.keys(pins).length > 0 &&
        html`<p>
          Pinned:
          ${Object.entries(pins).map(([name, sha256]) => html`${name} <code>${sha256.slice(0, 12)}</code> `)}
        </p>`
      }`,
  };
}

function readAsset(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** Apache ECharts as its package builds it for pages. */
function readCharts(): string {
  return readFileSync(fileURLToPath(import.meta.resolve('echarts/dist/echarts.common.min.js')), 'utf8');
}
