// Every command, in the order in which `gristmill --help` lists them. A command is listed when it works. Its module is
// loaded when it is called, since it brings the libraries of its stage.
import type { Command } from 'commander';

type Register = (program: Command) => void;

export const commands: readonly (readonly [name: string, load: () => Promise<Register>])[] = [
  ['run', async () => (await import('./run.ts')).registerRun],
  ['init', async () => (await import('./init.ts')).registerInit],
  ['options', async () => (await import('./options.ts')).registerOptions],
  ['status', async () => (await import('./status.ts')).registerStatus],
  ['explain', async () => (await import('./explain.ts')).registerExplain],
  ['dropped', async () => (await import('./dropped.ts')).registerDropped],
  ['forget', async () => (await import('./forget.ts')).registerForget],
  ['diff', async () => (await import('./diff.ts')).registerDiff],
  ['what-if', async () => (await import('./diff.ts')).registerWhatIf],
  ['fsck', async () => (await import('./fsck.ts')).registerFsck],
  ['gc', async () => (await import('./fsck.ts')).registerGc],
  ['table', async () => (await import('./table.ts')).registerTable],
  ['report', async () => (await import('./report.ts')).registerReport],
  ['consent', async () => (await import('./consent.ts')).registerConsent],
  ['card', async () => (await import('./card.ts')).registerCard],
  ['audit', async () => (await import('./audit.ts')).registerAudit],
  ['verify-audit', async () => (await import('./audit.ts')).registerVerifyAudit],
  ['contamination', async () => (await import('./contamination.ts')).registerContamination],
  ['tokens', async () => (await import('./tokens.ts')).registerTokens],
  ['export', async () => (await import('./export.ts')).registerExport],
  ['extract', async () => (await import('./extract.ts')).registerExtract],
  ['clean', async () => (await import('./clean.ts')).registerClean],
  ['annotate', async () => (await import('./annotate.ts')).registerAnnotate],
  ['train-classifier', async () => (await import('./train-classifier.ts')).registerTrainClassifier],
  ['dedup', async () => (await import('./dedup.ts')).registerDedup],
  ['tokenize', async () => (await import('./tokenize.ts')).registerTokenize],
  ['train-tokenizer', async () => (await import('./train-tokenizer.ts')).registerTrainTokenizer],
  ['crawl', async () => (await import('./crawl.ts')).registerCrawl],
  ['crawl-status', async () => (await import('./crawl-status.ts')).registerCrawlStatus],
  ['bot-key', async () => (await import('./bot-key.ts')).registerBotKey],
  ['consent-of', async () => (await import('./consent-of.ts')).registerConsentOf],
  ['robots', async () => (await import('./robots.ts')).registerRobots],
  ['warc', async () => (await import('./warc.ts')).registerWarc],
];
