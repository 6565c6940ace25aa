import type { Rules } from '../../../../src/core/catalogue/rules.ts';
import type {
  CatalogueDetail,
  CatalogueEvent,
  CatalogueOwner,
  PlanReply,
} from '../../../../src/core/catalogue/shapes.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type { CatalogueDetail, CatalogueEvent, PlanReply, Rules };
export type Property = CatalogueDetail['properties'][number];
export type Rule = keyof Rules;
export type Action = Rules[Rule];
export type Schema = Record<string, unknown>;

export const RULES = ['unplanned_event', 'unplanned_property', 'missing_property', 'wrong_value'] as const;
export const ACTIONS = ['allow', 'flag', 'quarantine', 'block'] as const;

export type Filter = Record<'q' | 'type' | 'status' | 'owner' | 'source' | 'hidden' | 'sort', string>;

export interface Key {
  type: string;
  name: string;
}
const at = ({ type, name }: Key, rest = '') =>
  withQuery(`/api/catalogue/events/${encodeURIComponent(name)}${rest}`, { type });

export const catalogue = {
  list: (filter: Filter, cursor: string | null) =>
    ask<ListOf<CatalogueEvent>>('GET', withQuery('/api/catalogue/events', { ...filter, cursor, limit: 200 })),
  one: (key: Key) => ask<CatalogueDetail>('GET', at(key)),
  add: (input: { type: string; name: string }) => ask<CatalogueDetail>('POST', '/api/catalogue/events', input),
  change: (key: Key, change: object) => ask<CatalogueDetail>('PATCH', at(key), change),
  changeProperty: (key: Key, path: string, change: object) =>
    ask<CatalogueDetail>('PATCH', at(key, `/properties/${encodeURIComponent(path)}`), change),
  rename: (key: Key, to: string) => ask<CatalogueDetail>('POST', at(key, '/renaming'), { to }),
  undoRename: (key: Key) => ask<CatalogueDetail>('DELETE', at(key, '/renaming')),
  draft: (key: Key) => ask<{ schema: Schema }>('GET', at(key, '/draft')),
  save: (key: Key, input: { schema: Schema; rules: Partial<Rules>; note?: string }) =>
    ask<CatalogueDetail>('PUT', at(key, '/schema'), input),
  unplan: (key: Key) => ask<CatalogueDetail>('DELETE', at(key, '/schema')),
  goBack: (key: Key, version: number) => ask<CatalogueDetail>('POST', at(key, `/schema/versions/${version}`)),
  plan: () => ask<PlanReply>('GET', '/api/catalogue/plan'),
  changePlan: (change: { rules?: Rules; sourceIds?: string[] | null }) =>
    ask<PlanReply>('PATCH', '/api/catalogue/plan', change),
  owners: () => ask<ListOf<CatalogueOwner>>('GET', withQuery('/api/catalogue/owners', { limit: 200 })),
};

export const pageOf = ({ type, name }: Key) => `/catalogue/${encodeURIComponent(type)}/${encodeURIComponent(name)}`;
