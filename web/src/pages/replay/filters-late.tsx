import { IconFilterPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { FilterBuilder } from '../reports/parts/filter-builder.tsx';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import type { Filter, Period, What } from '../reports/parts/types.ts';
import { WhatEditor } from '../reports/parts/what-editor.tsx';
import { fromText, toText } from '../reports/report-url.ts';
import { conditionCount } from './filter-count.ts';

const PERIOD: Period = { last: 30, unit: 'day' };

/** When, what the visitor did, and who they are: as in reports. */
export function RecordingFilters() {
  const t = useText();
  const { get, set } = useUrlState();
  const [open, setOpen] = useState(false);
  const read = <T,>(name: string): T | undefined => (get(name) ? (fromText(get(name)) as T | undefined) : undefined);
  const put = (name: string, value: unknown) => set({ [name]: value === undefined ? null : toText(value) });
  const what = read<What>('what');
  const filter = read<Filter>('filter');
  const count = (what?.events?.length ?? 0) + conditionCount(filter);
  return (
    <>
      <PeriodBar period={read<Period>('period') ?? PERIOD} onPeriod={(period) => put('period', period)} />
      <Button icon={<IconFilterPlus size={16} />} onClick={() => setOpen(true)}>
        {count > 0 ? t('replay.filtersOn', { count }) : t('replay.filters')}
      </Button>
      {open ? (
        <SidePanel title={t('replay.filters')} sub={t('replay.filtersText')} onClose={() => setOpen(false)}>
          <Stack gap={20}>
            <Stack gap={8}>
              <h3>{t('replay.did')}</h3>
              <WhatEditor
                label={t('replay.did')}
                value={what ?? { events: [] }}
                onChange={(next) => put('what', next.events.length > 0 ? next : undefined)}
              />
            </Stack>
            <Stack gap={8}>
              <h3>{t('replay.are')}</h3>
              <FilterBuilder label={t('replay.are')} value={filter} onChange={(next) => put('filter', next)} />
            </Stack>
          </Stack>
        </SidePanel>
      ) : null}
    </>
  );
}
