// What a gc did, in words.
import type { GcOutcome } from '@gristmill/corpus';

export function spellCollection({ kept, removedBuilds, removedFiles, removedBytes }: GcOutcome): string {
  const size = `${removedFiles} ${removedFiles === 1 ? 'file' : 'files'}, ${(removedBytes / 1e6).toFixed(1)} MB`;
  return (
    `Builds that go: ${removedBuilds.join(', ') || 'none'} (${size}). ` +
    `Builds that stay: ${kept.join(', ') || 'none'}.\n`
  );
}
