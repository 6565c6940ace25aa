import type { Records } from '../../kernel/records.ts';
import type { Drop } from '../stream/batch.ts';
import { type BadEvent, type Decoded, decodeTransformed, eventIdOf } from '../stream/decode.ts';
import type { Delivery, StreamEvent } from '../stream/event.ts';
import { Counts } from './counts.ts';
import { Engine, earn, type Run } from './engine/engine.ts';
import { newCount, type Result } from './engine/protocol.ts';
import { TIMEOUTS_IN_A_ROW } from './limits.ts';
import { Recorder } from './recorded.ts';
import { type Rule, Rules } from './rules.ts';
import { shownEvent } from './shown.ts';

/** What became of a batch: what goes on, in the order of what came, and what does not. */
export interface Transformed {
  events: StreamEvent[];
  deliveries: Delivery[];
  drops: Drop[];
  bad: BadEvent[];
  /** Events that went in and do not go on under their own message ID. */
  gone: StreamEvent[];
  /** Events that came of repeated ones. */
  again: StreamEvent[];
}

type Outcome = StreamEvent[] | Drop | BadEvent;

/**
 * The step `transform`: the events of sources that have transformations go through them, in the source's order. What
 * comes out is checked as if it had just come in. The first event keeps the message ID, further ones get IDs made of it,
 * so that a batch that is done again gives the same. What fails goes into quarantine, whole, as it came.
 */
export class Transform {
  readonly counts: Counts;
  readonly #records: Records;
  readonly #rules: Rules;
  readonly #recorder: Recorder;
  readonly #engine = new Engine();

  constructor(records: Records) {
    this.#records = records;
    this.#rules = new Rules(records);
    this.#recorder = new Recorder(records);
    this.counts = new Counts(records);
  }

  /**
   * Null where no source of the batch has transformations: all goes on as it is. Of `repeated` events it is on record
   * what became of them: they count as neither drops nor bad again.
   */
  async apply({ events, deliveries }: Decoded, repeated: ReadonlySet<StreamEvent>): Promise<Transformed | null> {
    await this.#rules.refresh();
    if (!this.#rules.present) return null;
    this.#recorder.note(events);
    const { bySource } = this.#rules;
    if (bySource.size === 0) return null;
    const places = new Map<number, number[]>();
    for (let i = 0; i < events.length; i++) {
      const { sourceId } = events[i]!;
      if (!bySource.has(sourceId)) continue;
      const list = places.get(sourceId);
      if (list) list.push(i);
      else places.set(sourceId, [i]);
    }
    if (places.size === 0) return null;
    const outcomes = new Map<number, Outcome>();
    for (const [sourceId, at] of places) {
      const chosen = at.map((i) => events[i]!);
      const found = await this.#transform(
        sourceId,
        bySource.get(sourceId)!,
        chosen,
        at.map((i) => deliveries[i]!),
      );
      for (const [n, i] of at.entries()) outcomes.set(i, found[n]!);
    }
    return gather(events, deliveries, outcomes, repeated);
  }

