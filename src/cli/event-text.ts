import { moneyText } from './terminal.ts';
import type { TimelineEvent } from './wire.ts';

const PRODUCTS_NAMED = 2;
const PROPERTIES_NAMED = 3;
/** What is told in other words already, or is of use to programs only. */
const UNTOLD = new Set([
  'products',
  'revenue',
  'total',
  'value',
  'currency',
  'path',
  'url',
  'title',
  'referrer',
  'search',
]);

/** An event as a person would say it: what happened, and what else there is to say. Not yet safe for a terminal. */
export function eventDetails(event: TimelineEvent): { what: string; more: string } {
  const { properties } = event;
  switch (event.type) {
    case 'page':
      return { what: `Viewed ${pageName(event)}`, more: arrival(event) };
    case 'screen':
      return { what: `Opened the screen ${event.name || 'of the app'}`, more: scalars(properties) };
    case 'identify':
      return { what: 'Said who they are', more: scalars(properties) };
    case 'group':
      return { what: `Belongs to ${text(properties.name) || 'an account'}`, more: scalars(properties) };
    case 'alias':
    case 'merge':
      return { what: 'Turned out to be the same person', more: '' };
    default: {
      const money = event.revenue ? moneyText(event.revenue) : '';
      const more = [money, products(properties.products), scalars(properties)].filter((part) => part !== '');
      return { what: event.name, more: more.join(' · ') };
    }
  }
}

function pageName(event: TimelineEvent): string {
  return event.page?.title || event.name || event.page?.path || event.page?.url || 'a page';
}

/** Where a visit came from, if that is known. */
function arrival({ page, campaign }: TimelineEvent): string {
  const from = campaign?.name || campaign?.source || campaign?.channelGroup;
  return [page?.path && page.title ? page.path : '', from ? `from ${from}` : '']
    .filter((part) => part !== '')
    .join(' · ');
}

/** `3 products: Lamp × 2, Cup …` */
function products(list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return '';
  const named = list.slice(0, PRODUCTS_NAMED).map((product: unknown) => {
    const { name, title, sku, product_id: id, quantity } = (product ?? {}) as Record<string, unknown>;
    const what = text(name) || text(title) || text(sku) || text(id) || 'product';
    return typeof quantity === 'number' && quantity !== 1 ? `${what} × ${quantity}` : what;
  });
  const rest = list.length > PRODUCTS_NAMED ? ' …' : '';
  return `${list.length === 1 ? '' : `${list.length} products: `}${named.join(', ')}${rest}`;
}

/** The first few properties that are a plain value. */
function scalars(properties: Record<string, unknown>): string {
  return Object.entries(properties)
    .filter(([name, value]) => !UNTOLD.has(name) && text(value) !== '')
    .slice(0, PROPERTIES_NAMED)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${text(value)}`)
    .join(', ');
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
