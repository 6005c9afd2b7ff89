// The data card of the newest build, in Markdown: where the documents come from, under which licences, what they are
// about, what was left out and why, what harmful or private was found, whom filters hit, which evaluation items are
// inside, and how to ask for removal. Numbers only: it judges nothing.

import { effectiveNumber, type JsonObject } from '@gristmill/core';
import { sumCounts } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openBuild, type OpenBuild } from './build-documents.ts';
import { allDocuments, gatherCardFacts, noGroup, toxicFrom, type CardFacts } from './card-facts.ts';
import { spellConsent } from './card-consent.ts';
import { largestClusters, spellClusters } from './card-clusters.ts';
import { markdownTable, number, percent, quantiles, section, tallyTable } from './card-text.ts';
import { requireManifest } from './manifest.ts';
import { acquireStep } from './steps.ts';

export async function dataCard(store: Store): Promise<string> {
  const build = await openBuild(store, await requireManifest(store));
  const facts = await gatherCardFacts(build);
  const clusters = await largestClusters(build);
  const sections = [
    spellSummary(build, facts),
    section('Sources', tallyTable('source', facts.tallies.source)),
    spellLicences(facts),
    spellConsent(build, facts),
    section('Languages of kept documents', tallyTable('language', facts.tallies.language)),
    spellTopics(facts),
    section('Splits', tallyTable('split', facts.tallies.split)),
    spellFunnel(build),
    section('Left out, by reason', tallyTable('step: reason', facts.tallies.reason)),
    spellDuplicates(build, facts),
    section(
      'Largest clusters',
      clusters.length > 0
        ? 'Documents joined by a similarity of at least .5, most of them first; `gristmill explain DIR ID` shows each with its similarity.'
        : '',
      spellClusters(clusters),
    ),
    spellPersonalData(facts),
    spellHarm(facts),
    spellGroups(facts),
    spellContamination(facts),
    spellMaking(build),
    spellRemoval(build.manifest.recipe.contact as string | undefined),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function spellSummary({ manifest }: OpenBuild, { total }: CardFacts): string {
  const { kept, documents, tokens, bytes } = total;
  return `# ${String(manifest.recipe.name)}\n\nBuild \`${manifest.build}\`: ${number(kept)} of ${number(documents)} documents, ${number(tokens)} tokens, from ${number(bytes)} bytes of raw items.`;
}

function spellLicences({ tallies, ambiguousLicences, columns }: CardFacts): string {
  const isSearched = columns.has('licenceFound');
  return section(
    'Licences',
    'Declared by the source or the item:',
    tallyTable('declared', tallies.licence),
    isSearched ? 'Recognised in metadata and text (`gristmill explain` shows the evidence):' : '',
    isSearched ? tallyTable('recognised', tallies.licenceFound) : '',
    isSearched ? `${number(ambiguousLicences)} documents state more than one licence.` : '',
  );
}

function spellTopics({ tallies, numbers }: CardFacts): string {
  const effective = (name: 'topic' | 'genre') => {
    const sums = [...tallies[name].values()];
    const by = (of: 'kept' | 'tokens') => effectiveNumber(sums.map((one) => one[of])).toFixed(1);
    const covered = sums.reduce((total, { kept }) => total + kept, 0);
    return `${number(covered)} documents in ${sums.length} ${name}s; effective number (e to the entropy) ${by('kept')} by documents, ${by('tokens')} by tokens.`;
  };
  const measured = Object.entries(numbers).filter(([, values]) => values.length > 0);
  return section(
    'Topics, genres, reading level',
    tallies.topic.size > 0 ? effective('topic') : '',
    tallyTable('topic', tallies.topic),
    tallies.genre.size > 0 ? effective('genre') : '',
    tallyTable('genre', tallies.genre),
    markdownTable(
      ['of kept documents', '5 %', '25 %', 'median', '75 %', '95 %'],
      measured.map(([name, values]) => quantiles(name, values)),
    ),
  );
}

function spellFunnel(build: OpenBuild): string {
  const steps = [...new Set(build.state.markers.map(({ step }) => step))];
  const stages = ((build.manifest.recipe.steps ?? []) as unknown as { stage: string }[]).map(
    ({ stage }) => stage,
  );
  const barriers = steps.filter((step) => !build.rowSteps.includes(step));
  const order = [...build.rowSteps, ...barriers.sort((a, b) => stages.indexOf(a) - stages.indexOf(b))];
  const rows = order.flatMap((step) => {
    const counts = sumCounts(build.state.markers.filter((marker) => marker.step === step));
    if (counts.documentsIn === undefined && step !== acquireStep) return [];
    const drops = Object.entries(counts).filter(([name]) => name.startsWith('drop.'));
    const dropped = drops.reduce((sum, [, amount]) => sum + amount, 0);
    const shown = [counts.documentsIn ?? 0, counts.documentsOut ?? 0, dropped, counts.bytesOut ?? 0];
    return [[step, ...shown.map(number)]];
  });
  return section('Funnel', markdownTable(['step', 'documents in', 'out', 'dropped', 'bytes out'], rows));
}

function spellDuplicates({ state }: OpenBuild, { tallies, total }: CardFacts): string {
  const found = [...tallies.reason].filter(([reason]) => reason.endsWith('-duplicate'));
  const counts = sumCounts(state.markers.filter(({ step }) => step === 'dedup'));
  const others = Object.entries(counts).filter(([name]) => !/^(?:documents|bytes)(?:In|Out)$/.test(name));
  return section(
    'Duplicates',
    found
      .map(
        ([reason, { documents, bytes }]) =>
          `- ${reason.replace(/^.*: /, '')}: ${number(documents)} documents (${percent(documents, total.documents)}), ${number(bytes)} bytes`,
      )
      .join('\n'),
    others.map(([name, amount]) => `- ${name}: ${number(amount)}`).join('\n'),
  );
}

function spellPersonalData({ personalData, columns }: CardFacts): string {
  if (!columns.has('pii')) return '';
  const rows = [...personalData].sort(([a], [b]) => (a < b ? -1 : 1));
  return section(
    'Personal data',
    rows.length === 0
      ? 'None was found.'
      : 'Found in documents with text; masked in the shards unless the recipe says otherwise.',
    markdownTable(
      ['type', 'findings', 'documents'],
      rows.map(([type, { findings, documents }]) => [type, number(findings), number(documents)]),
    ),
  );
}

function spellHarm({ badWords, numbers, tallies, columns }: CardFacts): string {
  const toxic = numbers.toxicity.filter((value) => value > toxicFrom).length;
  const languages = [...badWords].sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1));
  return section(
    'Bad words, toxicity, listed addresses',
    columns.has('badWords')
      ? 'By the word list of the language; a listed word may be harmless where it stands.'
      : '',
    markdownTable(
      ['language', 'documents', 'with bad words', 'share', 'bad words'],
      languages.map(([language, { documents, withBadWords, words }]) => [
        language,
        number(documents),
        number(withBadWords),
        percent(withBadWords, documents),
        number(words),
      ]),
    ),
    columns.has('toxicity')
      ? `Toxicity above ${toxicFrom} thousandths: ${number(toxic)} of ${number(numbers.toxicity.length)} kept documents.`
      : '',
    tallyTable('address in the list', tallies.blockedUrl),
  );
}

