import type { ReactNode } from 'react';
import { SelectField } from '../../kit/field.tsx';
import { Picker } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { NumberEntry } from '../reports/editors/number-entry.tsx';
import { AboutEvents, useFields } from '../reports/parts/choices.ts';
import { FieldPicker } from '../reports/parts/field-picker.tsx';
import { type Field, namesOf, type What } from '../reports/parts/types.ts';
import { WhatEditor } from '../reports/parts/what-editor.tsx';
import styles from './audiences.module.css';
import { fromGroup, type Group, kindOf, type Leaf, newLeaf, toGroup } from './draft.ts';
import { TraitRow } from './trait-row.tsx';
import { WhenEntry } from './when-entry.tsx';

type Of<K extends Leaf['is']> = Extract<Leaf, { is: K }>;
export interface LeafProps<L extends Leaf> {
  /** `Condition 2`: begins the names of its fields for screen readers. */
  label: string;
  leaf: L;
  onChange: (leaf: Leaf) => void;
}

const VALUE_LIMIT = 999_999_999;
const WITHIN_LIMIT = 10_000;
const UNITS = ['second', 'minute', 'hour', 'day', 'week'] as const;

/** One condition, as a sentence with gaps. */
export function LeafEditor(
  props: LeafProps<Leaf> & {
    ofAccount: boolean;
    self?: number | undefined;
    /** Draws the conditions on an account: groups hold conditions, and this one holds a group. */
    account: (group: Group, onChange: (group: Group) => void) => ReactNode;
  },
) {
  const t = useText();
  const { leaf, label, onChange } = props;
  switch (leaf.is) {
    case 'did':
      return <DidEditor label={label} leaf={leaf} onChange={onChange} />;
    case 'first':
    case 'last':
      return (
        <>
          <Words>{t(`audiences.says.${leaf.is}`)}</Words>
          <WhatEditor label={label} value={leaf.what} onChange={(what) => onChange({ ...leaf, what })} />
          <WhenEntry
            label={label}
            value={leaf.when}
            onChange={(when) => onChange(when ? { ...leaf, when } : leaf)}
            always
          />
        </>
      );
    case 'sequence':
      return <SequenceEditor label={label} leaf={leaf} onChange={onChange} />;
    case 'trait':
      return <TraitRow label={label} leaf={leaf} onChange={onChange} ofAccount={props.ofAccount} />;
    case 'account':
      return (
        <>
          <Words>{t('audiences.says.account')}</Words>
          {props.account(toGroup(leaf.who), (group) => onChange({ ...leaf, who: fromGroup(group) }))}
        </>
      );
    case 'audience':
      return <AudienceChoice label={label} leaf={leaf} onChange={onChange} self={props.self} />;
    case 'known':
      return <Words>{t('audiences.says.known')}</Words>;
  }
}

const Words = ({ children }: { children: string }) => <span className={styles.words}>{children}</span>;

type Count = Of<'did'>['count'];

function DidEditor({ label, leaf, onChange }: LeafProps<Of<'did'>>) {
  const t = useText();
  const didNot = kindOf(leaf) === 'didNot';
  const set = (change: Partial<Of<'did'>>) => onChange({ ...leaf, ...change });
  const countBy = (of: Count['of']): Count => {
    if (of === 'times' || of === 'days') return { of };
    return { of, field: 'field' in leaf.count ? leaf.count.field : { of: 'event', name: 'revenue' } };
  };
  return (
    <>
      <div className={styles.said}>
        <SelectField
          hideLabel
          label={`${label}: ${t('audiences.didLabel')}`}
          width={150}
          value={didNot ? 'didNot' : 'did'}
          choices={[
            { value: 'did', label: t('audiences.says.did') },
            { value: 'didNot', label: t('audiences.says.didNot') },
          ]}
          onChange={(picked) => {
            const { what: _what, when: _when, ...rest } = newLeaf(picked as 'did' | 'didNot') as Of<'did'>;
            onChange({ ...leaf, ...rest });
          }}
        />
        <div className={styles.event}>
          <WhatEditor label={label} value={leaf.what} onChange={(what) => set({ what })} />
        </div>
      </div>
      {didNot ? null : (
        <div className={styles.line}>
          <SelectField
            hideLabel
            label={`${label}: ${t('audiences.compareLabel')}`}
            width={120}
            value={leaf.compare}
            choices={(['atLeast', 'atMost', 'exactly'] as const).map((one) => ({
              value: one,
              label: t(`audiences.compare.${one}`),
            }))}
            onChange={(compare) => set({ compare: compare as Of<'did'>['compare'] })}
          />
          <NumberEntry
            label={`${label}: ${t('audiences.number')}`}
            value={leaf.value}
            min={0}
            max={VALUE_LIMIT}
            onChange={(value) => set({ value })}
          />
          <SelectField
            hideLabel
            label={`${label}: ${t('audiences.countLabel')}`}
            width={190}
            value={leaf.count.of}
            choices={(['times', 'days', 'sum', 'average'] as const).map((one) => ({
              value: one,
              label: t(`audiences.count.${one}`),
            }))}
            onChange={(of) => set({ count: countBy(of as Count['of']) })}
          />
          {'field' in leaf.count ? (
            <SummedField label={label} what={leaf.what} count={leaf.count} onChange={(count) => set({ count })} />
          ) : null}
        </div>
      )}
      <WhenEntry label={label} value={leaf.when} onChange={(when) => onChange(withWhen(leaf, when))} />
    </>
  );
}

