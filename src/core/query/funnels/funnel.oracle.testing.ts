import type { TestEvent } from '../events.testing.ts';
import type { Bucket } from '../period.ts';
import { anyOrder, attempted, firstEntry, type Mark, type Verdict } from './oracle.testing.ts';
import type { FunnelResult, FunnelSeries } from './result.ts';
import type { Rules } from './rules.ts';
import type { FunnelReport } from './schema.ts';

interface Seen {
  event: TestEvent;
  at: number;
  subject: string;
  person: number;
}

export interface OracleInput {
  events: readonly TestEvent[];
  personOf: (event: TestEvent) => number;
  report: FunnelReport;
  span: { from: number; to: number };
  buckets: readonly Bucket[];
  windowMs: number;
}

interface Member {
  person: number;
  verdict: Verdict;
  value: string;
}

/** Fields that the oracle knows. */
function textOf(event: TestEvent, field: FunnelReport['breakdown'][number]): string {
  if (field.of === 'event' && field.name === 'device') return event.device ?? '';
  if (field.of === 'property')
    return String((event.properties as Record<string, unknown> | undefined)?.[field.name] ?? '');
  throw new Error('The oracle does not know this field.');
}

/** Knows names, and of conditions only that a field is one of some values. */
function matches(event: TestEvent, what: FunnelReport['steps'][number]['what']): boolean {
  const holds = (where: unknown) => {
    if (!where) return true;
    const { field, is, values } = where as { field: never; is: string; values: string[] };
    if (is !== 'is') throw new Error('The oracle does not know this condition.');
    return values.includes(textOf(event, field));
  };
  return (
    holds(what.where) && what.events.some((match) => 'name' in match && match.name === event.name && holds(match.where))
  );
}

function membersOf({ events, personOf, report, span, windowMs }: OracleInput): {
  members: Member[];
  excluded: number[];
} {
  const { steps, exclusions, hold, by, order, semantics, breakdown, attribution } = report;
  const seen = events.flatMap((event): Seen[] => {
    const at = new Date(event.at).getTime();
    if (at < span.from || at >= span.to) return [];
    if (report.filter && !matches(event, { events: [{ name: event.name }], where: report.filter })) return [];
    const person = personOf(event);
    const account = event.account ? `account ${event.account}` : '';
    const session = event.session ? `session ${person} ${event.session}` : '';
    const subject = { person: `person ${person}`, account, session }[by];
    return subject ? [{ event, at, subject, person }] : [];
  });
  const rules: Rules = {
    steps: steps.length,
    optional: steps.reduce((bits, step, index) => (step.optional ? bits | (1 << index) : bits), 0),
    windowMs,
    forbidden: steps.map((_, place) =>
      exclusions.reduce(
        (bits, one, index) => (place >= one.from && place < one.to ? bits | (1 << (steps.length + index)) : bits),
        0,
      ),
    ),
    way: order === 'ordered' ? (semantics === 'mixpanel' ? 'mixpanel' : 'ordered') : order,
  };
  const judge = { any: anyOrder, mixpanel: firstEntry, ordered: attempted, strict: attempted }[rules.way];
  const markOf = ({ event, at }: Seen): Mark => ({
    at,
    steps: steps.flatMap((step, index) => (matches(event, step.what) ? [index] : [])),
    exclusions: exclusions.flatMap((one, index) => (matches(event, one.what) ? [index] : [])),
  });
  const members: Member[] = [];
  const excluded: number[] = [];
  for (const [, of] of Map.groupBy(seen, (one) => one.subject)) {
    const held = of.filter(({ event }) => hold.every((field) => textOf(event, field) !== ''));
    const parts = Map.groupBy(held, ({ event }) => hold.map((field) => textOf(event, field)).join('\0'));
    let best: { verdict: Verdict; part: Seen[] } | null = null;
    let furthestLeft = -1;
    for (const part of parts.values()) {
      const marks = part
        .map(markOf)
        .filter((mark) => order === 'strict' || mark.steps.length + mark.exclusions.length > 0);
      const verdict = judge(marks, rules);
      if (verdict.left) furthestLeft = Math.max(furthestLeft, verdict.level);
      else if (verdict.level >= 0 && (!best || isBetter(verdict, best.verdict))) best = { verdict, part };
    }
    if (furthestLeft > (best?.verdict.level ?? -1)) excluded.push(of[0]!.person);
    else if (best) {
      const taking = (list: Seen[]) =>
        list.map(({ event, at }) => ({ at, value: breakdown.map((field) => textOf(event, field)).join('\x1f') }));
      const none = '\x1f'.repeat(Math.max(0, breakdown.length - 1));
      let value = none;
      if ('step' in attribution) {
        const step = attribution.step;
        const at = best.verdict.done[step];
        if (at !== undefined)
          value = taking(best.part.filter((one) => one.at === at && markOf(one).steps.includes(step)))[0]!.value;
      } else {
        const some = taking(of.filter((one) => markOf(one).steps.length > 0)).filter((one) => one.value !== none);
        some.sort((a, b) => a.at - b.at || (a.value < b.value ? -1 : 1));
        value = (attribution.touch === 'first' ? some[0] : some.at(-1))?.value ?? none;
      }
      members.push({ person: of[0]!.person, verdict: best.verdict, value });
    }
  }
  return { members, excluded };
}

