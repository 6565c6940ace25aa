import { useState } from 'react';
import { SelectField, Switch, TextField } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import { BreakdownPicker } from '../parts/breakdown-picker.tsx';
import { AboutEvents } from '../parts/choices.ts';
import { FieldPicker } from '../parts/field-picker.tsx';
import { namesOf } from '../parts/types.ts';
import { WhatEditor } from '../parts/what-editor.tsx';
import type { RetentionReport } from '../report.ts';
import { NumberEntry } from './number-entry.tsx';
import { Line, Section } from './section.tsx';

const BRACKETS_LIMIT = 100;

/** `1, 3, 7` as lengths; null where it is no such list. */
function bracketsFrom(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const lengths = parts.map(Number);
  const suit = lengths.every((length) => Number.isInteger(length) && length >= 1 && length <= 1000);
  return parts.length > 0 && parts.length <= BRACKETS_LIMIT && suit ? lengths : null;
}

export function RetentionEditor({
  report,
  onChange,
}: {
  report: RetentionReport;
  onChange: (report: RetentionReport) => void;
}) {
  const t = useText();
  const set = (change: Partial<RetentionReport>) => onChange({ ...report, ...change });
  const choice = <T extends string>(
    label: string,
    value: T,
    values: readonly { value: T; label: string }[],
    pick: (value: T) => void,
  ) => (
    <Line label={label}>
      <SelectField
        hideLabel
        label={label}
        width={220}
        value={value}
        choices={[...values]}
        onChange={(next) => pick(next as T)}
      />
    </Line>
  );
  return (
    <>
      <Section title={t('reports.startTitle')}>
        <WhatEditor label={t('reports.startTitle')} value={report.start} onChange={(start) => set({ start })} />
      </Section>
      <Section title={t('reports.returnTitle')}>
        <Switch
          label={t('reports.returnSame')}
          checked={report.return === undefined}
          onChange={(same) => set({ return: same ? undefined : { events: [] } })}
        />
        {report.return ? (
          <WhatEditor
            label={t('reports.returnTitle')}
            value={report.return}
            onChange={(back) => set({ return: back })}
          />
        ) : null}
      </Section>
      <Section title={t('reports.countingTitle')}>
        {choice(
          t('reports.cohortsAre'),
          report.cohorts,
          (['first', 'recurring'] as const).map((value) => ({ value, label: t(`reports.cohorts.${value}`) })),
          (cohorts) => set({ cohorts }),
        )}
        {choice(
          t('reports.countsAre'),
          report.counts,
          (['on', 'onOrAfter'] as const).map((value) => ({ value, label: t(`reports.counts.${value}`) })),
          (counts) => set({ counts }),
        )}
        {choice(
          t('reports.periodsAre'),
          report.periods,
          (['calendar', 'rolling'] as const).map((value) => ({ value, label: t(`reports.periods.${value}`) })),
          (periods) => set({ periods }),
        )}
        {report.brackets ? null : (
          <Line label={t('reports.periodsAfter')}>
            <NumberEntry
              label={t('reports.periodsAfter')}
              value={report.count}
              min={1}
              max={100}
              onChange={(count) => set({ count })}
            />
          </Line>
        )}
        <Line label={t('reports.atLeast')}>
          <NumberEntry
            label={t('reports.atLeast')}
            value={report.atLeast}
            min={1}
            max={1000}
            onChange={(atLeast) => set({ atLeast })}
          />
        </Line>
        <Switch
          label={t('reports.brackets')}
          hint={t('reports.bracketsHint')}
          checked={report.brackets !== undefined}
          onChange={(own) => set({ brackets: own ? [1, 3, 7, 14] : undefined })}
        />
        {report.brackets ? <Brackets value={report.brackets} onChange={(brackets) => set({ brackets })} /> : null}
      </Section>
      <AboutEvents value={namesOf([report.return ?? report.start])}>
        <Section title={t('reports.valueTitle')}>
          {choice(
            t('reports.valueIs'),
            report.value?.of ?? 'none',
            (['none', 'sum', 'average'] as const).map((value) => ({ value, label: t(`reports.value.${value}`) })),
            (of) =>
              set({
                value:
                  of === 'none' ? undefined : { of, field: report.value?.field ?? { of: 'event', name: 'revenue' } },
              }),
          )}
          {report.value ? (
            <Line label={t('reports.ofField')}>
              <FieldPicker
                label={t('reports.ofField')}
                value={report.value.field}
                empty={t('query.chooseField')}
                types={['number']}
                of={['event', 'property']}
                onChange={(field) => report.value && set({ value: { ...report.value, field } })}
              />
            </Line>
          ) : null}
        </Section>
      </AboutEvents>
      <AboutEvents value={namesOf([report.start])}>
        <Section title={t('reports.cohortsByTitle')}>
          <BreakdownPicker
            value={report.breakdown ? [report.breakdown] : []}
            limit={1}
            onChange={([breakdown]) => set({ breakdown })}
            top={report.top}
            onTop={(top) => set({ top })}
          />
        </Section>
      </AboutEvents>
    </>
  );
}

function Brackets({ value, onChange }: { value: number[]; onChange: (brackets: number[]) => void }) {
  const t = useText();
  const [text, setText] = useState(value.join(', '));
  return (
    <TextField
      hideLabel
      label={t('reports.brackets')}
      value={text}
      error={bracketsFrom(text) ? null : t('reports.bracketsWrong')}
      onChange={(next) => {
        setText(next);
        const read = bracketsFrom(next);
        if (read) onChange(read);
      }}
    />
  );
}
