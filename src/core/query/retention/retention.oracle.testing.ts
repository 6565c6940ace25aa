import type { TestEvent } from '../events.testing.ts';
import type { What } from '../matching.ts';
import type { RetentionCohort, RetentionPeriod, RetentionResult, RetentionValue } from './result.ts';
import type { RetentionReport } from './schema.ts';

/** Retention as one would count it by hand: person by person, start by start, event by event. For tests. */
export function retentionByHand(
  report: RetentionReport & { zone: string; weekStart: 'monday' | 'sunday' },
  events: readonly TestEvent[],
  now: number,
  mergedInto: ReadonlyMap<number, number> = new Map(),
): RetentionResult {
  const period = report.period as { from: string; to: string };
  const midnight = (date: Temporal.PlainDate) => date.toZonedDateTime(report.zone).epochMilliseconds;
  const from = midnight(Temporal.PlainDate.from(period.from));
  const to = midnight(Temporal.PlainDate.from(period.to).add({ days: 1 }));
  const all = events
    .map((event) => ({
      ...event,
      at: new Date(event.at).getTime(),
      person: mergedInto.get(event.person) ?? event.countsFor ?? event.person,
    }))
    .filter(({ at }) => at < now);
  const bounds = [0];
  for (const length of report.brackets ?? Array<number>(report.count + 1).fill(1)) bounds.push(bounds.at(-1)! + length);
  const periods = bounds.slice(1).map((until, index) => ({ from: bounds[index]!, to: until }));

  /** The start of the calendar's interval that lies so many after the one of a moment. */
  const calendar = (at: number, further: number): number => {
    const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(report.zone);
    if (report.interval === 'hour') {
      const sinceHour = (((at + local.offsetNanoseconds / 1e6) % 3_600_000) + 3_600_000) % 3_600_000;
      return at - sinceHour + further * 3_600_000;
    }
    const date = local.toPlainDate();
    const back = report.weekStart === 'monday' ? date.dayOfWeek - 1 : date.dayOfWeek % 7;
    switch (report.interval) {
      case 'day':
        return midnight(date.add({ days: further }));
      case 'week':
        return midnight(date.subtract({ days: back }).add({ days: 7 * further }));
      case 'month':
        return midnight(date.with({ day: 1 }).add({ months: further }));
      case 'quarter':
        return midnight(date.with({ day: 1, month: date.month - ((date.month - 1) % 3) }).add({ months: 3 * further }));
      case 'year':
        return midnight(date.with({ day: 1, month: 1 }).add({ years: further }));
    }
  };
  const days = { hour: 1 / 24, day: 1, week: 7, month: 30, quarter: 90, year: 365 }[report.interval];
  const rolled = report.periods === 'rolling' ? days * 86_400_000 : null;

  interface Start {
    at: number;
    cohort: number;
    value: string;
    returns: typeof all;
  }
  const back = report.return ?? report.start;
  const starts: Start[] = [];
  for (const person of new Set(all.map((event) => event.person))) {
    const mine = all.filter((event) => event.person === person);
    const candidates = mine
      .filter((event) => matches(report.start, event))
      .map((event) => ({ at: event.at, cohort: calendar(event.at, 0), value: fieldOf(report.breakdown, event) }))
      .sort((a, b) => a.at - b.at || Buffer.compare(Buffer.from(a.value), Buffer.from(b.value)));
    const chosen =
      report.cohorts === 'first'
        ? candidates.slice(0, 1).filter(({ at }) => at >= from && at < to)
        : candidates
            .filter(({ at }) => at >= from && at < to)
            .filter((one, index, list) => list.findIndex(({ cohort }) => cohort === one.cohort) === index);
    for (const one of chosen)
      starts.push({ ...one, returns: mine.filter((event) => matches(back, event) && event.at >= one.at) });
  }

  const begins = (start: { at: number; cohort: number }, index: number) =>
    rolled === null ? calendar(start.cohort, bounds[index]!) : start.at + bounds[index]! * rolled;
  /** Whether a period is over for whoever could be in the start's cohort; the last of them could start just before its end. */
  const isOver = (cohort: number, index: number) => {
    const end = Math.min(calendar(cohort, 1), to);
    return (
      end <= now && (rolled === null ? calendar(cohort, bounds[index + 1]!) : end + bounds[index + 1]! * rolled) <= now
    );
  };
  const returnsIn = (start: Start, index: number) =>
    start.returns.filter(({ at }) => (index === 0 || at >= begins(start, index)) && at < begins(start, index + 1));
  const counted = (start: Start, index: number) => {
    const later = start.returns.filter(({ at }) => index === 0 || at >= begins(start, index));
    return (report.counts === 'on' ? returnsIn(start, index) : later).length >= report.atLeast;
  };

  const isRevenue = report.value?.field.of === 'event';
  const currencies: (string | null)[] = isRevenue
    ? frequent(all.filter((event) => matches(back, event) && event.at >= from && event.at < lastMoment()))
    : [null];
  function lastMoment(): number {
    if (report.counts === 'onOrAfter') return now;
    let last = from;
    for (let cohort = calendar(from, 0); cohort < Math.min(to, now); cohort = calendar(cohort, 1)) last = cohort;
    const end = Math.min(calendar(last, 1), to);
    return Math.min(now, rolled === null ? calendar(last, bounds.at(-1)!) : end + bounds.at(-1)! * rolled);
  }
  const valuesOf = (of: readonly Start[], index: number): { values?: RetentionValue[] } => {
    if (!report.value) return {};
    const numbers = (period: number, currency: string | null) =>
      of
        .flatMap((start) => returnsIn(start, period))
        .filter((event) => currency === null || event.currency === currency)
        .map((event) =>
          isRevenue
            ? (event.revenueMinor ?? 0)
            : Number((event.properties as { amount?: number })?.amount ?? Number.NaN),
        )
        .filter((number) => !Number.isNaN(number));
    const sum = (list: number[]) => list.reduce((one, two) => one + two, 0);
    return {
      values: currencies.map((currency) => {
        const now = numbers(index, currency);
        if (report.value!.of === 'average') return { currency, value: share(sum(now), now.length), share: null };
        return { currency, value: sum(now), share: share(sum(now), sum(numbers(0, currency))) };
      }),
    };
  };
  const period_ = (of: readonly Start[], index: number, complete: boolean): RetentionPeriod => {
    const people = of.filter((start) => counted(start, index)).length;
    return { people, of: of.length, share: share(people, of.length), complete, ...valuesOf(of, index) };
  };
  const overOnly = (of: readonly Start[]) =>
    periods.map((_, index) => {
      const over = of.filter((start) => isOver(start.cohort, index));
      return period_(over, index, over.length === of.length);
    });

  let cohorts: RetentionCohort[] = [];
  if (report.breakdown) {
    const sizes = new Map<string, number>();
    for (const { value } of starts) sizes.set(value, (sizes.get(value) ?? 0) + 1);
    const ranked = [...sizes].sort((a, b) => b[1] - a[1] || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])));
    const none = { from: null, to: null, partial: false };
    cohorts = ranked.slice(0, report.top).map(([value, size]) => {
      const of = starts.filter((start) => start.value === value);
      return { key: value, label: value === '' ? null : value, ...none, size, periods: overOnly(of) };
    });
    const rest = starts.filter(({ value }) => !cohorts.some(({ key }) => key === value));
    if (rest.length > 0) cohorts.push({ key: null, label: null, ...none, size: rest.length, periods: overOnly(rest) });
  } else {
    for (let cohort = calendar(from, 0); Math.max(cohort, from) < Math.min(to, now); cohort = calendar(cohort, 1)) {
      const of = starts.filter((start) => start.cohort === cohort);
      const local = Temporal.Instant.fromEpochMilliseconds(cohort).toZonedDateTimeISO(report.zone);
      const label =
        report.interval === 'hour'
          ? local.toPlainDateTime().toString({ smallestUnit: 'minute' })
          : local.toPlainDate().toString();
      const end = calendar(cohort, 1);
      const earliest = { at: Math.max(cohort, from), cohort };
      cohorts.push({
        key: label,
        label,
        from: new Date(earliest.at).toISOString(),
        to: new Date(end).toISOString(),
        partial: end > now || cohort < from || end > to,
        size: of.length,
        periods: periods.flatMap((_, index) =>
          index === 0 || begins(earliest, index) < now ? [period_(of, index, isOver(cohort, index))] : [],
        ),
      });
    }
  }
  return {
    periods,
    cohorts,
    total: { size: starts.length, periods: overOnly(starts) },
    median: periods.map((_, index) => {
      const shares = cohorts
        .map((cohort) => cohort.periods[index])
        .filter((one) => one && one.share !== null && (report.breakdown || one.complete))
        .map((one) => one!.share!)
        .sort((a, b) => a - b);
      if (shares.length === 0) return null;
      return (shares[Math.floor((shares.length - 1) / 2)]! + shares[Math.ceil((shares.length - 1) / 2)]!) / 2;
    }),
  };
}

function matches(what: What, event: TestEvent): boolean {
  return what.events.some((one) => !('action' in one) && (one.name === undefined || one.name === event.name));
}

function fieldOf(field: RetentionReport['breakdown'], event: TestEvent): string {
  if (!field) return '';
  return String((event.properties as Record<string, unknown> | undefined)?.[(field as { name: string }).name] ?? '');
}

function frequent(events: readonly TestEvent[]): string[] {
  const counts = new Map<string, number>();
  for (const { currency } of events) if (currency) counts.set(currency, (counts.get(currency) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([currency]) => currency);
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
