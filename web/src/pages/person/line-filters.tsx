import { useEffect, useRef, useState } from 'react';
import { ChannelIcon } from '../../kit/channel.tsx';
import { DateField, SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { useText } from '../../text.tsx';
import { CHANNELS, type TimelineEvent } from '../../wire.ts';
import styles from './line.module.css';
import { type LineFilter, PERIODS, QUIET } from './timeline-query.ts';

const WAIT_MS = 250;

/** Looks for words in the events of the line. */
export function LineSearch({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const t = useText();
  const [typed, setTyped] = useState(q);
  const [asked] = useDebouncedValue(typed.trim(), WAIT_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed changes the URL.
  useEffect(() => {
    if (asked !== q) onChange(asked);
  }, [asked]);
  useEffect(() => {
    if (q === '') setTyped('');
  }, [q]);
  return <SearchField label={t('line.search')} value={typed} onChange={setTyped} width={260} />;
}

/** One bar of filters: which event, channel, contact, when. */
export function LineFilters({
  filter,
  events,
  onChange,
}: {
  filter: LineFilter;
  events: TimelineEvent[];
  onChange: (change: Partial<Record<keyof LineFilter, string | null>>) => void;
}) {
  const t = useText();
  // The names that were seen so far stay to choose from while a filter narrows the list.
  const names = useRef(new Set<string>(QUIET));
  for (const event of events) if (event.name) names.current.add(event.name);
  if (filter.name) names.current.add(filter.name);
  const custom = filter.period === 'custom';
  return (
    <div className={styles.filters}>
      <SelectField
        hideLabel
        searchable
        label={t('line.name')}
        value={filter.name}
        choices={[
          { value: '', label: t('line.anyName') },
          ...[...names.current].sort().map((name) => ({ value: name, label: name })),
        ]}
        onChange={(name) => onChange({ name })}
        width={146}
      />
      <SelectField
        hideLabel
        label={t('details.channel')}
        value={filter.channel}
        choices={[
          { value: '', label: t('line.anyChannel') },
          ...CHANNELS.map((channel) => ({
            value: channel,
            label: t(`channel.${channel}`),
            icon: <ChannelIcon channel={channel} />,
          })),
        ]}
        onChange={(channel) => onChange({ channel })}
        width={140}
      />
      <SelectField
        hideLabel
        label={t('details.contact')}
        value={filter.contact}
        choices={[
          { value: '', label: t('line.anyContact') },
          { value: 'direct', label: t('contact.direct') },
          { value: 'indirect', label: t('contact.indirect') },
        ]}
        onChange={(contact) => onChange({ contact })}
        width={140}
      />
      <SelectField
        hideLabel
        label={t('line.period')}
        value={filter.period}
        choices={[
          { value: '', label: t('line.anyTime') },
          ...(Object.keys(PERIODS) as (keyof typeof PERIODS)[]).map((period) => ({
            value: period,
            label: t('line.lastDays', { count: PERIODS[period] }),
          })),
          { value: 'custom', label: t('line.custom') },
        ]}
        onChange={(period) => onChange({ period, ...(period === 'custom' ? {} : { from: null, to: null }) })}
        width={140}
      />
      {custom ? (
        <>
          <DateField label={t('line.from')} value={filter.from} onChange={(from) => onChange({ from })} />
          <DateField label={t('line.to')} value={filter.to} onChange={(to) => onChange({ to })} />
        </>
      ) : null}
    </div>
  );
}
