import { IconPlus } from '@tabler/icons-react';
import { formatNumber } from '../../../format.ts';
import { Picker, type PickerGroup, TYPED } from '../../../kit/picker.tsx';
import { useText } from '../../../text.tsx';
import { typeOf, useFields, useNames } from './choices.ts';
import { EVENT_FIELDS, type Field, keyOfField, SESSION_FIELDS, type ValueType } from './types.ts';
import { fieldName } from './words.ts';

type Of = Field['of'];
const ALL: readonly Of[] = ['property', 'trait', 'event', 'session', 'account', 'audience'];

/**
 * A field of the events that the editor is about, or of whom they belong to. `types` narrows it to what can be computed
 * with; a property that was not seen yet can be typed.
 */
export function FieldPicker({
  label,
  value,
  onChange,
  of = ALL,
  types,
  empty,
  quiet,
}: {
  label: string;
  value?: Field | undefined;
  onChange: (field: Field, type: ValueType) => void;
  of?: readonly Of[];
  types?: readonly ValueType[];
  /** What the button says while nothing is chosen. */
  empty: string;
  quiet?: boolean;
}) {
  const t = useText();
  const names = useNames();
  const { choices, busy } = useFields(names);
  const suits = (field: Field) => !types || types.includes(typeOf(field, choices));
  const item = (field: Field, note?: string) => ({
    value: JSON.stringify(field),
    label: fieldName(field, t, choices),
    ...(note ? { note } : {}),
  });
  const counted = (count: number) => formatNumber(count, { notation: 'compact' });
  const hidesUser = choices?.personal === false;
  const fields: Record<Of, { field: Field; note?: string }[]> = {
    property: (choices?.properties ?? []).map(({ name, count }) => ({
      field: { of: 'property', name },
      note: counted(count),
    })),
    trait: (choices?.traits ?? []).map(({ name, count }) => ({
      field: { of: 'trait', name, as: 'now' },
      note: counted(count),
    })),
    event: (Object.keys(EVENT_FIELDS) as (keyof typeof EVENT_FIELDS)[])
      .filter((name) => !(hidesUser && name === 'user_id'))
      .map((name) => ({ field: { of: 'event', name } })),
    session: (Object.keys(SESSION_FIELDS) as (keyof typeof SESSION_FIELDS)[]).map((name) => ({
      field: { of: 'session', name },
    })),
    account: (choices?.accountTraits ?? []).map(({ name, count }) => ({
      field: { of: 'account', name },
      note: counted(count),
    })),
    audience: (choices?.audiences ?? []).map(({ id }) => ({ field: { of: 'audience', id } })),
  };
  const groups: PickerGroup[] = of
    .map((one) => ({
      key: one,
      label: t(`query.of.${one}`),
      items: fields[one].filter(({ field }) => suits(field)).map(({ field, note }) => item(field, note)),
    }))
    .filter((group) => group.items.length > 0);
  const chosen = value && JSON.stringify(value.of === 'trait' ? { ...value, as: 'now' } : value);
  return (
    <Picker
      label={label}
      groups={groups}
      chosen={chosen ? [chosen] : []}
      empty={!value}
      quiet={quiet ?? false}
      {...(quiet ? { icon: <IconPlus size={15} aria-hidden /> } : {})}
      busy={busy}
      searchable
      {...(of.includes('property') ? { typed: (text: string) => t('query.propertyTyped', { name: text }) } : {})}
      onPick={(picked) => {
        const field: Field = picked.startsWith(TYPED)
          ? { of: 'property', name: picked.slice(TYPED.length) }
          : (JSON.parse(picked) as Field);
        onChange(field, typeOf(field, choices));
      }}
      width={320}
    >
      {value ? <bdi key={keyOfField(value)}>{fieldName(value, t, choices)}</bdi> : empty}
    </Picker>
  );
}
