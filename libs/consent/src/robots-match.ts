// Decides by a parsed robots.txt whether an agent may fetch a URL (RFC 9309 §2.2.2: the longest rule wins, an equally
// long Allow wins over a Disallow), with the line that decided. As Google reads it: the path is compared as given,
// from its first character, and `Allow: /x/index.html` allows `/x/` too. It does not fetch: see robots-cache.ts.

import { matchesPattern, pathOf, unescape, unescapeAll } from './path-pattern.ts';
import type { Robots, RobotsGroup, RobotsRule } from './robots.ts';

export interface RobotsDecision {
  readonly allowed: boolean;
  /** 1-based line of the rule that decided; undefined when no rule matched. */
  readonly line?: number;
}

/**
 * @param agent product token, for example `gristmill`; a version after a slash is ignored
 * @example matchRobots(parseRobots('User-agent: *\nDisallow: /p'), 'gristmill', 'https://a.example/p/x') // { allowed: false, line: 2 }
 */
export function matchRobots(robots: Robots, agent: string, url: string): RobotsDecision {
  const rules = groupsFor(robots, agent).flatMap((group) => group.rules);
  const path = pathOf(url);
  let decision: RobotsDecision | undefined;
  for (const [spelling, spell] of spellings.entries()) {
    const found = decide(rules, spell(path), spelling);
    if (!found.allowed) return found;
    decision ??= found;
  }
  return decision!;
}

type Spelling = (text: string) => string;

/** A path that one spelling of it and of the rules forbids is forbidden: who wrote the rule meant the place. */
const spellings: readonly Spelling[] = [
  (text) => text,
  (text) => unescape(text, /[A-Za-z0-9._~-]/, /[A-Za-z0-9._~-]/),
  unescapeAll,
];

const spelt = new WeakMap<RobotsRule, readonly RobotsRule[]>();

/** The rule in each spelling, made once. */
function spellingsOf(rule: RobotsRule): readonly RobotsRule[] {
  const known = spelt.get(rule);
  if (known) return known;
  const made = spellings.map((spell) => ({ ...rule, pattern: spell(rule.pattern) }));
  spelt.set(rule, made);
  return made;
}

function decide(rules: readonly RobotsRule[], path: string, spelling: number): RobotsDecision {
  // A rule names these characters themselves by their escapes (RFC 9309 §2.2.3).
  const plain = path.replaceAll('*', '%2A').replaceAll('$', '%24');
  let best: { rule: RobotsRule; length: number } | undefined;
  for (const written of rules) {
    const rule = spellingsOf(written)[spelling];
    const length = Math.max(matchedLength(rule, path), plain === path ? -1 : matchedLength(rule, plain));
    if (length < 0) continue;
    if (!best || length > best.length || (length === best.length && rule.allow && !best.rule.allow)) {
      best = { rule, length };
    }
  }
  return best ? { allowed: best.rule.allow, line: best.rule.line } : { allowed: true };
}

/** Crawl-delay of the groups that speak to this agent: the longest of them, in seconds. No part of RFC 9309. */
export function crawlDelayFor(robots: Robots, agent: string): number | undefined {
  const delays = groupsFor(robots, agent).flatMap((group) => group.crawlDelaySeconds ?? []);
  return delays.length ? Math.max(...delays) : undefined;
}

/** The groups that name the agent, all of them, else those for `*`. */
export function groupsFor({ groups }: Robots, agent: string): readonly RobotsGroup[] {
  const token = agent.split('/', 1)[0].toLowerCase();
  const own = groups.filter(({ agents }) => token !== '' && agents.includes(token));
  return own.length ? own : groups.filter(({ agents }) => agents.includes('*'));
}

/** Length of the pattern that matched, or -1. */
function matchedLength({ allow, pattern }: RobotsRule, path: string): number {
  if (matchesPattern(path, pattern)) return pattern.length;
  const folder = allow && /^(.*\/)index\.htm[^/]*$/.exec(pattern)?.[1];
  return folder && matchesPattern(path, `${folder}$`) ? folder.length + 1 : -1;
}
