import type { Command } from 'commander';
import { registerTrain } from './train.ts';

/** The commands of `gristmill-trainer`, in the order of its help. */
export const commands: readonly ((program: Command) => void)[] = [registerTrain];
