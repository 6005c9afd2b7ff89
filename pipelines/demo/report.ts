// Draws the demo's report.html: one self-contained page without script, from sources to samples.

import { drawBars, drawLines, palette } from './report-charts.ts';
import type { Cluster, FunnelRow, ReportData, SourceRow } from './report-data.ts';

/** The whole page as HTML text. */
export function drawReport(data: ReportData): string {
  const sections = [
    section('From sources to tokens', funnelIntro(data), funnelChart(data.funnel), funnelTable(data.funnel)),
    section('Where the documents come from', '', sourceTable(data.sources)),
    section('What was left out, and why', dropIntro(data), dropChart(data)),
    section('Duplicates', duplicateIntro(data.clusters), data.clusters.map(clusterBlock).join('')),
    section('Languages', '', languageChart(data)),
    section('Training', modelLine(data), lossChart(data)),
    section('Does it predict?', compressionIntro(data), compressionChart(data)),
    section('What it writes', '', data.samples.map(sampleBlock).join('')),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gristmill: the demo's corpus and model</title>
<style>${style}</style>
</head>
<body>
<header><h1>From books, pages and posts to a GPT</h1>
<p>Build <code>${escape(data.build)}</code> · ${count(sum(data.sources, (row) => row.acquired))} items acquired ·
${count(sum(data.sources, (row) => row.kept))} documents kept · ${count(sum(data.sources, (row) => row.tokens))} tokens ·
this run took ${data.seconds.toFixed(0)} seconds</p></header>
${sections.join('\n')}
</body>
</html>
`;
}

function section(title: string, intro: string, ...parts: string[]): string {
  return `<section><h2>${escape(title)}</h2>${intro === '' ? '' : `<p>${intro}</p>`}${parts.join('\n')}</section>`;
}

function funnelIntro({ funnel }: ReportData): string {
  const computed = sum(funnel, (row) => row.computed);
  const reused = sum(funnel, (row) => row.reused);
  return `Documents that leave each stage. In this build ${count(computed)} rows were computed and ${count(reused)} reused.`;
}

function funnelChart(funnel: readonly FunnelRow[]): string {
  return drawBars(
    funnel
      .filter(({ documentsIn }) => documentsIn > 0)
      .map(({ stage, documentsOut }) => ({ name: stage, value: documentsOut, color: palette[1] })),
  );
}

function funnelTable(funnel: readonly FunnelRow[]): string {
  return table(
    ['stage', 'documents in', 'documents out', 'text out', 'tokens out', 'rows computed', 'rows reused'],
    funnel.map((row) => [
      row.stage,
      count(row.documentsIn),
      count(row.documentsOut),
      row.bytesOut === undefined ? '' : megabytes(row.bytesOut),
      row.tokensOut === undefined ? '' : count(row.tokensOut),
      count(row.computed),
      count(row.reused),
    ]),
  );
}

function sourceTable(sources: readonly SourceRow[]): string {
  return table(
    ['source', 'kind', 'items', 'kept', 'share', 'tokens'],
    sources.map((row) => [
      row.name,
      row.kind,
      count(row.acquired),
      count(row.kept),
      `${((100 * row.kept) / Math.max(1, row.acquired)).toFixed(0)} %`,
      count(row.tokens),
    ]),
  );
}

function dropIntro({ drops }: ReportData): string {
  return `${count(sum(drops, (drop) => drop.documents))} documents keep their row with a verdict; none vanishes.`;
}

function dropChart({ drops }: ReportData): string {
  if (drops.length === 0) return '<p>Nothing was left out.</p>';
  return drawBars(
    drops.slice(0, 20).map(({ stage, reason, documents }) => ({
      name: `${stage}: ${reason}`,
      value: documents,
      color: palette[0],
    })),
  );
}

function duplicateIntro(clusters: readonly Cluster[]): string {
  return clusters.length === 0
    ? 'No duplicates were found.'
    : 'The largest clusters: the survivor first, then those that it is witness for, with the similarity measured on the text.';
}

function clusterBlock({ survivor, removed }: Cluster): string {
  const row = (
    kind: string,
    member: { name: string; source: string; excerpt: string },
    similarity: string,
  ): string =>
    `<tr class="${kind}"><td>${similarity}</td><td>${escape(member.name)}<br><small>${escape(member.source)}</small></td><td>${escape(member.excerpt)}</td></tr>`;
  return `<table class="cluster"><tbody>${row('survivor', survivor, 'kept')}${removed
    .map((member) => row('removed', member, member.similarity.toFixed(3)))
    .join('')}</tbody></table>`;
}

function languageChart({ languages }: ReportData): string {
  return drawBars(
    languages
      .slice(0, 15)
      .map(({ language, documents }) => ({ name: language, value: documents, color: palette[3] })),
    { logarithmic: true },
  );
}

function modelLine({ model }: ReportData): string {
  return model.map(({ name, value }) => `${escape(name)} <b>${escape(value)}</b>`).join(' · ');
}

function lossChart({ trainingLoss, validationLoss }: ReportData): string {
  return drawLines([
    { name: 'training', points: trainingLoss },
    { name: 'validation', points: validationLoss },
  ]);
}

function compressionIntro({ compression }: ReportData): string {
  const [model, ...others] = compression;
  const beaten = others
    .filter(({ bitsPerByte }) => bitsPerByte > model.bitsPerByte)
    .map(({ name }) => escape(name));
  return `Bits for each byte of unseen text (validation documents). ${
    beaten.length > 0 ? `The model needs fewer than ${beaten.join(' and ')}.` : ''
  }`;
}

function compressionChart({ compression }: ReportData): string {
  return drawBars(
    compression.map(({ name, bitsPerByte }) => ({ name, value: bitsPerByte, label: bitsPerByte.toFixed(3) })),
  );
}

function sampleBlock({ prompt, text }: { prompt: string; text: string }): string {
  return `<blockquote><b>${escape(prompt)}</b>${escape(text)}</blockquote>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('');
  return `<div class="wide"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells('td', row)}</tr>`)
    .join('')}</tbody></table></div>`;
}

function sum<T>(rows: readonly T[], value: (row: T) => number): number {
  return rows.reduce((total, row) => total + value(row), 0);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function escape(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] as string,
  );
}

const style = `
:root { --ink: #2b2a27; --muted: #76736a; --line: #e4e1d8; --paper: #fbfaf6; --accent: #b4541f; }
body { margin: 0 auto; max-width: 820px; padding: 2.5rem 1.25rem 5rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; margin: 3rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
p { margin: .3rem 0 1rem; } header p, small { color: var(--muted); }
svg { max-width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0 1.2rem; }
th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--muted); } th:first-child, td:first-child { text-align: left; }
td { white-space: nowrap; } .cluster td { white-space: normal; }
.cluster td { text-align: left; } .cluster td:first-child { width: 3.2rem; color: var(--muted); }
.cluster td:nth-child(2) { width: 34%; overflow-wrap: anywhere; } .survivor td:first-child { color: var(--accent); font-weight: 600; }
blockquote { margin: 0 0 1rem; padding: .8rem 1rem; background: #fff; border-left: 3px solid var(--accent); white-space: pre-wrap;
  overflow-wrap: anywhere; }
code { background: #efece3; padding: .1rem .3rem; border-radius: 3px; }
`;
