// Runs a recipe until the fault: node crash-child.ts RECIPE CORPUS LOCK KIND AT WORKERS
import { runRecipe } from '@gristmill/corpus';
import { openFaultyStore, type Fault } from './faulty-store.ts';

const [recipe, root, lock, kind, at, workers] = process.argv.slice(2);
const store = openFaultyStore({ root, kind: kind as Fault['kind'], at: Number(at) });
await runRecipe({ recipe, store, lock, workers: Number(workers) });
