import { z } from 'zod';

/** What can be wrong with an event by the tracking plan. */
export const RULES = ['unplanned_event', 'unplanned_property', 'missing_property', 'wrong_value'] as const;
export type Rule = (typeof RULES)[number];

/** What happens then, the mildest first. `allow` only counts it, `flag` also marks the stored event. */
export const ACTIONS = ['allow', 'flag', 'quarantine', 'block'] as const;
export type Action = (typeof ACTIONS)[number];

export const Rules = z.record(z.enum(RULES), z.enum(ACTIONS));
export type Rules = z.output<typeof Rules>;
/** Rules of one event that differ from the plan's. */
export const OwnRules = z.partialRecord(z.enum(RULES), z.enum(ACTIONS));
export type OwnRules = z.output<typeof OwnRules>;

/** Where an event breaks the plan; names what is wrong, never a value. */
export interface Violation {
  rule: Rule;
  /** The property's path; empty where it is the event itself. */
  property: string;
  message: string;
}

/** Types whose name of their own says what happened; the others have one row in the catalogue. */
export const EVENT_TYPES_SEEN = ['track', 'page', 'screen', 'identify', 'group', 'alias', 'merge'] as const;

/** The name under which an event stands in the catalogue; `catalogue_days_view` says the same in SQL. */
export const nameOf = (type: string, name: string) => (name === '' ? type : name);

export const NAME_LIMIT = 512;

/** Types whose events may have no name: they stand under the type's word. */
export const NAMELESS: ReadonlySet<string> = new Set(['page', 'screen', 'identify', 'group', 'alias', 'merge']);
