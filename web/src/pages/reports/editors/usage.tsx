import { useText } from '../../../text.tsx';
import { BreakdownPicker } from '../parts/breakdown-picker.tsx';
import { WhatEditor } from '../parts/what-editor.tsx';
import type { EngagementReport, LifecycleReport, SessionsReport, StickinessReport } from '../report.ts';
import { Chosen } from './journey.tsx';
import { Section } from './section.tsx';

type Usage = LifecycleReport | StickinessReport | EngagementReport;

/** What counts as being active. */
export function UsageEditor({ report, onChange }: { report: Usage; onChange: (report: Usage) => void }) {
  const t = useText();
  return (
    <Section title={t('reports.activeTitle')}>
      <WhatEditor
        label={t('reports.activeTitle')}
        value={report.what}
        onChange={(what) => onChange({ ...report, what })}
      />
    </Section>
  );
}

export function SessionsEditor({
  report,
  onChange,
}: {
  report: SessionsReport;
  onChange: (report: SessionsReport) => void;
}) {
  const t = useText();
  return (
    <>
      <Section title={t('reports.goalTitle')}>
        <Chosen title={t('reports.hasGoal')} value={report.goal} onChange={(goal) => onChange({ ...report, goal })} />
      </Section>
      <Section title={t('query.breakdown')}>
        <BreakdownPicker
          value={report.breakdown ? [report.breakdown] : []}
          limit={1}
          of={['session', 'trait', 'event', 'property']}
          onChange={([breakdown]) => onChange({ ...report, breakdown })}
          top={report.top}
          onTop={(top) => onChange({ ...report, top })}
        />
      </Section>
    </>
  );
}
