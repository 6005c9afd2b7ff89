// What the sections of a report are made of: charts that are drawn later, links to explanations, tables, texts that scroll.

import type { CorpusReport } from '@gristmill/corpus';
import { figure, type Chart } from './charts.ts';
import { html, type Html } from './html.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** Draws a chart and remembers it for the page's script. */
export type Draw = (id: string, description: string, chart: Chart) => Html;

export interface Drawing {
  readonly report: CorpusReport;
  readonly draw: Draw;
  /** A button that opens the explanation of a document, its name where there is none. */
  readonly link: (id: string, label?: string) => Html;
  /** How commands name the corpus. */
  readonly place: string;
}

export function collectCharts(): { readonly draw: Draw; readonly charts: Record<string, Chart> } {
  const charts: Record<string, Chart> = {};
  return {
    charts,
    draw(id, description, chart) {
      charts[id] = chart;
      return figure(id, description, chart);
    },
  };
}

export type Cell = string | { readonly words: string | Html };

/** @param label names the table for those who cannot see where it stands */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[], label: string): Html {
  const words = (cell: Cell) => typeof cell === 'object';
  const content = (cell: Cell) => (typeof cell === 'object' ? cell.words : cell);
  const headings = head.map(
    (cell) => html`<th scope="col" ${words(cell) ? { html: ' class="words"' } : ''}>${content(cell)}</th>`,
  );
  const body = rows.map(
    ([first, ...cells]) =>
      html`<tr>
        <th scope="row">${content(first)}</th>
        ${cells.map((cell) =>
          words(cell) ? html`<td class="words">${content(cell)}</td>` : html`<td>${content(cell)}</td>`,
        )}
      </tr>`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** What scrolls must be reachable by keyboard, and have a name. */
export function scrolling(kind: string, label: string, content: Html): Html {
  return html`<div class="${kind}" tabindex="0" role="region" aria-label="${label}">${content}</div>`;
}