const mostReasons = 4;

/** Whom filters hit: for each group the shares of its documents, to be held against the shares of all documents. */
function spellGroups({ groups, columns }: CardFacts): string {
  const all = groups.get(allDocuments);
  if (!all) return '';
  const reasons = [...all.drops]
    .filter(([reason]) => !reason.endsWith('-duplicate'))
    .sort(([a, x], [b, y]) => Number(isSafety(b)) - Number(isSafety(a)) || y - x || (a < b ? -1 : 1))
    .slice(0, mostReasons)
    .map(([reason]) => reason);
  const order = (name: string) => (name === allDocuments ? 2 : name === noGroup ? 1 : 0);
  const rows = [...groups].sort(
    ([a, x], [b, y]) => order(b) - order(a) || y.documents - x.documents || (a < b ? -1 : 1),
  );
  const extra = [columns.has('badWords') ? 'with bad words' : '', columns.has('toxicity') ? 'toxic' : ''];
  return section(
    'Groups of people, and whom filters hit',
    'Documents that mention a group by the terms of its list, and the shares of them that have bad words or were left out. A share far above that of all documents is a bias of the filter, or of the sources.',
    markdownTable(
      ['group', 'mentions', 'documents', ...extra.filter((name) => name !== ''), 'left out', ...reasons],
      rows.map(([name, facts]) => {
        const share = (part: number) => percent(part, facts.documents);
        return [
          name,
          order(name) > 0 ? '' : number(facts.mentions),
          number(facts.documents),
          ...(columns.has('badWords') ? [share(facts.withBadWords)] : []),
          ...(columns.has('toxicity') ? [share(facts.toxic)] : []),
          share(facts.documents - facts.kept),
          ...reasons.map((reason) => share(facts.drops.get(reason) ?? 0)),
        ];
      }),
    ),
  );
}

const isSafety = (reason: string) => /: (?:bad_words|toxic|blocked_url|url_words)$/.test(reason);

function spellContamination({ contamination, columns }: CardFacts): string {
  if (!columns.has('contamination')) return '';
  const rows = [...contamination].sort(([a], [b]) => (a < b ? -1 : 1));
  return section(
    'Contamination',
    rows.length === 0
      ? 'No item of the evaluation sets was found.'
      : 'Items of evaluation sets found in documents (`gristmill contamination` lists them):',
    markdownTable(
      ['set', 'items', 'found', 'share', 'documents', 'trained on'],
      rows.map(([set, { items, found, documents, trained }]) => [
        set,
        number(items),
        number(found.size),
        percent(found.size, items),
        number(documents),
        number(trained),
      ]),
    ),
  );
}

function spellMaking({ manifest }: OpenBuild): string {
  const steps = (manifest.recipe.steps ?? []) as unknown as { export: string; options?: JsonObject }[];
  const pins = Object.entries(manifest.pins ?? {});
  const spell = (options: JsonObject | undefined) => {
    const text = options === undefined ? '' : JSON.stringify(options);
    return text === '' || text === '{}' ? '' : ` \`${text.length > 400 ? `${text.slice(0, 400)}…` : text}\``;
  };
  return section(
    'How it was made',
    steps.map((step, i) => `${i + 1}. ${step.export}${spell(step.options)}`).join('\n'),
    pins.map(([name, sha256]) => `- pinned ${name}: \`${String(sha256).slice(0, 12)}\``).join('\n'),
  );
}

function spellRemoval(contact: string | undefined): string {
  const whom = contact === undefined ? 'the people who gave you this corpus' : contact;
  return section(
    'Asking for removal',
    `Write to ${whom} with the URL or the domain. They run \`gristmill forget DIR URL\`: it removes the documents from every build, keeps them out of later ones, and lists the training steps that have seen them.`,
  );
}
