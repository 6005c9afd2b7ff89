// A chart of the page: what page-client.js draws with Apache ECharts, a description for those who do not see it, and its
// data as CSV in a link beside it, so that nothing has to be fetched.

import { html, type Html } from './html.ts';

export interface Bars {
  readonly kind: 'bars';
  readonly names: readonly string[];
  /** Stacked on each other. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly logarithmic?: boolean;
  /** Columns that stand, for what has an order of its own. */
  readonly upright?: boolean;
}

export interface Lines {
  readonly kind: 'lines';
  readonly across: string;
  readonly up: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

export type Chart = Bars | Lines;

/** @param description one sentence that says what the chart shows */
export function figure(id: string, description: string, chart: Chart): Html {
  const height = chart.kind === 'lines' || chart.upright ? 320 : 50 + 30 * chart.names.length;
  return html`<figure>
    <div class="chart" id="${id}" role="img" aria-label="${description}" style="height:${height}px"></div>
    <figcaption>
      <span>${description}</span> <a download="${id}.csv" href="${csvLink(chart)}">CSV</a>
    </figcaption>
  </figure>`;
}

const csvLink = (chart: Chart): string => `data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(chart))}`;

/** Bars: a row a bar; lines: a row a point. */
export function csvOf(chart: Chart): string {
  const rows: (string | number)[][] =
    chart.kind === 'bars'
      ? [
          ['name', ...chart.series.map(({ name }) => name)],
          ...chart.names.map((name, i) => [name, ...chart.series.map(({ values }) => values[i])]),
        ]
      : [
          ['series', chart.across, chart.up],
          ...chart.series.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y])),
        ];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** RFC 4180. */
function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
