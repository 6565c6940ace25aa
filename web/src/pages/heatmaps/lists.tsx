import { formatNumber } from '../../format.ts';
import { Card } from '../../kit/layout.tsx';
import { NothingHere } from '../../kit/states.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { type Translate, useText } from '../../text.tsx';
import type { HeatmapPart, HeatmapResult } from './calls.ts';
import styles from './heatmaps.module.css';
import type { Asked } from './state.ts';

const share = (value: number) => formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
type Element = HeatmapResult['elements'][number];

/** The map in numbers: what screen readers and the keyboard have of it. */
export function MapTable(props: {
  result: HeatmapResult;
  other: HeatmapResult | null;
  map: Asked['map'];
  onPart: (part: HeatmapPart) => void;
}) {
  const { map } = props;
  if (map === 'scroll') return <Scrolled {...props} />;
  if (map === 'attention') return <Attention {...props} />;
  return map === 'moves' ? null : <Elements {...props} />;
}

function differenceColumn<T>(t: Translate, shares: (row: T) => [number, number]): Column<T>[] {
  return [
    { name: t('heatmaps.second'), number: true, cell: (row) => share(shares(row)[1]) },
    {
      name: t('heatmaps.difference'),
      number: true,
      cell: (row) => {
        const [own, other] = shares(row);
        const points = formatNumber(100 * (other - own), { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
        return <span className={styles.points}>{t('heatmaps.points', { points })}</span>;
      },
    },
  ];
}

function Elements({
  result,
  other,
  onPart,
}: {
  result: HeatmapResult;
  other: HeatmapResult | null;
  onPart: (part: HeatmapPart) => void;
}) {
  const t = useText();
  const others = new Map(other?.elements.map((one) => [one.selector, one]));
  const own = new Set(result.elements.map((one) => one.selector));
  const rows: Element[] = [
    ...result.elements,
    // What is clicked in the second alone.
    ...(other?.elements ?? [])
      .filter((one) => !own.has(one.selector))
      .map((one) => ({ ...one, clicks: 0, rage: 0, dead: 0, people: 0, share: 0 })),
  ];
  const columns: Column<Element>[] = [
    {
      name: t('heatmaps.element'),
      long: true,
      cell: (row) => (
        <button
          type="button"
          className={styles.element}
          data-row
          disabled={row.clicks === 0}
          onClick={() => onPart({ element: row.selector })}
        >
          <bdi>{row.label || row.selector}</bdi>
          <code dir="ltr">{row.selector}</code>
          {row.rage + row.dead > 0 ? (
            <small>
              {(['rage', 'dead'] as const)
                .filter((kind) => row[kind] > 0)
                .map((kind) => `${t(`heatmaps.map.${kind}`)}: ${formatNumber(row[kind])}`)
                .join(' · ')}
            </small>
          ) : null}
        </button>
      ),
    },
    { name: t('heatmaps.clicks'), number: true, cell: (row) => formatNumber(row.clicks) },
    { name: t('heatmaps.people'), number: true, cell: (row) => formatNumber(row.people) },
    { name: t('heatmaps.share'), number: true, cell: (row) => share(row.share) },
    ...(other ? differenceColumn<Element>(t, (row) => [row.share, others.get(row.selector)?.share ?? 0]) : []),
  ];
  return (
    <Card title={t('heatmaps.elements')} hint={t('heatmaps.elementsHint')} flush>
      {rows.length === 0 ? (
        <NothingHere title={t('heatmaps.noClicks')} text={t('heatmaps.noClicksText')} />
      ) : (
        <div className={styles.list}>
          <Table label={t('heatmaps.elements')} columns={columns} rows={rows} keyOf={(row) => row.selector} clickable />
        </div>
      )}
    </Card>
  );
}

type Depth = HeatmapResult['scroll'][number];

function Scrolled({
  result,
  other,
  onPart,
}: {
  result: HeatmapResult;
  other: HeatmapResult | null;
  onPart: (part: HeatmapPart) => void;
}) {
  const t = useText();
  const columns: Column<Depth>[] = [
    {
      name: t('heatmaps.depth'),
      cell: ({ depth }) => (
        <button type="button" className={styles.element} data-row onClick={() => onPart({ reached: depth })}>
          {share(depth / 100)}
        </button>
      ),
    },
    { name: t('heatmaps.viewCount'), number: true, cell: (row) => formatNumber(Math.round(row.share * result.views)) },
    { name: t('heatmaps.share'), number: true, cell: (row) => share(row.share) },
    ...(other
      ? differenceColumn<Depth>(t, (row) => [
          row.share,
          other.scroll.find((one) => one.depth === row.depth)?.share ?? 0,
        ])
      : []),
  ];
  const rows = result.scroll.filter(({ depth }) => depth > 0 && depth % 10 === 0);
  return (
    <Card title={t('heatmaps.scrolled')} hint={t('heatmaps.scrolledHint')} flush>
      <div className={styles.list}>
        <Table
          label={t('heatmaps.scrolled')}
          columns={columns}
          rows={rows}
          keyOf={(row) => String(row.depth)}
          clickable
        />
      </div>
    </Card>
  );
}

type Band = HeatmapResult['attention'][number] & { at: number };

function Attention({ result, other }: { result: HeatmapResult; other: HeatmapResult | null }) {
  const t = useText();
  const columns: Column<Band>[] = [
    { name: t('heatmaps.part'), cell: ({ at }) => `${share(at / 10)} – ${share((at + 1) / 10)}` },
    {
      name: t('heatmaps.looked'),
      number: true,
      cell: ({ seconds }) => t('heatmaps.seconds', { seconds: formatNumber(seconds, { maximumFractionDigits: 1 }) }),
    },
    { name: t('heatmaps.share'), number: true, cell: (row) => share(row.share) },
    ...(other ? differenceColumn<Band>(t, (row) => [row.share, other.attention[row.at]?.share ?? 0]) : []),
  ];
  const rows = result.attention.map((band, at) => ({ ...band, at }));
  return (
    <Card title={t('heatmaps.attention')} hint={t('heatmaps.attentionHint')} flush>
      <div className={styles.list}>
        <Table label={t('heatmaps.attention')} columns={columns} rows={rows} keyOf={(row) => String(row.at)} />
      </div>
    </Card>
  );
}
