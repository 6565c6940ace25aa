import { IconDeviceDesktop, IconFileText } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { formatNumber } from '../../format.ts';
import { Segments, SelectField } from '../../kit/field.tsx';
import { Picker, TYPED } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import { calls } from './calls.ts';
import { type Asked, DEVICES, MAPS } from './state.ts';

const KEPT_MS = 60_000;

/** Pages that something is known of, the most seen first. */
export function usePages() {
  const asked = useQuery({
    queryKey: ['heatmaps', 'pages'],
    queryFn: ({ signal }) => calls.pages(signal),
    staleTime: KEPT_MS,
  });
  return {
    pages: (asked.data?.items ?? []).filter(({ value }) => value !== ''),
    busy: asked.isFetching,
    isLoaded: asked.isSuccess,
    error: asked.error,
    retry: () => asked.refetch(),
  };
}

/** One bar: which page, on which devices, which map, when. */
export function Controls({
  asked,
  page,
  onChange,
}: {
  asked: Asked;
  /** The page that is shown, also where none was chosen. */
  page: string;
  onChange: (change: Partial<Asked>) => void;
}) {
  const t = useText();
  const { pages, busy } = usePages();
  const isMap = asked.view === 'map';
  return (
    <>
      <Segments
        label={t('heatmaps.view')}
        value={asked.view}
        choices={(['map', 'forms'] as const).map((view) => ({ value: view, label: t(`heatmaps.views.${view}`) }))}
        onChange={(view) => onChange({ view: view as Asked['view'] })}
      />
      <Picker
        tall
        searchable
        label={t('heatmaps.page')}
        icon={<IconFileText size={15} aria-hidden />}
        empty={page === ''}
        chosen={page ? [page] : []}
        busy={busy}
        groups={[
          ...(isMap ? [] : [{ key: 'all', items: [{ value: '*', label: t('heatmaps.allPages') }] }]),
          {
            key: 'pages',
            label: t('heatmaps.mostSeen'),
            items: pages.map(({ value, count }) => ({
              value,
              label: value,
              note: formatNumber(count, { notation: 'compact' }),
            })),
          },
        ]}
        typed={(text) => t('heatmaps.pattern', { pattern: text })}
        onPick={(picked) => {
          const path = picked.startsWith(TYPED) ? picked.slice(TYPED.length).trim() : picked;
          onChange({ page: path === '*' && !isMap ? '' : path, form: '' });
        }}
        width={340}
      >
        <bdi dir="ltr">{page || t(isMap ? 'heatmaps.choosePage' : 'heatmaps.allPages')}</bdi>
      </Picker>
      {isMap ? (
        <>
          <Picker
            tall
            label={t('heatmaps.device')}
            icon={<IconDeviceDesktop size={15} aria-hidden />}
            searchable={false}
            chosen={[asked.device]}
            groups={[
              {
                key: 'devices',
                items: DEVICES.map((device) => ({ value: device, label: t(`heatmaps.devices.${device}`) })),
              },
            ]}
            onPick={(device) => onChange({ device: device as Asked['device'] })}
          >
            {t(`heatmaps.devices.${asked.device}`)}
          </Picker>
          <SelectField
            hideLabel
            label={t('heatmaps.kind')}
            width={170}
            value={asked.map}
            choices={MAPS.map((map) => ({ value: map, label: t(`heatmaps.map.${map}`) }))}
            onChange={(map) => onChange({ map: map as Asked['map'] })}
          />
        </>
      ) : null}
      <PeriodBar period={asked.period} onPeriod={(period) => onChange({ period })} />
    </>
  );
}
