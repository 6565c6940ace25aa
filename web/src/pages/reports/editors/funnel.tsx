import { IconBan, IconPlus, IconTrash } from '@tabler/icons-react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { SelectField, Switch } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import { BreakdownPicker } from '../parts/breakdown-picker.tsx';
import { AboutEvents } from '../parts/choices.ts';
import { INTERVALS } from '../parts/intervals.ts';
import { namesOf } from '../parts/types.ts';
import { WhatEditor } from '../parts/what-editor.tsx';
import { type FunnelReport, nothingYet } from '../report.ts';
import { Line, Piece, Section } from './section.tsx';
import { STEPS_LIMIT, StepPiece, WindowLine } from './steps.tsx';

const EXCLUSIONS_LIMIT = 10;
const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const;
const ORDERS = ['ordered', 'strict', 'any'] as const;
const BY = ['person', 'account', 'session'] as const;

export function FunnelEditor({ report, onChange }: { report: FunnelReport; onChange: (report: FunnelReport) => void }) {
  const t = useText();
  const { steps, exclusions } = report;
  const set = (change: Partial<FunnelReport>) => onChange({ ...report, ...change });
  const setSteps = (next: FunnelReport['steps']) => {
    const last = next.length - 1;
    const touch = report.attribution;
    set({
      steps: next,
      // What lies between steps that are gone goes with them.
      exclusions: exclusions
        .map((one) => ({ ...one, from: Math.min(one.from, last - 1), to: Math.min(one.to, last) }))
        .filter((one) => one.to > one.from),
      ...('step' in touch && touch.step > last ? { attribution: { touch: 'first' as const } } : {}),
    });
  };
  const stepNames = steps.map((_, at) => ({ value: String(at), label: t('reports.stepNumber', { number: at + 1 }) }));
  return (
    <>
      <Section title={t('reports.stepsTitle')}>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are their numbers.
          <StepPiece key={at} steps={steps} at={at} onChange={setSteps}>
            {at > 0 && at < steps.length - 1 && report.order !== 'any' ? (
              <Switch
                label={t('reports.optional')}
                checked={step.optional}
                onChange={(optional) => setSteps(steps.with(at, { ...step, optional }))}
              />
            ) : null}
          </StepPiece>
        ))}
        {steps.length < STEPS_LIMIT ? (
          <div>
            <Button
              small
              look="quiet"
              icon={<IconPlus size={15} />}
              onClick={() => setSteps([...steps, { what: nothingYet(), optional: false }])}
            >
              {t('reports.addStep')}
            </Button>
            {exclusions.length < EXCLUSIONS_LIMIT && report.order !== 'any' ? (
              <Button
                small
                look="quiet"
                icon={<IconBan size={15} />}
                onClick={() =>
                  set({ exclusions: [...exclusions, { what: nothingYet(), from: 0, to: steps.length - 1 }] })
                }
              >
                {t('reports.addExclusion')}
              </Button>
            ) : null}
          </div>
        ) : null}
        {exclusions.map((exclusion, at) => {
          const label = t('reports.exclusionNumber', { number: at + 1 });
          const put = (change: Partial<typeof exclusion>) =>
            set({ exclusions: exclusions.map((one, index) => (index === at ? { ...one, ...change } : one)) });
          return (
            <Piece
              // biome-ignore lint/suspicious/noArrayIndexKey: exclusions are their numbers.
              key={at}
              mark="⊘"
              tools={
                <IconButton
                  small
                  label={t('reports.remove', { what: label })}
                  onClick={() => set({ exclusions: exclusions.toSpliced(at, 1) })}
                >
                  <IconTrash size={15} />
                </IconButton>
              }
            >
              <WhatEditor label={label} value={exclusion.what} anyEvent={false} onChange={(what) => put({ what })} />
              <Line label={t('reports.between')}>
                <SelectField
                  hideLabel
                  label={`${label}: ${t('query.from')}`}
                  width={112}
                  value={String(exclusion.from)}
                  choices={stepNames.slice(0, -1)}
                  onChange={(from) => put({ from: Number(from), to: Math.max(Number(from) + 1, exclusion.to) })}
                />
                <SelectField
                  hideLabel
                  label={`${label}: ${t('query.to')}`}
                  width={112}
                  value={String(exclusion.to)}
                  choices={stepNames.slice(exclusion.from + 1)}
                  onChange={(to) => put({ to: Number(to) })}
                />
              </Line>
            </Piece>
          );
        })}
      </Section>
      <Section title={t('reports.countingTitle')}>
        <WindowLine value={report.window} units={UNITS} onChange={(window) => set({ window })} />
        <Line label={t('reports.order')}>
          <SelectField
            hideLabel
            label={t('reports.order')}
            width={210}
            value={report.order}
            choices={ORDERS.map((order) => ({ value: order, label: t(`reports.orderIs.${order}`) }))}
            onChange={(order) => set({ order: order as (typeof ORDERS)[number] })}
          />
        </Line>
        <Line label={t('reports.countedBy')}>
          <SelectField
            hideLabel
            label={t('reports.countedBy')}
            width={210}
            value={report.by}
            choices={BY.map((by) => ({ value: by, label: t(`reports.by.${by}`) }))}
            onChange={(by) => set({ by: by as (typeof BY)[number] })}
          />
        </Line>
        <Line label={t('reports.overTime')}>
          <SelectField
            hideLabel
            label={t('reports.overTime')}
            width={210}
            value={report.interval ?? 'none'}
            choices={[
              { value: 'none', label: t('reports.overTimeNone') },
              ...INTERVALS.filter((one) => one !== 'minute').map((one) => ({
                value: one,
                label: t(`query.by.${one}`),
              })),
            ]}
            onChange={(interval) => set({ interval: INTERVALS.find((one) => one === interval) })}
          />
        </Line>
      </Section>
      <AboutEvents value={namesOf(steps.map((step) => step.what))}>
        <Section title={t('query.breakdown')}>
          <BreakdownPicker
            value={report.breakdown}
            onChange={(breakdown) => set({ breakdown })}
            top={report.top}
            onTop={(top) => set({ top })}
          />
          {report.breakdown.length > 0 ? (
            <Line label={t('reports.attribution')}>
              <SelectField
                hideLabel
                label={t('reports.attribution')}
                width={210}
                value={'touch' in report.attribution ? report.attribution.touch : String(report.attribution.step)}
                choices={[
                  { value: 'first', label: t('reports.firstTouch') },
                  { value: 'last', label: t('reports.lastTouch') },
                  ...stepNames,
                ]}
                onChange={(picked) =>
                  set({
                    attribution: picked === 'first' || picked === 'last' ? { touch: picked } : { step: Number(picked) },
                  })
                }
              />
            </Line>
          ) : null}
        </Section>
        <Section title={t('reports.holdTitle')}>
          <BreakdownPicker
            value={report.hold}
            adding={t('reports.addHold')}
            onChange={(hold) => set({ hold })}
            of={['property', 'event', 'session', 'account']}
          />
        </Section>
      </AboutEvents>
    </>
  );
}
