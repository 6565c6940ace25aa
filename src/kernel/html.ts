/** HTML that is known to be safe to put into a page. */
export interface Html {
  html: string;
}

type Part = string | number | Html | readonly Html[] | null | undefined | false;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => ESCAPES[char]!);

/** A template whose values are escaped, unless they are Html themselves; lists of Html are put one after another. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let text = strings[0]!;
  for (const [i, part] of parts.entries()) text += rendered(part) + strings[i + 1]!;
  return { html: text };
}

function rendered(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  if (Array.isArray(part)) return part.map((one: Html) => one.html).join('');
  return (part as Html).html;
}
