import type { JourneyNode, JourneyResult } from '../../../../../src/core/query/journeys/result.ts';
import type { JourneyPart } from '../../../../../src/core/query/journeys/schema.ts';
import { formatNumber, withoutOverrides } from '../../../format.ts';
import type { Translate } from '../../../text.tsx';
import type { JourneyReport } from '../report.ts';
import type { PartWords, Picture, Saying, Summary, View } from './shape.ts';

function nodeName(node: JourneyNode, t: Translate): string {
  if (node.label !== null) return withoutOverrides(node.label) || t('query.noValue');
  if (node.kind === 'dropped') return t('reports.wentNoFurther');
  if (node.kind === 'began') return t('reports.beganHere');
  return node.other
    ? t(node.other.more ? 'reports.othersMore' : 'reports.others', { count: node.other.different })
    : t('query.otherValues');
}

/** A node's name in the picture; its id there holds the step too. */
const inPicture = (step: number, id: string) => `${step} ${id}`;
const fromPicture = (id: string): { step: number; node: string } => {
  const at = id.indexOf(' ');
  return { step: Number(id.slice(0, at)), node: id.slice(at + 1) };
};

export function journeyPictures(_: JourneyReport, result: JourneyResult, __: View, { t }: Saying): Picture[] {
  const first = result.steps[0]?.step ?? 0;
  // The same station keeps its colour from step to step.
  const slots = new Map<string, number>();
  const slotOf = (id: string) => slots.get(id) ?? slots.set(id, slots.size).size - 1;
  return [
    {
      key: 'flow',
      name: t('reports.kind.journey'),
      of: {
        kind: 'flow',
        nodes: result.steps.flatMap(({ step, nodes }) =>
          nodes.map((node) => ({
            id: inPicture(step, node.id),
            label: nodeName(node, t),
            column: step - first,
            ...(node.kind === 'other' ? { role: 'other' as const } : {}),
            ...(node.kind === 'dropped' ? { role: 'dropOff' as const } : {}),
            ...(node.label === null ? {} : { slot: slotOf(node.id) }),
          })),
        ),
        links: result.links.map(({ step, from, to, count }) => ({
          from: inPicture(step, from),
          to: inPicture(step + 1, to),
          value: count,
        })),
        unit: { kind: 'number' },
        names: { from: t('query.from'), to: t('query.to'), value: t('reports.journeys') },
      },
      part: ({ item, link }) => {
        if (link) {
          const from = fromPicture(link.from);
          return { step: from.step, from: from.node, to: fromPicture(link.to).node } satisfies JourneyPart;
        }
        return item ? (fromPicture(item) satisfies JourneyPart) : null;
      },
    },
  ];
}

/** The most frequent sequences as rows. */
export function journeySummary(_: JourneyReport, result: JourneyResult, { t }: Saying): Summary {
  const percent = (value: number) => formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
  const reached = result.reached !== null;
  return {
    first: t('reports.path'),
    columns: [t('reports.journeys'), t('reports.share'), ...(reached ? [t('reports.gotThere')] : [])],
    rows: result.paths.list.map((path, at) => ({
      key: String(at),
      name: path.stations
        .map((station) => (station === null ? t('query.otherValues') : withoutOverrides(station) || t('query.noValue')))
        .join(' → '),
      slot: null,
      cells: [
        { text: formatNumber(path.count) },
        { text: percent(path.share) },
        ...(reached ? [{ text: path.reached === null ? '–' : formatNumber(path.reached) }] : []),
      ],
    })),
  };
}

/** What the people behind a part did. */
export function journeyPart(_: JourneyReport, part: Partial<JourneyPart>, { t }: Pick<Saying, 't'>): PartWords {
  const said = (id: string) => {
    if (/^[se]:/.test(id)) return withoutOverrides(id.slice(2)) || t('query.noValue');
    if (id === 'dropped') return t('reports.wentNoFurther');
    return id === 'began' ? t('reports.beganHere') : t('query.otherValues');
  };
  const sub = t('reports.stepNumber', { number: (part.step ?? 0) + ((part.step ?? 0) >= 0 ? 1 : 0) });
  if ('node' in part && part.node !== undefined) return { title: said(part.node), sub };
  const link = part as { from?: string; to?: string };
  return { title: `${said(link.from ?? '')} → ${said(link.to ?? '')}`, sub };
}
