// The sections about the corpus: first what a person asks, what went in, what came out, what was lost to what.

import type { CorpusReport } from '@gristmill/corpus';
import type { Chart } from './charts.ts';
import { bytes, count, large, percent, short } from './figures.ts';
import { html, type Html } from './html.ts';
import { languageSection } from './language-section.ts';
import { scrolling, table, type Drawing, type Section } from './section.ts';
import { describeRaw, differingExcerpts, keptExcerpt, rawExcerpt } from './texts.ts';

export function corpusSections(drawing: Drawing): Section[] {
  return [
    sourceSection(drawing),
    lossSection(drawing),
    textSection(drawing),
    duplicateSection(drawing),
    languageSection(drawing),
    lengthSection(drawing),
  ].filter((section) => section !== undefined);
}

function sourceSection({ report: { facts, steps }, draw }: Drawing): Section {
  const { sources } = facts;
  const chart: Chart = {
    kind: 'bars',
    names: sources.map(({ source }) => source),
    series: [
      { name: 'kept', values: sources.map(({ keptBytes }) => keptBytes / 1e6) },
      { name: 'left out', values: sources.map((sums) => (sums.bytes - sums.keptBytes) / 1e6) },
    ],
  };
  return {
    id: 'sources',
    title: 'What went in, and what came out',
    body: html`${table(
        [
          'source',
          'kind',
          'items',
          'size',
          'kept',
          'of the items',
          'of the bytes',
          'tokens',
          { words: 'licence' },
        ],
        sources.map((row) => [
          row.source,
          row.kind,
          count(row.documents),
          bytes(row.bytes),
          count(row.kept),
          percent(row.kept, row.documents),
          percent(row.keptBytes, row.bytes),
          count(row.tokens),
          { words: spellLicences(row.licences) },
        ]),
        'Sources',
      )}
      ${draw('sources-chart', 'Megabytes of each source: kept, and left out.', chart)}
      <h3>Step by step</h3>
      ${table(
        ['step', 'documents in', 'out', 'lost', 'text out', 'tokens out'],
        steps.map(({ step, documentsIn, documentsOut, bytesOut, tokensOut }) => [
          step,
          count(documentsIn),
          count(documentsOut),
          documentsIn > documentsOut ? count(documentsIn - documentsOut) : '–',
          bytesOut ? bytes(bytesOut) : '',
          tokensOut === undefined ? '' : count(tokensOut),
        ]),
        'Steps',
      )}`,
  };
}

function spellLicences(licences: readonly string[]): string {
  const text = licences.slice(0, 3).join('; ');
  return text.length > 60 || licences.length > 3 ? `${text.slice(0, 60)}…` : text;
}

const shownLosses = 5;

function lossSection(drawing: Drawing): Section {
  const { losses, total } = drawing.report.facts;
  const lost = total.documents - total.kept;
  if (lost === 0)
    return { id: 'losses', title: 'What was left out, and why', body: html`<p>Nothing was left out.</p>` };
  const chart: Chart = {
    kind: 'bars',
    names: losses.slice(0, 20).map(({ summary }) => summary.replace(/^[^:]*: /, '')),
    series: [{ name: 'documents', values: losses.slice(0, 20).map(({ documents }) => documents) }],
  };
  return {
    id: 'losses',
    title: 'What was left out, and why',
    body: html`<p>
        ${count(lost)} of ${count(total.documents)} documents (${percent(lost, total.documents)}),
        ${percent(total.bytes - total.keptBytes, total.bytes)} of the bytes. Each keeps its row with its
        verdict: none vanishes. <code>gristmill dropped ${drawing.place}</code> lists them all.
      </p>
      <ol class="losses">
        ${losses.slice(0, shownLosses).map((loss) => lossCard(loss, drawing))}
      </ol>
      ${losses.length > 1 ? drawing.draw('losses-chart', 'Documents that were left out, by rule or reason.', chart) : ''}`,
  };
}

function lossCard(loss: CorpusReport['facts']['losses'][number], { link, place, report }: Drawing): Html {
  const {
    documents,
    bytes: lostBytes,
    summary,
    values,
    threshold,
    option,
    op,
    sources,
    examples,
    reason,
  } = loss;
  const [stage, ...words] = summary.split(': ');
  const shares = sources.map(([name, amount]) => {
    const of = report.facts.sources.find(({ source }) => source === name)?.documents ?? 0;
    return `${count(amount)} of ${count(of)} in ${name}`;
  });
  const range = values?.map(short);
  return html`<li>
    <div class="head">
      <h3>${words.join(': ')}</h3>
      <span class="amount">${count(documents)} documents, ${bytes(lostBytes)}</span>
    </div>
    <dl class="facts">
      <dt>dropped by</dt>
      <dd>
        ${stage} <span class="muted">(reason <code>${reason}</code>)</span>
      </dd>
      ${
        range &&
        html`<dt>value</dt>
          <dd>${range[0]} to ${range[2]}, median ${range[1]}</dd>`
      }
      ${
        threshold !== undefined &&
        html`<dt>threshold</dt>
          <dd>
            ${op ?? 'at least'} ${typeof threshold === 'number' ? short(threshold) : String(threshold)}
          </dd>`
      }
      ${
        option !== undefined &&
        html`<dt>option</dt>
          <dd>
            <code>${option}</code>; try
            <code>gristmill what-if ${place} --set ${option}=${suggestion(loss)}</code>
          </dd>`
      }
      <dt>where</dt>
      <dd>${shares.slice(0, 4).join(', ')}${shares.length > 4 ? ' …' : ''}</dd>
    </dl>
    ${examples.map((id) => link(id))}
  </li>`;
}

