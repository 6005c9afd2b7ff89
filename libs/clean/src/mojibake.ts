import type { RuleResult } from './clean-text.ts';
export function repairMojibake(text: string): RuleResult {
  return { text, count: 0 };
}
