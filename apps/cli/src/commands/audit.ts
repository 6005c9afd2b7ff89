// `gristmill audit`: the folder that a compliance officer signs; and the check of one.
import { exitCode } from '@gristmill/core';
import type { Command } from 'commander';
import { checkAudit, readSigningKey } from '../audit/audit-manifest.ts';
import { readProviderFile } from '../audit/provider-file.ts';
import { writeAudit, type WrittenAudit } from '../audit/write-audit.ts';
import { withCorpus } from '../open-corpus.ts';

interface Flags {
  readonly out: string;
  readonly provider?: string;
  readonly smallCompany?: boolean;
  readonly sign?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerAudit(program: Command): void {
  program
    .command('audit')
    .description(
      'The folder that a compliance officer signs: public summary (EU), AB 2013, Croissant, licences, consent, domains, personal data, erasures, policy, provenance',
    )
    .argument('<dir>', 'the corpus')
    .requiredOption('--out <folder>', 'folder to write')
    .option('--provider <file>', 'JSON with what the build cannot know (docs/audit.md)')
    .option('--small-company', 'list the top domains by the rule for small and medium companies')
    .option('--sign <key>', 'sign manifest.json by this private Ed25519 key (PEM)')
    .option('--force', 'replace an audit that stands there')
    .option('--json', 'print one JSON object: {build, files, open, deniedAndKept}')
    .addHelpText('after', '\nExample:\n  gristmill audit corpora/web --out audit --provider provider.json\n')
    .action((dir: string, { out, provider, smallCompany, sign, force, json }: Flags) =>
      withCorpus(dir, async (store) => {
        const written = await writeAudit(store, out, {
          provider: await readProviderFile(provider),
          isSmallCompany: smallCompany,
          ...(sign !== undefined && { signingKey: await readSigningKey(sign) }),
          force,
        });
        process.stdout.write(json ? `${JSON.stringify(written)}\n` : spell(written, out));
      }),
    );
}

function spell({ build, files, open, deniedAndKept }: WrittenAudit, out: string): string {
  const denied =
    deniedAndKept > 0
      ? `${deniedAndKept} kept documents are denied by a statement that the recipe obeys, as an agreement of the recipe may allow: see consent-report.csv.\n`
      : '';
  const rest =
    open.length > 0
      ? `${open.length} places are to be filled by the provider, in a file for --provider:\n${open.map((place) => `  ${place}\n`).join('')}`
      : 'Nothing is left for the provider to fill.\n';
  return `${files.length} files about build ${build} in ${out}: ${files.join(', ')}\n${denied}${rest}`;
}

export function registerVerifyAudit(program: Command): void {
  program
    .command('verify-audit')
    .description('Check the files of an audit against its manifest, and its signature')
    .argument('<folder>', 'what `gristmill audit` wrote')
    .option('--key <file>', 'public Ed25519 key (PEM) that must have signed it')
    .addHelpText('after', '\nExample:\n  gristmill verify-audit audit --key public.pem\n')
    .action(async (folder: string, { key }: { key?: string }) => {
      const { manifest, faults, signature } = await checkAudit(folder, key);
      for (const fault of faults) process.stderr.write(`${fault}\n`);
      const said = {
        none: 'not signed',
        good: 'signed by this key',
        unchecked: 'signed; give --key to check by whom',
      }[signature];
      if (faults.length > 0) process.exitCode = exitCode.failed;
      else
        process.stdout.write(
          `${manifest.files.length} files about build ${manifest.build} are as they were written; ${said}\n`,
        );
    });
}
