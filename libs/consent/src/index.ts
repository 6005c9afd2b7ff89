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
export { permissionsOf, refusalCodes, refusalsOf, saidOfUse } from './codes.ts';
export type { RefusalCode, SaidOfUse } from './codes.ts';
export { readStatements } from './read-statements.ts';
export type { EmbeddedWishes, HostFile, Observed, Reader } from './observed.ts';
export { defaultRefusals, overrideFor, policyFor, refusalBy, resolvePolicy } from './policy.ts';
export type { ConsentChoices, OverrideRule, ResolvedPolicy } from './policy.ts';
export { trainingAgents } from './ai-agents.ts';
export { parseRobots, robotsByteLimit } from './robots.ts';
export type { Robots, RobotsGroup, RobotsNote, RobotsRule } from './robots.ts';
export { crawlDelayFor, matchRobots, type RobotsDecision } from './robots-match.ts';
export { licenceLinks } from './licence-links.ts';
export { readDirectives, type Directive } from './robots-directives.ts';
export { applyReading, type HostReading, type ReadDocument, type ReadFile } from './host-reading.ts';
export { supersede } from './supersede.ts';
export { matchesPattern } from './path-pattern.ts';
