// A conversation as text: each turn is a line `<|role|>` and then what was said. Import writes it so, pack finds the
// turns again after cleaning and masking, so that the loss can be taken on answers only.

export interface Message {
  readonly role: string;
  readonly content: string;
}

export interface Turn {
  readonly role: string;
  /** Of its marker. */
  readonly at: number;
  /** Of what was said, in UTF-16 units, with its line end. */
  readonly start: number;
  readonly end: number;
}

const markerLine = /^<\|([a-z][a-z_-]{0,31})\|>$/gm;

/** @example turnMarker('user') // '<|user|>' */
export function turnMarker(role: string): string {
  return `<|${role}|>`;
}

/** Undefined when it could not be read back: no message, a role of other characters, a marker line in what was said. */
export function renderTurns(messages: readonly Message[]): string | undefined {
  const text = messages.map(({ role, content }) => `${turnMarker(role)}\n${content.trim()}\n`).join('');
  const turns = splitTurns(text);
  const isSame =
    turns.length === messages.length &&
    messages.every(({ role, content }, i) => {
      const { role: found, start, end } = turns[i];
      return found === role && text.slice(start, end) === `${content.trim()}\n`;
    });
  return isSame && messages.length > 0 ? text : undefined;
}

/** The turns of a text, in order; text before the first marker belongs to none. */
export function splitTurns(text: string): Turn[] {
  const markers = [...text.matchAll(markerLine)];
  return markers.map((marker, i) => {
    const start = Math.min(text.length, marker.index + marker[0].length + 1);
    return { role: marker[1], at: marker.index, start, end: markers[i + 1]?.index ?? text.length };
  });
}
