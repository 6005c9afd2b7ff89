// A new name survives a power cut only when its folder is on the disk too, and a new folder only when its own folder
// is. Names are noted as they are made; whoever relies on them, a marker that names a part, settles them first.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FolderSyncs {
  /** Call when there is a new name in `folder`. */
  note(folder: string): void;
  /** Call when folders were made. @param first the outermost of them, as mkdir gives it */
  noteMade(folder: string, first: string): void;
  /** Resolves when all that was noted before is on the disk; what failed is noted still. */
  settle(): Promise<void>;
}

/** @param root folders between it and a noted one are settled once, whoever made them */
export function createFolderSyncs(root: string, sync: (folder: string) => Promise<void>): FolderSyncs {
  const noted = new Set<string>();
  const seen = new Set<string>();
  let settling: Promise<void> = Promise.resolve();
  const settleNoted = async () => {
    while (noted.size > 0) {
      const [folder] = noted;
      // A name that comes while the sync runs needs another one.
      noted.delete(folder);
      try {
        await sync(folder);
      } catch (error) {
        noted.add(folder);
        throw error;
      }
    }
  };
  return {
    note(folder) {
      noted.add(folder);
      for (let at = folder; !seen.has(at); at = dirname(at)) {
        seen.add(at);
        noted.add(dirname(at));
        if (at === root) break;
      }
    },
    noteMade(folder, first) {
      for (let at = folder; ; at = dirname(at)) {
        noted.add(dirname(at));
        if (at === first || at === dirname(at)) break;
      }
    },
    settle() {
      // One after the other: names that somebody else settles are not on the disk before that is done.
      const settled = settling.then(settleNoted);
      settling = settled.catch(() => {});
      return settled;
    },
  };
}

/** Folders that cannot be opened, or kinds of file system that know no sync of a folder, are no error. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch((error: unknown) =>
    ignore(error, ['ENOENT', 'EACCES', 'EPERM', 'EISDIR']),
  );
  try {
    await handle?.sync().catch((error: unknown) => ignore(error, ['EINVAL', 'ENOTSUP', 'EPERM']));
  } finally {
    await handle?.close();
  }
}

function ignore(error: unknown, codes: readonly string[]): undefined {
  if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
