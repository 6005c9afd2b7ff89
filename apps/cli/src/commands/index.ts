// Every command, in the order in which `gristmill --help` lists them. A command is listed when it works.
import type { Command } from 'commander';
import { registerExtract } from './extract.ts';
import { registerClean } from './clean.ts';
import { registerAnnotate } from './annotate.ts';
import { registerCrawl } from './crawl.ts';
import { registerRobots } from './robots.ts';
import { registerWarc } from './warc.ts';

export const commands: readonly ((program: Command) => void)[] = [
  registerExtract,
  registerClean,
  registerAnnotate,
  registerCrawl,
  registerRobots,
  registerWarc,
];