/** A threshold that half of the lost documents would pass. */
function suggestion({ values, threshold }: CorpusReport['facts']['losses'][number]): string {
  return values === undefined ? String(threshold) : String(Number(values[1].toPrecision(3)));
}

function textSection({ report: { samples }, link }: Drawing): Section | undefined {
  if (samples.length === 0) return undefined;
  return {
    id: 'texts',
    title: 'Text, before and after',
    body: html`<p>
        Two documents of each source: as they came, and as they are kept. <del>Removed passages</del> are kept
        elsewhere; personal data is <mark>masked</mark>.
      </p>
      ${samples.map((sample) => {
        const raw = rawExcerpt(sample);
        return html`<div class="card">
          ${link(sample.id)}
          <div class="pair">
            <div>
              <h3>As it came <span class="muted">(${describeRaw(sample)})</span></h3>
              ${
                raw === undefined
                  ? html`<p class="muted">No text that could be shown as it came.</p>`
                  : scrolling('text raw', `As it came: ${sample.place}`, html`${raw}`)
              }
            </div>
            <div>
              <h3>As it is kept <span class="muted">(${count(sample.text.length)} characters)</span></h3>
              ${scrolling('text', `As it is kept: ${sample.place}`, keptExcerpt(sample))}
            </div>
          </div>
        </div>`;
      })}`,
  };
}

const duplicateReasons = ['exact-duplicate', 'near-duplicate', 'contained', 'repeated'];

function duplicateSection({ report: { facts, duplicates }, link }: Drawing): Section | undefined {
  const found = facts.losses.filter(({ reason }) => duplicateReasons.includes(reason ?? ''));
  if (found.length === 0) return undefined;
  const amounts = found.map(
    ({ summary, documents }) => `${count(documents)} ${summary.replace(/^[^:]*: /, '')}`,
  );
  return {
    id: 'duplicates',
    title: 'Duplicates worth a look',
    body: html`<p>${amounts.join('; ')}.</p>
      ${
        duplicates.length === 0
          ? html`<p class="muted">None of them is nearly equal or long: nothing to judge by eye.</p>`
          : html`<p>
              Nearly equal ones first, at the place where they first differ; words that only one of the two
              has are
              <mark>marked</mark>.
            </p>`
      }
      ${duplicates.map(({ removed, survivor, similarity, reason }) => {
        const [left, right] = differingExcerpts(survivor, removed);
        const alike = reason === 'exact-duplicate' ? 'the same words' : `${short(similarity)} alike`;
        return html`<div class="card">
          <h3>${reason}, ${alike}</h3>
          <div class="pair">
            <div>
              <p class="side">kept<br />${link(survivor.id)}</p>
              ${scrolling('text', `Kept: ${survivor.place}`, left)}
            </div>
            <div>
              <p class="side">left out<br />${link(removed.id)}</p>
              ${scrolling('text', `Left out: ${removed.place}`, right)}
            </div>
          </div>
        </div>`;
      })}`,
  };
}

function lengthSection({ report: { facts }, draw }: Drawing): Section | undefined {
  const { lengths, total, splits } = facts;
  if (lengths.length === 0) return undefined;
  const unit = total.tokens > 0 ? 'tokens' : 'bytes';
  const chart: Chart = {
    kind: 'bars',
    upright: true,
    names: lengths.map(({ from }) => `${compact(from)}–${compact(2 * from)}`),
    series: [{ name: 'documents', values: lengths.map(({ documents }) => documents) }],
  };
  return {
    id: 'lengths',
    title: 'How long the documents are, and how they are split',
    body: html`${draw('lengths-chart', `Kept documents by length in ${unit}.`, chart)}
    ${table(
      ['split', 'documents', 'tokens', 'of the tokens'],
      splits.map(([split, sums]) => [
        split,
        count(sums.documents),
        count(sums.tokens),
        percent(sums.tokens, total.tokens),
      ]),
      'Splits',
    )}`,
  };
}

const compact = (value: number) =>
  value >= 1 << 20 ? `${value / 2 ** 20}M` : value >= 1024 ? `${value / 1024}k` : String(value);

/** The figures at the top of the page. */
export function corpusTiles({
  report: { facts },
}: Drawing): (readonly [name: string, figure: string, more: string])[] {
  const { total, losses, sources } = facts;
  const lost = total.documents - total.kept;
  return [
    ['went in', large(total.documents), `documents, ${bytes(total.bytes)}, ${count(sources.length)} sources`],
    ['came out', large(total.kept), `documents, ${percent(total.kept, total.documents)}`],
    ...(total.tokens > 0 ? [['tokens', large(total.tokens), `from ${bytes(total.keptBytes)}`] as const] : []),
    [
      'left out',
      large(lost),
      lost === 0 ? 'nothing' : `above all by ${losses[0].summary.replace(/^([^:]*): (?:\w+, )?/, '$1: ')}`,
    ],
  ];
}
