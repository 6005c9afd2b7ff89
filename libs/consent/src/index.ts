export type { Consent, ConsentPolicy, Override, Protocol, Purpose, Statement, Verdict } from './statement.ts';
export { decideConsent, readConsent } from './decide-consent.ts';
export { readStatements, type HostFile, type Observed, type Reader } from './read-statements.ts';
export { trainingAgents } from './ai-agents.ts';
export { parseRobots, robotsByteLimit } from './robots.ts';
export type { Robots, RobotsGroup, RobotsNote, RobotsRule } from './robots.ts';
export { crawlDelayFor, matchRobots, type RobotsDecision } from './robots-match.ts';
export { licenceLinks } from './licence-links.ts';
