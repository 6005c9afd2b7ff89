// The live page in the browser: keeps what the trainer tells, and draws it.
/* global document, window, EventSource, uPlot, fetch, setInterval, matchMedia, getComputedStyle, requestAnimationFrame */

const place = (id) => document.getElementById(id);
const state = { points: [], validation: [], samples: [], gradients: [], facts: undefined, last: undefined };
const charts = new Map();
let isDrawn = true;

const events = new EventSource('/events');
events.addEventListener('history', ({ data }) => {
  Object.assign(state, JSON.parse(data));
  describeRun();
  setStatus('training', false);
  requestDraw();
});
events.addEventListener('news', ({ data }) => {
  const news = JSON.parse(data);
  if (news.rewind !== undefined) cutBack(news.rewind);
  for (const list of ['points', 'validation', 'samples', 'gradients']) state[list].push(...news[list]);
  state.samples = state.samples.slice(-20);
  state.gradients = state.gradients.slice(-120);
  if (news.last) state.last = news.last;
  if (news.finding !== undefined) state.finding = news.finding;
  requestDraw();
});
events.addEventListener('end', () => {
  events.close();
  setStatus('the trainer has ended', false);
});
events.addEventListener('error', () => setStatus('the trainer does not answer', true));
setInterval(() => void showDocuments(), 5000);
window.addEventListener('resize', redrawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);

function setStatus(text, isLost) {
  place('status').textContent = text;
  place('status').classList.toggle('lost', isLost);
}

function cutBack(step) {
  state.points = state.points.filter(([at]) => at <= step);
  state.validation = state.validation.filter(([at]) => at <= step);
  for (const list of ['samples', 'gradients']) state[list] = state[list].filter((one) => one.step <= step);
}

function requestDraw() {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(() => {
    isDrawn = true;
    draw();
  });
}

function redrawAll() {
  for (const chart of charts.values()) chart.destroy();
  charts.clear();
  requestDraw();
}

function describeRun() {
  const { name, parameters, executor, sources, steps } = state.facts;
  document.title = `${name}: training`;
  place('name').textContent = name;
  place('about').textContent = `${large(parameters)} parameters, ${steps} steps, executor ${executor}`;
  place('sources').replaceChildren(
    ...sources.map((one) =>
      make(
        'p',
        { className: 'note' },
        `${one.name}: ${large(one.tokens)} tokens, ${one.epochs.toFixed(2)} epochs`,
      ),
    ),
  );
  void showDocuments();
}

function draw() {
  const steps = state.points.map(([step]) => step);
  const column = (i) => state.points.map((point) => point[i]);
  showFigures();
  showFinding();
  drawLoss(steps, column(1));
  drawLine('rate', steps, column(2), 'learning rate');
  drawLine('norm', steps, column(3), 'gradient norm');
  drawLine('speed', steps, column(4), 'tokens a second');
  drawGradients();
  showSamples();
}

function showFigures() {
  const { last, validation, facts } = state;
  if (!last) return;
  place('progress').value = last.step / facts.steps;
  const figures = [
    ['step', `${last.step} / ${facts.steps}`],
    ['loss', last.loss === null ? '–' : last.loss.toFixed(3)],
    ['validation', validation.length > 0 ? validation.at(-1)[1].toFixed(3) : '–'],
    ['tokens', large(last.tokens)],
    ['tokens a second', large(last.tokensPerSecond)],
    ['MFU', last.mfu === undefined ? '–' : `${(100 * last.mfu).toFixed(1)} %`],
    ['left', timeLeft(last, facts)],
  ];
  place('figures').replaceChildren(
    ...figures.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))),
  );
}

function showFinding() {
  place('finding').hidden = !state.finding;
  place('finding').textContent = state.finding?.message ?? '';
}

function drawLoss(steps, losses) {
  const validation = new Map(state.validation);
  const all = [...new Set([...steps, ...validation.keys()])].sort((a, b) => a - b);
  const spread = (values) => {
    const known = new Map(steps.map((step, i) => [step, values[i]]));
    return all.map((at) => known.get(at));
  };
  const data = [all, spread(losses), spread(trailingMean(losses)), all.map((at) => validation.get(at))];
  const points = { show: true, size: 5, fill: colour('--series-2') };
  drawChart('loss', data, [
    ...noisy('training'),
    { label: 'validation', stroke: colour('--series-2'), width: 2, spanGaps: true, points },
  ]);
}

function drawLine(id, steps, values, label) {
  if (id === 'rate') return drawChart(id, [steps, values], [{ ...noisy(label)[1], label }]);
  drawChart(id, [steps, values, trailingMean(values)], noisy(label));
}

