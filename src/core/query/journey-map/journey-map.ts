import { refuse } from '../../../kernel/refusal.ts';
import type { ReportKind } from '../kind.ts';
import type { What } from '../matching.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { JourneyMapPart, type JourneyMapReport } from './schema.ts';
import { answerCode, type MapCounts, type MapOptions, QUESTIONS } from './walk.ts';

export interface Score {
  answers: number;
  /** Of NPS from −100 to 100; of CSAT and CES the mean. Null without answers. */
  score: number | null;
}

export interface TouchpointResult {
  name: string;
  events: number;
  people: number;
  /** In minor units, by currency. */
  revenue: { currency: string; amountMinor: number }[];
  channels: { channel: string; events: number }[];
  nps: Score;
  csat: Score;
  ces: Score;
  /** Contacts that followed it: the effort that it cost customers. */
  contacts: number;
}

export interface StageResult {
  name: string;
  people: number;
  /** Who reached the next stage after their first touch of this one, and in what time; null for the last stage. */
  wentOn: number | null;
  medianSeconds: number | null;
  touchpoints: TouchpointResult[];
}

export interface JourneyMapResult {
  stages: StageResult[];
}

/** The map of the customers' journey: what happens at each stage, how long it takes, and how customers find it. */
export const journeyMap: ReportKind<JourneyMapReport, JourneyMapResult> = {
  kind: 'journeyMap',
  part: JourneyMapPart,
  async run(query, report) {
    await warnOfUnknown(
      query,
      touchpointsOf(report).map((one) => one.what),
    );
    const [counts, volumes] = await Promise.all([walked(query, report), volumesOf(query, report)]);
    let at = 0;
    const stages = report.stages.map((stage, index): StageResult => {
      const last = index === report.stages.length - 1;
      const { people, wentOn, medianMs } = counts.stages[index]!;
      return {
        name: stage.name,
        people,
        wentOn: last ? null : wentOn,
        medianSeconds: last || medianMs === null ? null : medianMs / 1000,
        touchpoints: stage.touchpoints.map(({ name }) => {
          const place = at++;
          const { answers, contacts } = counts.touchpoints[place]!;
          const [nps, csat, ces] = answers as [Answers, Answers, Answers];
          return { name, ...volumes[place]!, nps: npsOf(nps), csat: meanOf(csat), ces: meanOf(ces), contacts };
        }),
      };
    });
    return { stages };
  },

  async people(query, report, part: JourneyMapPart, { after, limit }) {
    const stage = report.stages[part.stage];
    if (!stage) throw refuse.invalid(`There is no stage ${part.stage}; stages are counted from 0.`);
    if (part.touchpoint !== undefined && !stage.touchpoints[part.touchpoint])
      throw refuse.invalid(`The stage "${stage.name}" has no touchpoint ${part.touchpoint}.`);
    const before = report.stages.slice(0, part.stage).reduce((sum, one) => sum + one.touchpoints.length, 0);
    const touchpoint = part.touchpoint === undefined ? null : before + part.touchpoint;
    const collect = { stage: part.stage, touchpoint, outcome: part.outcome ?? null, after, limit };
    return (await walked(query, report, collect)).collected;
  },
};

type Answers = MapCounts['touchpoints'][number]['answers'][number];

const npsOf = ({ count, promoters, detractors }: Answers): Score => ({
  answers: count,
  score: count === 0 ? null : ((promoters - detractors) / count) * 100,
});
const meanOf = ({ count, sum }: Answers): Score => ({ answers: count, score: count === 0 ? null : sum / count });

const touchpointsOf = (report: JourneyMapReport) => report.stages.flatMap((stage) => stage.touchpoints);

/** SQL of the place of the touchpoint that an event fits first; -1 where it fits none. */
function placeSql(scope: Scope, report: JourneyMapReport): string {
  const cases = touchpointsOf(report).map(({ what }, index) => `${scope.what(what)}, ${index}`);
  return `multiIf(${cases.join(', ')}, -1)`;
}

function walked(query: Query, report: JourneyMapReport, collect?: MapOptions['collect']): Promise<MapCounts> {
  const scope = query.scope(report);
  const touchpoints = touchpointsOf(report);
  const { answers, contacts } = report;
  const place = placeSql(scope, report);
  const [isAnswer, isContact] = [scope.what(answers.what), scope.what(contacts)];
  const answer = answerCode(touchpoints.length);
  const whats: What[] = [...touchpoints.map((one) => one.what), answers.what, contacts];
  const stageOf = report.stages.flatMap((stage, index) => stage.touchpoints.map(() => index));
  const question = scope.field(answers.question).text;
  return query.walk<MapCounts>(
    'journey map',
    'journeyMap',
    {
      scope,
      span: query.span(report.period),
      code: `if(${isAnswer}, ${answer}, 2 * if(${place} < 0, ${touchpoints.length}, ${place}) + if(${isContact}, 1, 0))`,
      codes: answer + 1,
      where: [scope.names(whats) ?? undefined, `(${isAnswer} OR ${isContact} OR ${place} >= 0)`],
      extras: {
        score: scope.field(answers.score).number,
        question: `toFloat64(indexOf([${QUESTIONS.map((one) => `'${one}'`).join(', ')}], lower(${question}))) - 1`,
      },
    },
    {
      stageOf,
      stages: report.stages.length,
      attributed: report.attributedDays * 86_400_000,
      ...(collect ? { collect } : {}),
    } satisfies MapOptions,
  );
}

type Volume = Pick<TouchpointResult, 'events' | 'people' | 'revenue' | 'channels'>;

async function volumesOf(query: Query, report: JourneyMapReport): Promise<Volume[]> {
  const scope = query.scope(report);
  const touchpoints = touchpointsOf(report);
  const place = placeSql(scope, report);
  const where = scope.where(query.span(report.period), scope.names(touchpoints.map((one) => one.what)) ?? undefined);
  const rows = await query.rows<{
    place: number;
    events: string;
    people: string;
    revenue: Record<string, string>;
    channels: Record<string, string>;
  }>(
    'volumes',
    scope.statement(`SELECT toInt32(${place}) AS place, count() AS events, uniqExact(${scope.person}) AS people,
  sumMapIf(map(toString(e.currency), e.revenue_minor), e.currency != '') AS revenue,
  sumMap(map(toString(e.channel), 1)) AS channels
${scope.from()}\n${where}\nGROUP BY place HAVING place >= 0`),
  );
  const known = new Map(rows.map((row) => [Number(row.place), row]));
  return touchpoints.map((_, index) => {
    const row = known.get(index);
    const pairs = (map: Record<string, string> | undefined) =>
      Object.entries(map ?? {}).map(([key, value]) => [key, Number(value)] as const);
    return {
      events: Number(row?.events ?? 0),
      people: Number(row?.people ?? 0),
      revenue: pairs(row?.revenue).map(([currency, amountMinor]) => ({ currency, amountMinor })),
      channels: pairs(row?.channels)
        .map(([channel, events]) => ({ channel, events }))
        .sort((a, b) => b.events - a.events),
    };
  });
}