/** A condition with another time, or with none. */
function withWhen<L extends Of<'did'> | Of<'sequence'>>(leaf: L, when: L['when']): L {
  const { when: _, ...rest } = leaf;
  return (when ? { ...rest, when } : rest) as L;
}

function SummedField({
  label,
  what,
  count,
  onChange,
}: {
  label: string;
  what: What;
  count: Extract<Count, { field: Field }>;
  onChange: (count: Count) => void;
}) {
  const t = useText();
  return (
    <AboutEvents value={namesOf([what])}>
      <FieldPicker
        label={`${label}: ${t('audiences.fieldLabel')}`}
        value={count.field}
        empty={t('query.chooseField')}
        of={['property', 'event']}
        types={['number']}
        onChange={(field) => onChange({ ...count, field })}
      />
    </AboutEvents>
  );
}

function SequenceEditor({ label, leaf, onChange }: LeafProps<Of<'sequence'>>) {
  const t = useText();
  const set = (change: Partial<Of<'sequence'>>) => onChange({ ...leaf, ...change });
  const { without } = leaf;
  return (
    <>
      <Words>{t('audiences.says.sequence')}</Words>
      <WhatEditor label={`${label}: ${t('audiences.first')}`} value={leaf.first} onChange={(first) => set({ first })} />
      <Words>{t('audiences.says.then')}</Words>
      <WhatEditor label={`${label}: ${t('audiences.next')}`} value={leaf.next} onChange={(next) => set({ next })} />
      <div className={styles.line}>
        <Words>{t('audiences.within')}</Words>
        <NumberEntry
          label={`${label}: ${t('audiences.within')}`}
          value={leaf.within.count}
          min={1}
          max={WITHIN_LIMIT}
          onChange={(count) => set({ within: { ...leaf.within, count } })}
        />
        <SelectField
          hideLabel
          label={`${label}: ${t('audiences.unitLabel')}`}
          width={130}
          value={leaf.within.unit}
          choices={UNITS.map((unit) => ({ value: unit, label: t(`audiences.unit.${unit}`) }))}
          onChange={(unit) => set({ within: { ...leaf.within, unit: unit as (typeof UNITS)[number] } })}
        />
      </div>
      {without ? (
        <>
          <Words>{t('audiences.without')}</Words>
          <WhatEditor
            label={`${label}: ${t('audiences.without')}`}
            value={without}
            onChange={(next) => {
              const { without: _, ...rest } = leaf;
              onChange(next.events.length > 0 ? { ...rest, without: next } : rest);
            }}
          />
        </>
      ) : (
        <div>
          <button type="button" className={styles.add} onClick={() => set({ without: { events: [] } })}>
            {t('audiences.addWithout')}
          </button>
        </div>
      )}
      <WhenEntry label={label} value={leaf.when} onChange={(when) => onChange(withWhen(leaf, when))} />
    </>
  );
}

function AudienceChoice({ label, leaf, onChange, self }: LeafProps<Of<'audience'>> & { self?: number | undefined }) {
  const t = useText();
  const { choices, busy } = useFields([]);
  const known = choices?.audiences ?? [];
  const chosen = known.find((one) => one.id === leaf.id);
  return (
    <div className={styles.line}>
      <Words>{t('audiences.says.audience')}</Words>
      <Picker
        label={`${label}: ${t('audiences.chooseAudience')}`}
        chosen={chosen ? [String(chosen.id)] : []}
        empty={!chosen}
        busy={busy}
        groups={[
          {
            key: 'audiences',
            items: known.filter((one) => one.id !== self).map((one) => ({ value: String(one.id), label: one.name })),
          },
        ]}
        onPick={(picked) => onChange({ ...leaf, id: Number(picked) })}
        width={300}
      >
        {chosen ? <bdi>{chosen.name}</bdi> : t('audiences.chooseAudience')}
      </Picker>
    </div>
  );
}
