import { IconFilter } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import type { WebResult } from '../../../../src/core/query/visits/web.ts';
import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Chart } from '../../kit/chart/chart.tsx';
import { moveBetweenRows } from '../../kit/hooks.ts';
import { Card } from '../../kit/layout.tsx';
import { NothingHere } from '../../kit/states.tsx';
import { Tabs } from '../../kit/tabs.tsx';
import { useText } from '../../text.tsx';
import { type Chosen, type Dimension, valueWords } from './dimensions.ts';
import { FEW } from './state.ts';
import styles from './web.module.css';

interface Row {
  value: string;
  people: number;
  /** Views of a page, or the share of visits that reached the goal. */
  also: string | null;
}

export interface ListActions {
  chosen: Chosen;
  onChoose: (dimension: Dimension, value: string) => void;
  onPeople: (dimension: Dimension, value: string) => void;
  /** Shows more rows; left out where all are shown. */
  onMore?: (() => void) | undefined;
}

function rowsOf(result: WebResult, dimension: Dimension): Row[] {
  if (dimension === 'pages')
    return result.pages.map(({ path, people, views }) => ({ value: path, people, also: formatNumber(views) }));
  return result.lists[dimension].map(({ value, measures }) => ({
    value,
    people: measures.people,
    also:
      measures.conversionRate === null
        ? null
        : formatNumber(measures.conversionRate, { style: 'percent', maximumFractionDigits: 1 }),
  }));
}

/** Where visits came from, what they saw, from where and on what. */
export function Lists({ result, ...actions }: { result: WebResult } & ListActions) {
  const t = useText();
  const list = (dimension: Dimension) => ({
    name: t(`web.list.${dimension}`),
    content: <BarList dimension={dimension} rows={rowsOf(result, dimension)} {...actions} />,
  });
  const card = (title: string, tabs: { name: string; content: ReactNode }[]) => (
    <Card title={title}>
      <Tabs label={title} tabs={tabs} />
    </Card>
  );
  return (
    <div className={styles.cards}>
      {card(t('web.card.sources'), [list('channels'), list('referrers'), list('campaigns'), list('sources')])}
      {card(t('web.card.pages'), [list('pages'), list('entryPages'), list('exitPages')])}
      {card(t('web.card.places'), [
        { name: t('web.map'), content: <CountryMap result={result} {...actions} /> },
        list('countries'),
      ])}
      {card(t('web.card.devices'), [list('devices'), list('browsers'), list('systems')])}
    </div>
  );
}

/** The values with the most people, each as a bar: its name narrows the page to it, its number leads to the people. */
function BarList({
  dimension,
  rows,
  chosen,
  onChoose,
  onPeople,
  onMore,
}: { dimension: Dimension; rows: Row[] } & ListActions) {
  const t = useText();
  const most = Math.max(1, ...rows.map((row) => row.people));
  const name = t(`web.list.${dimension}`);
  if (rows.length === 0) return <NothingHere title={t('web.listEmpty')} text={t('web.listEmptyText')} />;
  const also = rows.some((row) => row.also !== null);
  return (
    <div className={styles.list}>
      <div className={styles.listHead} aria-hidden>
        <span>{t(`web.one.${dimension}`)}</span>
        <span>{t('web.measure.people')}</span>
        {also ? <span>{t(dimension === 'pages' ? 'web.measure.views' : 'web.measure.conversionRate')}</span> : null}
      </div>
      <ol aria-label={name} onKeyDown={moveBetweenRows}>
        {rows.map((row) => {
          const words = valueWords(dimension, row.value);
          const pressed = chosen[dimension]?.includes(row.value) ?? false;
          return (
            <li key={row.value} className={styles.row} data-also={also || undefined}>
              <span className={styles.fill} style={{ inlineSize: `${(row.people / most) * 100}%` }} aria-hidden />
              <button
                type="button"
                className={styles.value}
                aria-pressed={pressed}
                aria-label={t('web.only', { value: words })}
                data-row
                title={words}
                onClick={() => onChoose(dimension, row.value)}
              >
                {pressed ? <IconFilter size={14} aria-hidden /> : null}
                <bdi>{words}</bdi>
              </button>
              <button
                type="button"
                className={styles.count}
                aria-label={t('web.peopleOf', { count: row.people, number: formatNumber(row.people), value: words })}
                onClick={() => onPeople(dimension, row.value)}
              >
                {formatNumber(row.people)}
              </button>
              {also ? <span className={styles.also}>{row.also ?? '–'}</span> : null}
            </li>
          );
        })}
      </ol>
      {onMore && rows.length >= FEW ? (
        <div>
          <Button small look="quiet" onClick={onMore}>
            {t('web.more')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function CountryMap({ result, onChoose }: { result: WebResult } & ListActions) {
  const t = useText();
  const of = useMemo(
    (): ChartSpec => ({
      kind: 'map',
      countries: result.lists.countries.map(({ value, measures }) => ({
        code: value.toUpperCase(),
        label: valueWords('countries', value),
        value: measures.people,
      })),
      unit: { kind: 'number' },
      names: { country: t('web.one.countries'), value: t('web.measure.people') },
    }),
    [result, t],
  );
  return (
    <Chart
      of={of}
      label={t('web.list.countries')}
      height={300}
      empty={<NothingHere title={t('web.listEmpty')} text={t('web.listEmptyText')} />}
      onSelect={({ item }) => {
        const found = result.lists.countries.find(({ value }) => value.toUpperCase() === item);
        if (found) onChoose('countries', found.value);
      }}
    />
  );
}
