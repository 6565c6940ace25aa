import type { Records } from '../../kernel/records.ts';
import type { StreamEvent } from '../stream/event.ts';
import { Observer } from './observe.ts';
import { ACTIONS, type Action, nameOf, type Rule, type Rules, type Violation } from './rules.ts';
import { compileSchema, type Schema } from './schema.ts';
import type { Tally } from './violations.ts';

const REFRESH_MS = 3000;

/** Why an event does not go on. */
export interface Stopped {
  action: 'quarantine' | 'block';
  reason: string;
  rule: Rule;
  property: string;
}

interface Planned {
  rules: Rules;
  schema: Schema | null;
  version: number | null;
  /** Compiled when its first event comes. */
  check: ((properties: Record<string, unknown>) => Violation[]) | null;
}

/**
 * The step of the tracking plan: gives an event the name that its name counts as, notes what it looks like for the
 * catalogue, and holds it against its planned schema. Rules are read again every few seconds, when their number has grown.
 */
export class PlanStep {
  readonly observer: Observer;
  readonly #records: Records;
  #revision = -1;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #rules: Rules | null = null;
  #sources: ReadonlySet<number> | null = null;
  #planned = new Map<string, Map<string, Planned>>();
  #names = new Map<string, Map<string, string>>();

  constructor(records: Records) {
    this.#records = records;
    this.observer = new Observer(records);
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < REFRESH_MS) return;
    await this.observer.load();
    const { rows } = await this.#records.pool.query<{ revision: number; rules: Rules; sources: number[] | null }>(
      'SELECT revision, rules, sources FROM catalogue_plan',
    );
    const plan = rows[0]!;
    if (plan.revision !== this.#revision) {
      await this.#read(plan.rules);
      this.#rules = plan.rules;
      this.#sources = plan.sources ? new Set(plan.sources) : null;
      this.#revision = plan.revision;
    }
    this.#refreshedAt = performance.now();
  }

  async #read(rules: Rules): Promise<void> {
    const names = await this.#records.pool.query<{ type: string; name: string; canonical: string }>(
      'SELECT type, name, canonical FROM catalogue_names',
    );
    const planned = await this.#records.pool.query<{
      type: string;
      name: string;
      version: number | null;
      schema: Schema | null;
      rules: Partial<Rules> | null;
    }>(
      `SELECT e.type, e.name, e.version, v.schema, v.rules FROM catalogue_events e
       LEFT JOIN catalogue_versions v ON v.event_id = e.id AND v.version = e.version WHERE e.status <> 'seen'`,
    );
    const before = this.#planned;
    this.#names = byType(names.rows, (row) => row.canonical);
    this.#planned = byType(planned.rows, (row) => {
      const known = before.get(row.type)?.get(row.name);
      const check = known && known.version === row.version ? known.check : null;
      return { rules: { ...rules, ...row.rules }, schema: row.schema, version: row.version, check };
    });
  }

  /** Null where the event goes on, possibly under another name and with what is wrong with it in its context. */
  apply(event: StreamEvent, tally: Tally): Stopped | null {
    if (this.#names.size > 0) this.#rename(event);
    // Only this step says so.
    if (event.context.violations !== undefined) delete event.context.violations;
    const isKnown = this.observer.observe(event);
    if (this.#planned.size === 0 || (this.#sources && !this.#sources.has(event.sourceId))) return null;
    const name = nameOf(event.type, event.name);
    const planned = this.#planned.get(event.type)?.get(name);
    const violations = planned ? this.#check(planned, event) : event.type === 'track' ? UNPLANNED : NONE;
    if (violations.length === 0) return null;
    const rules = planned?.rules ?? this.#rules!;
    const known = { type: event.type, name: isKnown ? name : '' };
    let worst: Action = 'allow';
    let first = violations[0]!;
    for (const violation of violations) {
      const action = rules[violation.rule];
      tally.count(known, violation, event);
      if (ACTIONS.indexOf(action) <= ACTIONS.indexOf(worst)) continue;
      worst = action;
      first = violation;
    }
    if (worst === 'allow') return null;
    if (worst === 'flag') {
      event.context.violations = violations.filter((violation) => rules[violation.rule] === 'flag');
      return null;
    }
    const { rule, property } = first;
    return { action: worst, reason: reasonOf(first, worst), rule, property };
  }

  #rename(event: StreamEvent): void {
    const canonical = event.name === '' ? undefined : this.#names.get(event.type)?.get(event.name);
    if (canonical === undefined) return;
    event.context.sentAs = event.name;
    event.name = canonical;
  }

  #check(planned: Planned, event: StreamEvent): Violation[] {
    if (!planned.schema) return NONE;
    planned.check ??= compileSchema(planned.schema);
    return planned.check(event.type === 'identify' || event.type === 'group' ? event.traits : event.properties);
  }
}

const NONE: Violation[] = [];
const UNPLANNED: Violation[] = [{ rule: 'unplanned_event', property: '', message: 'is not in the plan' }];

/** Drops are counted by their reason, so theirs names the rule only. */
function reasonOf({ rule, property, message }: Violation, action: Action): string {
  if (action === 'block') return `the tracking plan blocks it: ${WORDS[rule]}`;
  return `tracking plan, ${WORDS[rule]}: ${property === '' ? 'the event' : `"${property}"`} ${message}`;
}

const WORDS: Record<Rule, string> = {
  unplanned_event: 'unplanned event',
  unplanned_property: 'unplanned property',
  missing_property: 'missing property',
  wrong_value: 'wrong type or value',
};

function byType<R extends { type: string; name: string }, T>(rows: readonly R[], make: (row: R) => T) {
  const types = new Map<string, Map<string, T>>();
  for (const row of rows) {
    let names = types.get(row.type);
    if (!names) {
      names = new Map();
      types.set(row.type, names);
    }
    names.set(row.name, make(row));
  }
  return types;
}
