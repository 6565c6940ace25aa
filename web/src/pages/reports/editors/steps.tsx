import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../../kit/button.tsx';
import { SelectField } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import type { What } from '../parts/types.ts';
import { WhatEditor } from '../parts/what-editor.tsx';
import type { FunnelReport } from '../report.ts';
import { NumberEntry } from './number-entry.tsx';
import { Line, Piece } from './section.tsx';

/** Steps of a funnel, at most; the server refuses more. */
export const STEPS_LIMIT = 20;

/** One step of a funnel: what it is, its place among the others, and that it may go while two are left. */
export function StepPiece<Step extends { what: What }>({
  steps,
  at,
  onChange,
  children,
}: {
  steps: readonly Step[];
  at: number;
  onChange: (steps: Step[]) => void;
  /** What else is asked of the step. */
  children?: ReactNode;
}) {
  const t = useText();
  const step = steps[at]!;
  const label = t('reports.stepNumber', { number: at + 1 });
  return (
    <Piece
      mark={String(at + 1)}
      tools={
        <>
          {at > 0 ? (
            <IconButton
              small
              label={t('reports.moveUp', { what: label })}
              onClick={() => onChange(steps.toSpliced(at - 1, 2, step, steps[at - 1]!))}
            >
              <IconArrowUp size={15} />
            </IconButton>
          ) : steps.length > 1 ? (
            <IconButton
              small
              label={t('reports.moveDown', { what: label })}
              onClick={() => onChange(steps.toSpliced(at, 2, steps[at + 1]!, step))}
            >
              <IconArrowDown size={15} />
            </IconButton>
          ) : null}
          {steps.length > 2 ? (
            <IconButton
              small
              label={t('reports.remove', { what: label })}
              onClick={() => onChange(steps.toSpliced(at, 1))}
            >
              <IconTrash size={15} />
            </IconButton>
          ) : null}
        </>
      }
    >
      <WhatEditor label={label} value={step.what} onChange={(what) => onChange(steps.with(at, { ...step, what }))} />
      {children}
    </Piece>
  );
}

type Window = FunnelReport['window'];

/** Within how long the steps are to be done. */
export function WindowLine({
  value,
  units,
  onChange,
}: {
  value: Window;
  units: readonly Window['unit'][];
  onChange: (window: Window) => void;
}) {
  const t = useText();
  return (
    <Line label={t('reports.window')}>
      <NumberEntry
        label={t('reports.window')}
        value={value.count}
        min={1}
        max={10_000}
        onChange={(count) => onChange({ ...value, count })}
      />
      <SelectField
        hideLabel
        label={t('reports.windowUnit')}
        width={120}
        value={value.unit}
        choices={units.map((unit) => ({ value: unit, label: t(`reports.unit.${unit}`) }))}
        onChange={(unit) => onChange({ ...value, unit: unit as Window['unit'] })}
      />
    </Line>
  );
}
