import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { withoutOverrides } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { NumberEntry } from '../reports/editors/number-entry.tsx';
import { Line, Section } from '../reports/editors/section.tsx';
import { STEPS_LIMIT, StepPiece, WindowLine } from '../reports/editors/steps.tsx';
import { AboutEvents } from '../reports/parts/choices.ts';
import { FilterBuilder } from '../reports/parts/filter-builder.tsx';
import { namesOf } from '../reports/parts/types.ts';
import { type FunnelReport, nothingYet } from '../reports/report.ts';
import { isShaped } from '../reports/report-url.ts';
import styles from '../reports/reports.module.css';
import { savedReports } from '../reports/saved/calls.ts';
import { type FrictionReport, frictionOf } from './friction-url.ts';
import { counted } from './friction-words.ts';

const UNITS = ['minute', 'hour', 'day', 'week', 'month'] as const;
/** Shares of findings that may be chance. */
const SHARES = [0.01, 0.05, 0.1, 0.2] as const;

/** The funnel whose friction is looked for, and how strictly. */
export function FrictionEditor({
  report,
  onChange,
}: {
  report: FrictionReport;
  onChange: (report: FrictionReport) => void;
}) {
  const t = useText();
  const { steps } = report;
  const set = (change: Partial<FrictionReport>) => onChange({ ...report, ...change });
  const setSteps = (next: FrictionReport['steps']) => set({ steps: next });
  const units = [...new Set([...UNITS, report.window.unit])];
  return (
    <div className={styles.editor}>
      <Section title={t('friction.steps')} action={<FromFunnel onPick={(funnel) => onChange(frictionOf(funnel))} />}>
        {steps.map((_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are their numbers.
          <StepPiece key={at} steps={steps} at={at} onChange={setSteps} />
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
          </div>
        ) : null}
      </Section>
      <Section title={t('reports.countingTitle')}>
        <WindowLine value={report.window} units={units} onChange={(window) => set({ window })} />
        <Line label={t('reports.countedBy')}>
          <SelectField
            hideLabel
            label={t('reports.countedBy')}
            width={210}
            value={report.by}
            choices={(['person', 'session'] as const).map((by) => ({ value: by, label: t(`reports.by.${by}`) }))}
            onChange={(by) => set({ by: by === 'session' ? 'session' : 'person' })}
          />
        </Line>
        <Line label={t('friction.mayBeChance')}>
          <SelectField
            hideLabel
            label={t('friction.mayBeChance')}
            width={210}
            value={String(report.falseShare)}
            choices={[...new Set([...SHARES, report.falseShare])]
              .sort((a, b) => a - b)
              .map((share) => ({ value: String(share), label: t('friction.oneIn', counted(Math.round(1 / share))) }))}
            onChange={(share) => set({ falseShare: Number(share) })}
          />
        </Line>
        <Line label={t('friction.atLeast')}>
          <NumberEntry
            label={t('friction.atLeast')}
            value={report.atLeast}
            min={5}
            max={100_000}
            onChange={(atLeast) => set({ atLeast })}
          />
        </Line>
      </Section>
      <AboutEvents value={namesOf(steps.map((step) => step.what))}>
        <Section title={t('reports.filterTitle')}>
          <FilterBuilder
            label={t('reports.filterTitle')}
            value={report.filter}
            onChange={(filter) => onChange({ ...report, filter })}
          />
        </Section>
      </AboutEvents>
    </div>
  );
}

/** Takes the steps of a saved funnel; nothing where none is saved. */
function FromFunnel({ onPick }: { onPick: (funnel: FunnelReport) => void }) {
  const t = useText();
  const funnels = useQuery({
    queryKey: ['saved', savedReports.path, 'list', 'funnel'],
    queryFn: () => savedReports.list({ of: 'funnel', limit: 100 }),
  });
  const pick = useMutation({
    mutationFn: (id: string) => savedReports.get(id),
    onSuccess: ({ content }) => {
      const { report } = content;
      if (isShaped(report) && report.kind === 'funnel') onPick(report);
    },
  });
  const items = funnels.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <>
      <SelectField
        hideLabel
        label={t('friction.fromFunnel')}
        width={180}
        value=""
        choices={[
          { value: '', label: t('friction.fromFunnel') },
          ...items.map((one) => ({ value: one.id, label: withoutOverrides(one.name) })),
        ]}
        onChange={(id) => (id ? pick.mutate(id) : null)}
      />
      {pick.error ? <Refusal title={t('saved.loadFailed')} error={pick.error} /> : null}
    </>
  );
}
