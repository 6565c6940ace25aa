import { SelectField, Switch } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import { BreakdownPicker } from '../parts/breakdown-picker.tsx';
import { AboutEvents } from '../parts/choices.ts';
import { namesOf } from '../parts/types.ts';
import { WhatEditor } from '../parts/what-editor.tsx';
import type { ScoreReport } from '../report.ts';
import { Line, Section } from './section.tsx';

const SCORES = ['nps', 'csat', 'ces', 'rating'] as const;
const ANSWERS = { events: [{ name: 'Question Answered' }] };

/** Which score, of which answers, and by what. */
export function ScoreEditor({ report, onChange }: { report: ScoreReport; onChange: (report: ScoreReport) => void }) {
  const t = useText();
  const set = (change: Partial<ScoreReport>) => onChange({ ...report, ...change });
  return (
    <>
      <Section title={t('scores.which')}>
        <Line label={t('scores.which')}>
          <SelectField
            hideLabel
            label={t('scores.which')}
            width={220}
            value={report.of}
            choices={SCORES.map((value) => ({ value, label: t(`scores.of.${value}`) }))}
            onChange={(of) => set({ of: of as ScoreReport['of'] })}
          />
        </Line>
        <Switch
          label={t('scores.ofSurveys')}
          hint={t('scores.ofSurveysHint')}
          checked={report.what === undefined}
          onChange={(surveys) => set({ what: surveys ? undefined : { events: [] } })}
        />
        {report.what ? (
          <WhatEditor label={t('scores.which')} value={report.what} onChange={(what) => set({ what })} />
        ) : null}
      </Section>
      <AboutEvents value={namesOf([report.what ?? ANSWERS])}>
        <Section title={t('query.breakdown')}>
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
