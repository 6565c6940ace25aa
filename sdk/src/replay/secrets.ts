import { stars } from './mask.ts';

/** Shorter ones would hide half of every line. */
const SHORTEST = 3;
/** In attributes, which stylesheets and the page's scripts look at. */
const SHORTEST_IN_ATTRIBUTES = 6;
const MOST_SHOWN = 1000;
const MOST_TYPED = 100;

/**
 * What the visitor wrote, and the text of marked elements: taken out of whatever else the recorder tells, since pages
 * write to the console and call addresses with it. It is kept in memory only, the last of each.
 */
export interface Secrets {
  /** The text of a marked element. */
  add(text: string): void;
  /** The value of a field as it is being written: only the last of a row of growing ones is kept. */
  typed(field: object, text: string): void;
  hide(text: string): string;
  /** Only what was written, as it was written: for the many attributes of a page. */
  hideTyped(text: string): string;
}

/** `look` is called before something is hidden, to add what is there now and was not recorded, or not yet. */
export function openSecrets(look?: (secrets: Secrets) => void): Secrets {
  const shown = new Set<string>();
  const typed = new Set<string>();
  const last = new WeakMap<object, string>();
  /** The longest first, since a part of one would leave the rest of it; each with the forms that addresses have. */
  let all: [secret: string, forms: string[]][] | undefined;
  let long: string[] | undefined;

  const keep = (set: Set<string>, text: string, most: number) => {
    const secret = text.trim();
    if (secret.length < SHORTEST || set.has(secret)) return;
    set.add(secret);
    if (set.size > most) set.delete(set.values().next().value as string);
    all = long = undefined;
  };
  const sorted = (secrets: Iterable<string>) => Array.from(secrets).sort((a, b) => b.length - a.length);
  const without = (text: string, form: string, secret: string) =>
    text.includes(form) ? text.split(form).join(stars(secret)) : text;

  const secrets: Secrets = {
    add: (text) => keep(shown, text, MOST_SHOWN),
    typed(field, text) {
      const before = last.get(field);
      if (text === before) return;
      if (before && text && (text.startsWith(before) || before.startsWith(text))) {
        typed.delete(before.trim());
        all = long = undefined;
      }
      last.set(field, text);
      keep(typed, text, MOST_TYPED);
    },
    hide(text) {
      look?.(secrets);
      all ||= sorted(new Set(Array.from(shown).concat(Array.from(typed)))).map((secret) => {
        const encoded = encoded8(secret);
        return [secret, Array.from(new Set([secret, encoded, encoded.replace(/%20/g, '+')]))];
      });
      for (const [secret, forms] of all) for (const form of forms) text = without(text, form, secret);
      return text;
    },
    hideTyped(text) {
      long ||= sorted(typed).filter((secret) => secret.length >= SHORTEST_IN_ATTRIBUTES);
      for (const secret of long) text = without(text, secret, secret);
      return text;
    },
  };
  return secrets;
}

/** Half of a pair of surrogates has no form in an address. */
function encoded8(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
