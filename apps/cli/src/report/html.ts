// HTML as text: a template that escapes what is put into it, so that no document can bring its own markup.

/** Markup that is not escaped again. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | false | undefined | readonly Part[];

/** @example html`<p>${'<b>'}</p>`.html // '<p>&lt;b&gt;</p>' */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, i) => text + (i < parts.length ? spell(parts[i]) : '')).join('') };
}

function spell(part: Part): string {
  if (part === undefined || part === false) return '';
  if (Array.isArray(part)) return part.map(spell).join('');
  return typeof part === 'object' ? (part as Html).html : escapeHtml(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** A value for a script element of JSON: nothing in it ends the element. */
export function jsonForScript(value: unknown): Html {
  return { html: JSON.stringify(value).replaceAll('<', '\\u003c') };
}
