import { useState } from 'react';
import { formatNumber } from '../../../format.ts';
import { useDebouncedValue } from '../../../kit/hooks.ts';
import { Picker, type PickerGroup, TYPED } from '../../../kit/picker.tsx';
import { useText } from '../../../text.tsx';
import { useEvents, useFields } from './choices.ts';
import type { EventMatch } from './types.ts';
import { matchName } from './words.ts';

const WAIT_MS = 200;
/** Kinds of call that count as a whole: a page view whatever its page. */
const WHOLE_TYPES = ['page', 'screen'] as const;
type Whole = (typeof WHOLE_TYPES)[number];
const isWhole = (type: string): type is Whole => (WHOLE_TYPES as readonly string[]).includes(type);

const toValue = (match: EventMatch): string => {
  if ('action' in match) return `action ${match.action}`;
  return JSON.stringify([match.name ?? '', match.type ?? '']);
};

function fromValue(value: string): EventMatch {
  if (value.startsWith(TYPED)) return { name: value.slice(TYPED.length) };
  if (value.startsWith('action ')) return { action: Number(value.slice('action '.length)) };
  const [name, type] = JSON.parse(value) as [string, string];
  return { ...(name ? { name } : {}), ...(type ? { type: type as Whole } : {}) };
}

/** Which event is meant: one of the catalogue, an action, any event, or one that is typed and has not come yet. */
export function EventPicker({
  label,
  value,
  onChange,
  anyEvent = true,
}: {
  label: string;
  /** Nothing chosen yet where it is left out. */
  value?: EventMatch | undefined;
  onChange: (match: EventMatch) => void;
  /** Whether "any event" is a choice. */
  anyEvent?: boolean;
}) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, WAIT_MS);
  const events = useEvents(q);
  const { choices } = useFields([]);
  const wanted = typed.toLowerCase();
  const fits = (name: string) => name.toLowerCase().includes(wanted);
  const shared = new Set(events.items.map((one) => one.name).filter((name, at, all) => all.indexOf(name) !== at));
  const wholes: PickerGroup['items'] = [
    ...(anyEvent ? [{ value: toValue({}), label: t('query.anyEvent') }] : []),
    ...WHOLE_TYPES.filter((type) => events.items.some((one) => one.type === type)).map((type) => ({
      value: toValue({ type }),
      label: t(`query.type.${type}`),
    })),
  ].filter((item) => fits(item.label));
  const groups: PickerGroup[] = [
    { key: 'whole', label: t('query.whole'), items: wholes },
    {
      key: 'actions',
      label: t('query.actions'),
      items: (choices?.actions ?? [])
        .map(({ id, label: name }) => ({ value: toValue({ action: id }), label: name }))
        .filter((item) => fits(item.label)),
    },
    {
      key: 'events',
      label: t('query.events'),
      items: events.items
        // Pages without names are among all page views, which stand above.
        .filter((one) => !(one.name === one.type && isWhole(one.type)))
        .filter((one) => fits(`${one.name} ${one.description}`))
        .map((one) => ({
          value: toValue({ name: one.name, ...(shared.has(one.name) ? { type: one.type as Whole } : {}) }),
          label: matchName({ name: one.name, ...(one.name === one.type ? { type: one.type as Whole } : {}) }, t),
          note: formatNumber(one.events, { notation: 'compact' }),
          ...(one.description
            ? { hint: one.description }
            : shared.has(one.name)
              ? { hint: t(`query.type.${one.type}`) }
              : {}),
        })),
    },
  ].filter((group) => group.items.length > 0);
  return (
    <Picker
      label={label}
      groups={groups}
      chosen={value ? [toValue(value)] : []}
      empty={!value}
      busy={events.busy}
      onSearch={setTyped}
      typed={(text) => t('query.eventTyped', { name: text })}
      onPick={(picked) => onChange({ ...fromValue(picked), ...(value?.where ? { where: value.where } : {}) })}
      width={340}
    >
      {value ? <bdi>{matchName(value, t, choices)}</bdi> : t('query.chooseEvent')}
    </Picker>
  );
}
