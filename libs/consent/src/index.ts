export type {
  Consent,
  ConsentPolicy,
  Override,
  Protocol,
  Purpose,
  Reading,
  Statement,
  Verdict,
} from './statement.ts';
export { countedVerdict, decideConsent, readConsent } from './decide-consent.ts';
export { permissionsOf, refusalCodes, refusalsOf, type RefusalCode } from './codes.ts';
export { readStatements, type HostFile, type Observed, type Reader } from './read-statements.ts';
export { trainingAgents } from './ai-agents.ts';
export { parseRobots, robotsByteLimit } from './robots.ts';
export type { Robots, RobotsGroup, RobotsNote, RobotsRule } from './robots.ts';
export { crawlDelayFor, matchRobots, type RobotsDecision } from './robots-match.ts';
export { licenceLinks } from './licence-links.ts';
export { readDirectives, type Directive } from './robots-directives.ts';