  /** The events of one source through its transformations; one outcome for each. */
  async #transform(
    sourceId: number,
    rules: readonly Rule[],
    events: readonly StreamEvent[],
    deliveries: readonly Delivery[],
  ): Promise<Outcome[]> {
    const paused = rules.find((rule) => rule.paused !== null);
    if (paused) return events.map((event) => this.#paused(paused, event));
    for (const rule of rules) earn(rule.standing, events.length);
    const request = {
      sourceId,
      programs: rules.map((rule) => rule.program),
      inputs: events.map((event) => ({ text: JSON.stringify(shownEvent(event)), now: event.receivedAt })),
      standings: rules.map((rule) => rule.standing),
      logs: false,
    };
    // A fault of the thread is that of no event, but it must not hold up other sources.
    const run = await this.#engine.run(request).catch((error: Error) => error);
    if (run instanceof Error) {
      return events.map((event) => asSent(event, `its transformations could not be run: ${run.message}`));
    }
    for (const [i, count] of run.counts.entries()) this.counts.add(rules[i]!.id, count);
    if (run.paused) await this.#pause(rules, run.paused);
    return events.map((event, i) => {
      const result = run.results[i];
      return result
        ? outcomeOf(event, deliveries[i]!, result, rules)
        : this.#paused(rules[run.paused!.program]!, event);
    });
  }

  #paused(rule: Rule, event: StreamEvent): BadEvent {
    this.counts.add(rule.id, { ...newCount(), events: 1, failed: 1 });
    const reason = `the transformation “${rule.name}” is paused: ${rule.paused}; switch it on again, then send the event again`;
    return asSent(event, reason);
  }

  /** Takes a transformation out of use until somebody switches it on again. */
  async #pause(rules: readonly Rule[], { program, why }: NonNullable<Run['paused']>): Promise<void> {
    const rule = rules[program]!;
    rule.paused =
      why === 'timeouts'
        ? `it ran out of time ${TIMEOUTS_IN_A_ROW} times in a row`
        : 'it takes more time than its events earn it';
    await this.#records.pool.query(
      'UPDATE transformations SET paused_at = now(), paused_reason = $2 WHERE id = $1 AND paused_at IS NULL',
      [rule.id, rule.paused],
    );
  }
}

function outcomeOf(event: StreamEvent, delivery: Delivery, result: Result, rules: readonly Rule[]): Outcome {
  const { failure } = result;
  if (failure) return asSent(event, reasonOf(rules[failure.program]!.name, failure));
  if (result.droppedBy !== null) {
    const reason = `the transformation “${rules[result.droppedBy]!.name}” left it out`;
    const messageId = event.messageId || event.eventId;
    return { step: 'transform', reason, sourceId: event.sourceId, name: event.name || event.type, messageId };
  }
  const made: StreamEvent[] = [];
  const own = event.messageId || event.eventId;
  for (const [i, text] of result.outputs.entries()) {
    const one = decodeTransformed(text, i === 0 ? own : eventIdOf(`${own}/${i}`), delivery);
    if (typeof one === 'string') {
      const last = rules.at(-1)!.name;
      return asSent(event, `what the transformation “${last}” made of it cannot be used: ${one}`);
    }
    one.publicKey = event.publicKey;
    made.push(one);
  }
  return made;
}

/** A sentence about a failure, with the line of the code where it is known. */
function reasonOf(name: string, { kind, message, place }: NonNullable<Result['failure']>): string {
  const where = place ? ` at line ${place.line}` : '';
  const stopped = kind === 'timeout' || kind === 'hang' || kind === 'memory';
  return `the transformation “${name}” ${stopped ? 'was stopped' : 'failed'}${where}: ${message}`;
}

function asSent(event: StreamEvent, reason: string): BadEvent {
  const messageId = event.messageId || event.eventId;
  return { step: 'transform', sourceId: event.sourceId, messageId, reason, event: JSON.stringify(shownEvent(event)) };
}

function gather(
  events: readonly StreamEvent[],
  deliveries: readonly Delivery[],
  outcomes: ReadonlyMap<number, Outcome>,
  repeated: ReadonlySet<StreamEvent>,
): Transformed {
  const all: Transformed = { events: [], deliveries: [], drops: [], bad: [], gone: [], again: [] };
  for (let i = 0; i < events.length; i++) {
    const outcome = outcomes.get(i) ?? [events[i]!];
    if (Array.isArray(outcome)) {
      for (const event of outcome) {
        all.events.push(event);
        all.deliveries.push(deliveries[i]!);
      }
      if (repeated.has(events[i]!)) all.again.push(...outcome);
      continue;
    }
    all.gone.push(events[i]!);
    if (repeated.has(events[i]!)) continue;
    if ('event' in outcome) all.bad.push(outcome);
    else all.drops.push(outcome);
  }
  return all;
}
