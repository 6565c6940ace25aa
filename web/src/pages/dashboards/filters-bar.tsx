import { IconCalendarPlus, IconFilter, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { useText } from '../../text.tsx';
import { zoneNames } from '../../zone.ts';
import { complete, toGroup } from '../reports/parts/filter-value.ts';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import type { Filter } from '../reports/parts/types.ts';
import styles from './dashboards.module.css';
import type { ShownDashboard } from './draft.ts';

const FilterBuilder = late(() => import('../reports/parts/filter-builder.tsx').then((part) => part.FilterBuilder));

export type Filters = ShownDashboard['filters'];

/** What holds for all tiles: a period in place of each report's own, conditions beside them, a zone. */
export function FiltersBar({ value, onChange }: { value: Filters; onChange: (filters: Filters) => void }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [draft, setDraft] = useState<Filter | undefined>(value.filter);
  const { period, filter, zone } = value;
  const count = filter ? toGroup(filter).items.length : 0;
  const show = () => {
    setDraft(filter);
    setOpen(true);
  };
  const apply = (next: Filter | undefined) => {
    setDraft(next);
    const ready = complete(next);
    if (JSON.stringify(ready) !== JSON.stringify(filter)) onChange({ ...value, filter: ready });
  };
  return (
    <>
      {period ? (
        <span className={styles.filter}>
          <PeriodBar period={period} onPeriod={(next) => onChange({ ...value, period: next })} zone={zone} />
          <IconButton
            small
            label={t('dashboards.ownPeriods')}
            onClick={() => onChange({ ...value, period: undefined })}
          >
            <IconX size={15} />
          </IconButton>
        </span>
      ) : (
        <Button
          icon={<IconCalendarPlus size={16} />}
          onClick={() => onChange({ ...value, period: { last: 30, unit: 'day' } })}
        >
          {t('dashboards.setPeriod')}
        </Button>
      )}
      <span className={styles.filter}>
        <Button icon={<IconFilter size={16} />} onClick={show}>
          {count > 0 ? t('dashboards.filters', { count }) : t('dashboards.filter')}
        </Button>
        {count > 0 ? (
          <IconButton small label={t('dashboards.noFilter')} onClick={() => apply(undefined)}>
            <IconX size={15} />
          </IconButton>
        ) : null}
      </span>
      {open ? (
        <SidePanel
          icon={<IconFilter size={20} aria-hidden />}
          title={t('dashboards.filter')}
          sub={t('dashboards.filterHint')}
          onClose={() => setOpen(false)}
        >
          <FilterBuilder label={t('dashboards.filter')} value={draft} onChange={apply} />
          <div style={{ marginBlockStart: 20 }}>
            <SelectField
              searchable
              label={t('dashboards.zone')}
              value={zone ?? ''}
              choices={[
                { value: '', label: t('dashboards.ownZone') },
                ...zoneNames().map((name) => ({ value: name, label: name.replaceAll('_', ' ') })),
              ]}
              onChange={(next) => onChange({ ...value, zone: next || undefined })}
            />
          </div>
        </SidePanel>
      ) : null}
    </>
  );
}
