// The hint of a usage error: the choice that was meant, where commander names choices, and where to read more.
import { nearestName } from '@gristmill/core';

/** @param text as commander writes it */
export function usageHint(text: string, helpCommand: string): string {
  const [, given, choices] =
    /argument '([^']*)' is invalid\. Allowed choices are (.*)\.\s*$/.exec(text) ?? [];
  const near = choices === undefined ? undefined : nearestName(given, choices.split(', '));
  return `${near === undefined ? '' : `did you mean ${near}? `}see \`${helpCommand}\``;
}