/** What was measured, faintly, and its mean. */
const noisy = (label) => [
  { label, stroke: colour('--faint'), width: 1, spanGaps: true, points: { show: false } },
  {
    label: `${label}, mean`,
    stroke: colour('--series-1'),
    width: 1.5,
    spanGaps: true,
    points: { show: false },
  },
];

/** Of the last fiftieth of the points. */
function trailingMean(values) {
  const width = Math.max(1, Math.round(values.length / 50));
  let [sum, count] = [0, 0];
  const change = (value, sign) => {
    if (value === null || value === undefined) return;
    sum += sign * value;
    count += sign;
  };
  return values.map((value, i) => {
    change(value, 1);
    if (i >= width) change(values[i - width], -1);
    return count > 0 ? sum / count : null;
  });
}

function drawChart(id, data, series) {
  const known = charts.get(id);
  if (known) return known.setData(data);
  const box = place(id);
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  };
  const options = {
    width: box.clientWidth,
    height: id === 'loss' ? 270 : 190,
    scales: { x: { time: false } },
    legend: { live: true },
    axes: [
      { ...axis, values: (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? large(mark) : '')) },
      { ...axis, size: 62, values: (_, marks) => marks.map(brief) },
    ],
    series: [
      { label: 'step' },
      ...series.map((one) => ({ ...one, value: (_, v) => (v == null ? '–' : small(v)) })),
    ],
  };
  charts.set(id, new uPlot(options, data, box));
}

/** Each column a step, each row a power of two, the darker the more gradients. */
function drawGradients() {
  const pictures = state.gradients;
  place('gradients').hidden = pictures.length === 0;
  if (pictures.length === 0) return;
  const last = pictures.at(-1);
  const used = pictures[0].counts
    .map((_, i) => i)
    .filter((i) => pictures.some(({ counts }) => counts[i] > 0));
  const inner = used.filter((i) => i > 0); // the first holds zeros
  const [low, high] = [Math.min(...inner), Math.max(...inner)];
  place('gradients-note').textContent =
    `Magnitudes from 2^${low - 40} (below) to 2^${high - 39} (above), from step ${pictures[0].step} to ${last.step}; ` +
    `${percent(last.counts[0], last.counts)} are zero or smaller.`;
  paintMagnitudes(place('magnitudes'), pictures, [low, high]);
  place('norms').replaceChildren(
    ...last.norms.map(([name, norm]) => row([name, 'code'], [norm.toExponential(2), ''])),
  );
}

function paintMagnitudes(canvas, pictures, [low, high]) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const context = canvas.getContext('2d');
  const [width, height] = [canvas.width / Math.max(pictures.length, 12), canvas.height / (high - low + 1)];
  context.fillStyle = colour('--series-1');
  pictures.forEach(({ counts }, column) => {
    const most = Math.max(...counts.slice(1));
    for (let i = low; i <= high; i++) {
      context.globalAlpha = Math.sqrt(counts[i] / most);
      context.fillRect(column * width, (high - i) * height, width + 0.5, height + 0.5);
    }
  });
  context.globalAlpha = 1;
}

function showSamples() {
  place('samples').hidden = state.samples.length === 0;
  place('sample-list').replaceChildren(
    ...[...state.samples]
      .reverse()
      .slice(0, 8)
      .map(({ step, prompt, text }) =>
        make('blockquote', {}, make('small', {}, `step ${step}`), make('b', {}, prompt), text),
      ),
  );
}

async function showDocuments() {
  if (document.hidden || state.facts === undefined) return;
  const answer = await fetch('/documents').catch(() => undefined);
  if (!answer?.ok) return;
  const { step, documents } = await answer.json();
  if (step > 0) place('batch').textContent = `The documents of step ${step}.`;
  place('documents').replaceChildren(
    ...documents
      .slice(0, 100)
      .map(({ id, source, domain, language }) =>
        row([source, ''], [id, 'code'], [domain ?? '–', ''], [language ?? '–', '']),
      ),
  );
}

/** At the speed of the last step, as the trainer's own line writes it. */
function timeLeft({ step, tokens, tokensPerSecond }, { steps }) {
  const seconds = Math.round(((steps - step) * tokens) / step / tokensPerSecond);
  const two = (number) => String(number).padStart(2, '0');
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)}h ${two(Math.floor((seconds % 3600) / 60))}m`;
  return `${(seconds / 86400).toFixed(1)} days`;
}

const row = (...cells) =>
  make('tr', {}, ...cells.map(([text, className]) => make('td', { className }, text)));

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const large = (number) =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 }).format(number);

const brief = (number) => (Math.abs(number) >= 10_000 ? large(number) : small(number));

const small = (number) =>
  number !== 0 && Math.abs(number) < 0.01 ? number.toExponential(1) : String(Number(number.toPrecision(4)));

function percent(part, all) {
  const total = all.reduce((sum, count) => sum + count, 0);
  return `${((100 * part) / total).toFixed(1)} %`;
}
