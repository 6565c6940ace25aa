import type { TestEvent } from '../events.testing.ts';
import type { VisitMeasures } from './visit-rows.ts';

export interface Visit {
  person: number;
  start: number;
  events: TestEvent[];
}

/** The visits among some events, the plain way: those of one person with the same start. */
export function visitsOf(events: readonly TestEvent[], personOf: (origin: number) => number): Visit[] {
  const visits = new Map<string, Visit>();
  for (const event of events) {
    if (event.session === undefined) continue;
    const start = Date.parse(String(event.session));
    const person = personOf(event.person);
    const key = `${person} ${start}`;
    const visit = visits.get(key) ?? { person, start, events: [] };
    visit.events.push(event);
    visits.set(key, visit);
  }
  return [...visits.values()];
}

export function measured(visits: readonly Visit[], goal: ((event: TestEvent) => boolean) | null): VisitMeasures {
  const views = (visit: Visit) => visit.events.filter((event) => event.type === 'page').length;
  const seconds = (visit: Visit) => {
    const times = visit.events.map((event) => Number(event.at));
    return (Math.max(...times) - Math.min(...times)) / 1000;
  };
  const bounced = (visit: Visit) => visit.events.length === 1 || (views(visit) <= 1 && seconds(visit) < 10);
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const share = (count: number) => (visits.length === 0 ? null : count / visits.length);
  const sorted = visits.map(seconds).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const reached = goal ? visits.filter((visit) => visit.events.some(goal)).length : null;
  return {
    people: new Set(visits.map((visit) => visit.person)).size,
    sessions: visits.length,
    views: sum(visits.map(views)),
    bounceRate: share(visits.filter(bounced).length),
    averageSeconds: share(sum(sorted)),
    medianSeconds: sorted.length === 0 ? null : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    viewsPerSession: share(sum(visits.map(views))),
    reached,
    conversionRate: reached === null ? null : share(reached),
  };
}
