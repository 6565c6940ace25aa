import { IconCursorText } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { formatNumber, formatRelative } from '../../format.ts';
import { CopyButton, LinkButton } from '../../kit/button.tsx';
import { SelectField, Switch } from '../../kit/field.tsx';
import { useNow } from '../../kit/hooks.ts';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, reasonOf, Skeleton } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { Exactness } from '../reports/exactness.tsx';
import { AboutEvents } from '../reports/parts/choices.ts';
import { FilterBuilder } from '../reports/parts/filter-builder.tsx';
import { PeoplePanel } from '../reports/parts/people-panel.tsx';
import { fromText, toText } from '../reports/report-url.ts';
import { useAnswerTo } from '../reports/use-answer.ts';
import { calls, type FormsPart, type HeatmapPart, type HeatmapResult } from './calls.ts';
import { Controls, usePages } from './controls.tsx';
import { Forms } from './forms.tsx';
import styles from './heatmaps.module.css';
import { MapTable } from './lists.tsx';
import { PageMap } from './page-map.tsx';
import { type Asked, COMPARISONS, formsOf, heatmapOf, otherOf, useHeatmapState } from './state.ts';

const ABOUT = ['Page Interacted'];

/** Where visitors click, scroll and look on each page, drawn on the page as it looked; and how they fill in forms. */
export function HeatmapsPage() {
  const t = useText();
  const { url, asked: said, change } = useHeatmapState();
  const { pages, isLoaded, error, retry } = usePages();
  const isMap = said.view === 'map';
  const asked = useMemo(
    () => ({ ...said, page: said.page || (said.view === 'map' ? (pages[0]?.value ?? '') : '') }),
    [said, pages],
  );
  const people = url.get('people');
  const part = useMemo(() => (people ? (fromText(people) as HeatmapPart | FormsPart | null) : null), [people]);
  const show = (of: HeatmapPart | FormsPart) => url.set({ people: toText(of) }, true);
  const report = isMap ? heatmapOf(asked) : formsOf(asked);
  return (
    <Page
      title={t('heatmaps.title')}
      purpose={t('heatmaps.purpose')}
      action={<CopyButton value={location.href} text={t('heatmaps.copyLink')} label={t('heatmaps.copyLink')} />}
      filters={<Controls asked={asked} page={asked.page} onChange={change} />}
    >
      <AboutEvents value={ABOUT}>
        <Stack gap={14}>
          <Filters asked={asked} onChange={change} />
          {error ? (
            <Refusal title={t('heatmaps.failed')} error={error} onRetry={retry} />
          ) : !isMap ? (
            <Forms report={formsOf(asked)} onForm={(form) => change({ form })} onPart={show} />
          ) : asked.page ? (
            <Maps asked={asked} onPart={show} />
          ) : isLoaded ? (
            <NoPages />
          ) : (
            <MapSkeleton />
          )}
        </Stack>
      </AboutEvents>
      {typeof part === 'object' && part !== null && (!isMap || asked.page) ? (
        <PeoplePanel
          report={report}
          part={part}
          title={t('heatmaps.behind')}
          sub={<bdi>{wordsOf(part)}</bdi>}
          onClose={() => url.set({ people: null })}
        />
      ) : null}
    </Page>
  );
}

/** What of the page people are behind, as it is named there. */
function wordsOf(part: HeatmapPart | FormsPart): string {
  if ('element' in part) return part.element;
  if ('form' in part) return [part.form, part.field].filter(Boolean).join(' · ');
  return 'reached' in part ? formatNumber(part.reached / 100, { style: 'percent' }) : '';
}

/** Before anything was measured: what this is for, and where it is switched on. */
function NoPages() {
  const t = useText();
  const may = useMay('replay.write');
  return (
    <Card>
      <NothingHere
        icon={<IconCursorText size={22} aria-hidden />}
        title={t('heatmaps.empty')}
        text={t('heatmaps.emptyText')}
        action={
          may ? (
            <LinkButton look="main" to="/replay?settings=1">
              {t('heatmaps.switchOn')}
            </LinkButton>
          ) : undefined
        }
      />
    </Card>
  );
}

function MapSkeleton() {
  return (
    <Loading>
      <Stack gap={12}>
        <Skeleton height={36} />
        <Skeleton height={480} />
      </Stack>
    </Loading>
  );
}