function isBetter(one: Verdict, other: Verdict): boolean {
  if (one.level !== other.level) return one.level > other.level;
  const [last, otherLast] = [one.done[one.level]!, other.done[other.level]!];
  if (last !== otherLast || one.done[0] !== other.done[0])
    return last !== otherLast ? last < otherLast : one.done[0]! > other.done[0]!;
  // With all that equal: more steps, the later ones first, and then those that were done earlier.
  const bits = (of: Verdict) => Object.keys(of.done).reduce((sum, step) => sum + 2 ** Number(step), 0);
  if (bits(one) !== bits(other)) return bits(one) > bits(other);
  const differs = Object.keys(one.done).find((step) => one.done[Number(step)] !== other.done[Number(step)]);
  return differs !== undefined && one.done[Number(differs)]! < other.done[Number(differs)]!;
}

/** The whole report, counted one subject at a time. */
export function funnelOracle(input: OracleInput): FunnelResult {
  const { report, buckets } = input;
  const { members, excluded } = membersOf(input);
  const count = report.breakdown.length;
  const ranked = count === 0 ? [] : rank(members);
  const shown = ranked.slice(0, report.top);
  const rest = members.filter((member) => count > 0 && !shown.includes(member.value));
  return {
    steps: report.steps.map((step) => ({ label: step.what.label ?? null, optional: step.optional })),
    total: seriesOf(input, [], members),
    series: [
      ...shown.map((value) =>
        seriesOf(
          input,
          value.split('\x1f'),
          members.filter((member) => member.value === value),
        ),
      ),
      ...(rest.length > 0 ? [seriesOf(input, new Array<null>(count).fill(null), rest)] : []),
    ],
    excluded: excluded.length,
    ...(report.interval && {
      buckets: buckets.map((bucket) => ({
        from: new Date(bucket.from).toISOString(),
        to: new Date(bucket.to).toISOString(),
        label: bucket.label,
        partial: bucket.partial,
      })),
    }),
  };
}

function rank(members: readonly Member[]): string[] {
  const groups = [...Map.groupBy(members, (member) => member.value)];
  return groups.sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
}

/** The persons behind a part; for accounts and sessions only how many those are is known, not asked here. */
export function peopleOracle(input: OracleInput, part: { step: number; outcome: string }): number[] {
  const { members, excluded } = membersOf(input);
  const { steps } = input.report;
  let before = part.step - 1;
  while (before > 0 && steps[before]!.optional) before--;
  const found =
    part.outcome === 'excluded'
      ? excluded
      : members
          .filter(({ verdict: { done } }) =>
            part.outcome === 'converted'
              ? done[part.step] !== undefined
              : done[before] !== undefined && done[part.step] === undefined,
          )
          .map((member) => member.person);
  return [...new Set(found)].sort((a, b) => a - b);
}

function seriesOf({ report, buckets }: OracleInput, breakdown: (string | null)[], members: Member[]): FunnelSeries {
  const { steps } = report;
  const did = (step: number) => members.filter((member) => member.verdict.done[step] !== undefined);
  const share = (part: number, of: number) => (of === 0 ? null : part / of);
  const last = steps.length - 1;
  const whole = did(last).map(({ verdict: { done } }) => (done[last]! - done[0]!) / 1000);
  const converted = did(last).length;
  const bucketOf = (member: Member) =>
    buckets.findIndex((bucket) => member.verdict.done[0]! >= bucket.from && member.verdict.done[0]! < bucket.to);
  const perBucket = (of: Member[]) =>
    buckets.map((_, index) => of.filter((member) => bucketOf(member) === index).length);
  return {
    breakdown,
    entered: members.length,
    converted,
    conversion: share(converted, members.length),
    steps: steps.map((_, step) => {
      let before = step - 1;
      while (before > 0 && steps[before]!.optional) before--;
      const times = step === 0 ? [] : did(step).map(({ verdict: { done } }) => (done[step]! - done[before]!) / 1000);
      const previous = step === 0 ? members.length : did(before).length;
      return {
        subjects: did(step).length,
        ofEntered: share(did(step).length, members.length),
        ofPrevious: share(did(step).length, previous),
        dropped: previous - did(step).length,
        medianSeconds: middle(times),
        averageSeconds: mean(times),
      };
    }),
    toConvert: { medianSeconds: middle(whole), averageSeconds: mean(whole), bins: bins(whole) },
    ...(report.interval && { over: { entered: perBucket(members), converted: perBucket(did(last)) } }),
  };
}

function middle(numbers: number[]): number | null {
  if (numbers.length === 0) return null;
  // In milliseconds, which are whole, as the mean.
  const sorted = numbers.map((one) => Math.round(one * 1000)).sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return (sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2) / 1000;
}

/** In milliseconds, which are whole, so that the order of adding does not show. */
const mean = (numbers: number[]) =>
  numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + Math.round(one * 1000), 0) / numbers.length / 1000;

function bins(seconds: number[]) {
  if (seconds.length === 0) return [];
  const start = Math.floor(Math.min(...seconds));
  const wanted = Math.min(60, Math.ceil(Math.cbrt(seconds.length)));
  const width = Math.max(1, Math.ceil((Math.max(...seconds) - start) / wanted));
  const found = [];
  for (let from = start; from <= Math.max(...seconds); from += width)
    found.push({
      fromSeconds: from,
      toSeconds: from + width,
      subjects: seconds.filter((one) => one >= from && one < from + width).length,
    });
  return found;
}
