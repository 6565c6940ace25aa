import { formatMoney, formatNumber, humanise, withoutOverrides } from '../format.ts';
import type { Money, TimelineEvent } from '../wire.ts';

/** The longest text that a line shows of a property; the rest is in the details. */
const LONGEST = 80;

/** A text that is not longer than a line should show; a character of two halves stays whole. */
export function cut(words: string): string {
  return words.length > LONGEST ? `${words.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '')}…` : words;
}

export function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  return cut(withoutOverrides(value));
}

/** A long text all in capitals, as stock lists have it, in small letters: a line should not shout. */
export function calm(words: string | null): string | null {
  if (words === null || words.length < 8 || words !== words.toLocaleUpperCase() || !/\p{L}{3}/u.test(words))
    return words;
  return words.charAt(0) + words.slice(1).toLocaleLowerCase();
}

/** The first of these properties that says something. */
export function first(from: Record<string, unknown>, ...names: string[]): string | null {
  for (const name of names) {
    const found = text(from[name]);
    if (found !== null) return found;
  }
  return null;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function traitsOf(event: TimelineEvent): Record<string, unknown> {
  const { traits } = event.context;
  return isObject(event.properties.traits)
    ? event.properties.traits
    : Object.keys(event.properties).length > 0
      ? event.properties
      : isObject(traits)
        ? traits
        : {};
}

function products(event: TimelineEvent): Record<string, unknown>[] {
  const list = event.properties.products;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** How many things were ordered: the sum of the quantities. */
export function itemCount(event: TimelineEvent): number {
  const told = Number(event.properties.itemCount ?? event.properties.items ?? Number.NaN);
  const counted = products(event).reduce((sum, product) => {
    const quantity = Number(product.quantity ?? 1);
    return sum + (Number.isFinite(quantity) ? Math.abs(quantity) : 1);
  }, 0);
  return counted || (Number.isFinite(told) ? told : 0);
}

/** The names of what was ordered with quantities, the first few. */
export function productNames(event: TimelineEvent, most = 3): string[] {
  const list = products(event);
  const names = list.slice(0, most).flatMap((product) => {
    const name = calm(first(product, 'name', 'title', 'sku', 'product_id'));
    const quantity = Number(product.quantity ?? 1);
    return name ? [Math.abs(quantity) > 1 ? `${name} × ${formatNumber(Math.abs(quantity))}` : name] : [];
  });
  return list.length > most ? [...names, `+ ${formatNumber(list.length - most)}`] : names;
}

/** The event's amount: as the server read it, else from its properties, without a guess about the currency. */
export function amountOf(event: TimelineEvent): string | null {
  const money: Money | null = event.revenue;
  if (money && money.amountMinor !== 0) return formatMoney({ ...money, amountMinor: Math.abs(money.amountMinor) });
  const value = Number(event.properties.revenue ?? event.properties.total ?? event.properties.value ?? Number.NaN);
  const currency = text(event.properties.currency);
  if (!Number.isFinite(value) || value === 0) return null;
  if (!currency) return formatNumber(Math.abs(value), { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  try {
    return formatNumber(Math.abs(value), { style: 'currency', currency });
  } catch {
    return `${formatNumber(Math.abs(value))} ${currency}`;
  }
}

const TELLS_LITTLE = /(^|_)(id|ids|url|uuid|token|hash|key|timestamp|path|version)$|^\$|^(href|referrer|search)$/i;
const TELLS_MUCH = /(name|title|subject|plan|status|reason|category|type|amount|total|price|value|rating|score|city)$/i;

/** The two properties that say the most about an event that has no sentence of its own. */
export function tellingProperties(properties: Record<string, unknown>): string[] {
  return Object.entries(properties)
    .flatMap(([name, value]) => {
      const shown =
        typeof value === 'boolean'
          ? value
            ? '✓'
            : '✗'
          : typeof value === 'number'
            ? formatNumber(value)
            : text(value);
      if (shown === null) return [];
      const snake = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
      const weight = (TELLS_MUCH.test(snake) ? 2 : 0) - (TELLS_LITTLE.test(snake) ? 3 : 0) - shown.length / 100;
      return [{ line: `${humanise(name)}: ${shown}`, weight }];
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 2)
    .map(({ line }) => line);
}
