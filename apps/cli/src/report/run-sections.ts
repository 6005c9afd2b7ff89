// The sections about a training run: loss, how well it predicts unseen text, what it writes.

import type { Chart } from './charts.ts';
import { count, large } from './figures.ts';
import type { RunReport } from './gather-run.ts';
import { html } from './html.ts';
import { table, type Draw, type Section } from './section.ts';

export function runSections(run: RunReport, draw: Draw): Section[] {
  return [lossSection(run, draw), predictionSection(run, draw), sampleSection(run)].filter(
    (section) => section !== undefined,
  );
}

function lossSection({ training, validation, model, settings, findings }: RunReport, draw: Draw): Section {
  const chart: Chart = {
    kind: 'lines',
    across: 'step',
    up: 'nats per token',
    series: [
      { name: 'training', points: training },
      ...(validation.length > 0 ? [{ name: 'validation', points: validation }] : []),
    ],
  };
  const facts: [string, unknown][] = [
    ['layers', model.n_layer ?? model.num_hidden_layers ?? model.num_layers],
    ['width', model.n_embd ?? model.hidden_size ?? model.d_model],
    ['heads', model.n_head ?? model.num_attention_heads ?? model.num_heads],
    ['context', settings.sequenceLength],
    ['vocabulary', model.vocab_size],
    ['steps', settings.steps],
    ['learning rate', settings.learningRate],
  ];
  const known = facts.filter(([, value]) => typeof value === 'number');
  return {
    id: 'training',
    title: 'Training',
    body: html`${
      training.length === 0
        ? html`<p>The run has taken no step yet.</p>`
        : draw('loss-chart', 'Loss in nats per token by step of training.', chart)
    }
    ${findings.map((finding) => html`<p><strong>${finding}</strong></p>`)}
    ${table(
      known.map(([name]) => name),
      [known.map(([, value]) => (value as number).toLocaleString('en-US', { maximumSignificantDigits: 6 }))],
      'The model and its training',
    )}`,
  };
}

function predictionSection({ evaluation }: RunReport, draw: Draw): Section | undefined {
  const { bitsPerByte, compressors = [] } = evaluation;
  if (bitsPerByte === undefined) return undefined;
  const beaten = compressors.filter((other) => other.bitsPerByte > bitsPerByte).map(({ name }) => name);
  const rows = [{ name: 'this model', bitsPerByte }, ...compressors];
  const chart: Chart = {
    kind: 'bars',
    names: rows.map(({ name }) => name),
    series: [{ name: 'bits per byte', values: rows.map((row) => Number(row.bitsPerByte.toPrecision(4))) }],
  };
  return {
    id: 'prediction',
    title: 'Does it predict?',
    body: html`<p>
        Bits for each byte of held-out text: fewer are better.
        ${beaten.length > 0 ? `The model needs fewer than ${beaten.join(' and ')}.` : ''}
      </p>
      ${draw('prediction-chart', 'Bits per byte of held-out text.', chart)}`,
  };
}

function sampleSection({ samples }: RunReport): Section | undefined {
  if (samples.length === 0) return undefined;
  return {
    id: 'samples',
    title: 'What it writes',
    body: html`${samples.map(
      ({ prompt, text, truth }) =>
        html`<div class="card">
          <blockquote><b>${prompt}</b>${text}</blockquote>
          ${
            truth === undefined
              ? ''
              : html`<p><small>The document itself goes on:</small></p>
                  <blockquote class="muted">${truth}…</blockquote>`
          }
        </div>`,
    )}`,
  };
}

export function runTiles({ training, validation, tokens, evaluation }: RunReport) {
  const last = validation.at(-1) ?? training.at(-1);
  const tiles: (readonly [name: string, figure: string, more: string])[] = [];
  if (last)
    tiles.push([
      validation.length > 0 ? 'validation loss' : 'training loss',
      last[1].toFixed(3),
      `nats per token after ${count(last[0])} steps${tokens === undefined ? '' : `, ${large(tokens)} tokens`}`,
    ]);
  if (evaluation.bitsPerByte !== undefined)
    tiles.push(['bits per byte', evaluation.bitsPerByte.toFixed(3), 'of text it has never seen']);
  return tiles;
}
