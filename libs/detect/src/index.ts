export { findPersonalData, maskFor, maskPersonalData, personalDataVersion } from './personal-data.ts';
export type { PersonalData, PersonalDataType } from './personal-data.ts';
export { detectLanguage, type LanguageGuess } from './language.ts';
export { decide, parsePolicy, withThresholds } from './policy.ts';
export type { Operator, Policy, Rule, Signals, SignalValue } from './policy.ts';
export { policies, type PolicyName } from './policy-presets.ts';