function Filters({ asked, onChange }: { asked: Asked; onChange: (change: Partial<Asked>) => void }) {
  const t = useText();
  return (
    <Card>
      <div className={styles.filters}>
        <div>
          <h2>{t('heatmaps.who')}</h2>
          <FilterBuilder label={t('heatmaps.who')} value={asked.filter} onChange={(filter) => onChange({ filter })} />
        </div>
        {asked.view === 'map' ? (
          <div>
            <SelectField
              label={t('heatmaps.compare')}
              value={asked.compare}
              width={220}
              choices={COMPARISONS.map((one) => ({ value: one, label: t(`heatmaps.comparison.${one}`) }))}
              onChange={(compare) => onChange({ compare: compare as Asked['compare'] })}
            />
            {asked.compare === 'filter' ? (
              <FilterBuilder
                label={t('heatmaps.whoElse')}
                value={asked.other}
                onChange={(other) => onChange({ other })}
              />
            ) : null}
          </div>
        ) : null}
      </div>
    </Card>
  );
}

function Maps({ asked, onPart }: { asked: Asked; onPart: (part: HeatmapPart) => void }) {
  const t = useText();
  const now = useNow();
  const [outlined, setOutlined] = useState(true);
  const own = useAnswerTo(heatmapOf(asked), () => true);
  const second = otherOf(asked, own.answer?.meta);
  const compared = useAnswerTo(second ?? heatmapOf(asked), () => second !== null);
  const found = useQuery({
    queryKey: ['heatmaps', 'picture', asked.page, asked.device],
    queryFn: ({ signal }) => calls.picture(asked.page, asked.device, signal),
    staleTime: 300_000,
    retry: false,
  });
  const result = own.answer?.result as HeatmapResult | undefined;
  const other = second ? ((compared.answer?.result as HeatmapResult | undefined) ?? null) : null;
  const failed = own.error ?? (second ? compared.error : null);
  if (failed && !own.running && !compared.running)
    return (
      <Refusal
        title={t('heatmaps.failed')}
        error={failed}
        onRetry={() => {
          own.refresh();
          if (second) compared.refresh();
        }}
      />
    );
  if (!result) return <MapSkeleton />;
  if (result.views === 0 && !(other && other.views > 0))
    return (
      <Card>
        <NothingHere title={t('heatmaps.noViews')} text={t('heatmaps.noViewsText')} />
      </Card>
    );
  const picture = found.data?.picture ?? null;
  const one = (of: HeatmapResult, title: string | null) => (
    <Card {...(title ? { title } : {})}>
      <p className={styles.note}>
        {t('heatmaps.counted', { views: formatNumber(of.views), people: formatNumber(of.people) })}
      </p>
      <PageMap
        result={of}
        map={asked.map}
        picture={picture}
        pageHeight={Math.max(result.pageHeight, other?.pageHeight ?? 0)}
        outlined={outlined}
        label={
          title ? `${t('heatmaps.mapOf', { page: asked.page })}: ${title}` : t('heatmaps.mapOf', { page: asked.page })
        }
        onPart={onPart}
      />
    </Card>
  );
  return (
    <div className={styles.results} data-outdated={own.outdated || undefined} aria-busy={own.outdated}>
      {own.answer!.meta.warnings.map((warning) => (
        <p key={warning} className={styles.note} role="status">
          {warning}
        </p>
      ))}
      <div className={styles.about}>
        <p className={styles.note}>
          {found.isPending
            ? t('heatmaps.pictureWaits')
            : picture
              ? t('heatmaps.pictureOf', { when: formatRelative(picture.at, now) })
              : found.error
                ? reasonOf(found.error, t)
                : t(`heatmaps.noPicture.${found.data?.reason ?? 'none'}`)}
        </p>
        {asked.map === 'clicks' || asked.map === 'rage' || asked.map === 'dead' ? (
          <Switch label={t('heatmaps.outlines')} checked={outlined} onChange={setOutlined} />
        ) : null}
      </div>
      <div className={styles.side} data-compared={second ? true : undefined}>
        {one(result, second ? t('heatmaps.first') : null)}
        {second ? (
          other ? (
            one(other, t(`heatmaps.other.${asked.compare === 'filter' ? 'filter' : 'previous'}`))
          ) : (
            <MapSkeleton />
          )
        ) : null}
        <div className={styles.table}>
          <MapTable result={result} other={other} map={asked.map} onPart={onPart} />
        </div>
      </div>
      <Exactness meta={own.answer!.meta} />
    </div>
  );
}
