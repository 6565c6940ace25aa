import type { TestEvent } from '../events.testing.ts';
import type { StageResult } from './journey-map.ts';
import type { JourneyMapReport } from './schema.ts';

/** The map the plain way, for touchpoints that are each one name. */
export function mapOf(report: JourneyMapReport, events: readonly TestEvent[], personOf: (origin: number) => number) {
  const sorted = events
    .map((event) => ({ ...event, who: personOf(event.person), time: Number(event.at) }))
    .sort((a, b) => a.time - b.time);
  const people = [...new Set(sorted.map((event) => event.who))].sort((a, b) => a - b);
  const nameOf = (stage: number, touchpoint: number) => {
    const match = report.stages[stage]!.touchpoints[touchpoint]!.what.events[0]!;
    return 'name' in match ? match.name! : '';
  };
  const inStage = (name: string, stage: number) =>
    report.stages[stage]?.touchpoints.some((_, i) => nameOf(stage, i) === name);
  const first = (who: number, stage: number) => sorted.find((event) => event.who === who && inStage(event.name, stage));
  const next = (who: number, stage: number) => {
    const from = first(who, stage);
    return (
      from && sorted.find((event) => event.who === who && event.time > from.time && inStage(event.name, stage + 1))
    );
  };
  const isTouchpoint = (name: string) => report.stages.some((_, stage) => inStage(name, stage));
  /** The touchpoint just before an event of the same person, if it is not too long ago. */
  const causeOf = (event: (typeof sorted)[number]) => {
    const before = sorted
      .filter((one) => one.who === event.who && one.time < event.time && isTouchpoint(one.name))
      .at(-1);
    return before && event.time - before.time <= report.attributedDays * 86_400_000 ? before.name : null;
  };
  const contacts = ['Ticket Opened', 'Chat Started', 'Call Received'];
  const scoresOf = (name: string, question: string) =>
    sorted
      .filter((event) => event.name === 'Question Answered' && causeOf(event) === name)
      .map((event) => event.properties as { score: number; kind: string })
      .filter((properties) => properties.kind.toLowerCase() === question)
      .map((properties) => properties.score);
  const mean = (scores: number[]) => ({
    answers: scores.length,
    score: scores.length === 0 ? null : scores.reduce((a, b) => a + b, 0) / scores.length,
  });
  const stages = report.stages.map((stage, index): StageResult => {
    const last = index === report.stages.length - 1;
    const waits = people.flatMap((who) => {
      const to = next(who, index);
      return to ? [to.time - first(who, index)!.time] : [];
    });
    waits.sort((a, b) => a - b);
    const middle = (waits.length - 1) / 2;
    const median = waits.length === 0 ? null : (waits[Math.floor(middle)]! + waits[Math.ceil(middle)]!) / 2000;
    return {
      name: stage.name,
      people: people.filter((who) => first(who, index)).length,
      wentOn: last ? null : waits.length,
      medianSeconds: last ? null : median,
      touchpoints: stage.touchpoints.map((touchpoint, place) => {
        const name = nameOf(index, place);
        const own = sorted.filter((event) => event.name === name);
        const nps = scoresOf(name, 'nps');
        const of = (key: (event: (typeof own)[number]) => string) =>
          [...Map.groupBy(own, key)].sort(([a], [b]) => (a < b ? -1 : 1));
        return {
          name: touchpoint.name,
          events: own.length,
          people: new Set(own.map((event) => event.who)).size,
          revenue: of((event) => event.currency ?? '')
            .filter(([currency]) => currency !== '')
            .map(([currency, list]) => ({
              currency,
              amountMinor: list.reduce((sum, event) => sum + event.revenueMinor!, 0),
            })),
          channels: of((event) => event.channel!)
            .map(([channel, list]) => ({ channel, events: list.length }))
            .sort((a, b) => b.events - a.events),
          nps: {
            answers: nps.length,
            score:
              nps.length === 0
                ? null
                : ((nps.filter((s) => s >= 9).length - nps.filter((s) => s <= 6).length) / nps.length) * 100,
          },
          csat: mean(scoresOf(name, 'csat')),
          ces: mean(scoresOf(name, 'ces')),
          contacts: sorted.filter((event) => contacts.includes(event.name) && causeOf(event) === name).length,
        };
      }),
    };
  });
  return {
    stages,
    people: (stage: number, outcome: 'wentOn' | 'stayed') =>
      people.filter((who) => first(who, stage) && (next(who, stage) !== undefined) === (outcome === 'wentOn')),
  };
}
