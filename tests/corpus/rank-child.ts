// One rank of a build as a process of its own: node rank-child.ts RECIPE STORE LOCK RANK RANKS
import { runRecipe } from '@gristmill/corpus';
import { openStore, type StoreReference } from '@gristmill/storage';

const [recipe, store, lock, rank, ranks] = process.argv.slice(2);
await runRecipe({
  recipe,
  store: await openStore(JSON.parse(store) as StoreReference),
  lock,
  workers: 0,
  rank: Number(rank),
  ranks: Number(ranks),
});
