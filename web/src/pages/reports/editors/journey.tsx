import { IconPlus, IconX } from '@tabler/icons-react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { SelectField, Switch, TextField } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import type { What } from '../parts/types.ts';
import { WhatEditor } from '../parts/what-editor.tsx';
import { type JourneyReport, nothingYet } from '../report.ts';
import styles from '../reports.module.css';
import { NumberEntry } from './number-entry.tsx';
import { Line, Section } from './section.tsx';

const STATIONS = ['events', 'pages', 'eventsAndPages'] as const;
const GROUPS_LIMIT = 100;
const IDLE_MINUTES = 30;

export function JourneyEditor({
  report,
  onChange,
}: {
  report: JourneyReport;
  onChange: (report: JourneyReport) => void;
}) {
  const t = useText();
  const set = (change: Partial<JourneyReport>) => onChange({ ...report, ...change });
  const { groups } = report;
  return (
    <>
      <Section title={t('reports.stationsTitle')}>
        <Line label={t('reports.stationsAre')}>
          <SelectField
            hideLabel
            label={t('reports.stationsAre')}
            width={210}
            value={report.stations}
            choices={STATIONS.map((value) => ({ value, label: t(`reports.stations.${value}`) }))}
            onChange={(stations) => set({ stations: stations as (typeof STATIONS)[number] })}
          />
        </Line>
        <Chosen title={t('reports.onlyThese')} value={report.of} onChange={(of) => set({ of })} />
      </Section>
      <Section title={t('reports.fromTo')}>
        <Chosen title={t('reports.beginsWith')} value={report.start} onChange={(start) => set({ start })} />
        <Chosen title={t('reports.endsWith')} value={report.end} onChange={(end) => set({ end })} />
        {report.start && report.end ? (
          <Switch label={t('reports.onlyReached')} checked={report.reached} onChange={(reached) => set({ reached })} />
        ) : null}
      </Section>
      <Section title={t('reports.countingTitle')}>
        <Line label={t('reports.depth')}>
          <NumberEntry
            label={t('reports.depth')}
            value={report.depth}
            min={2}
            max={20}
            onChange={(depth) => set({ depth })}
          />
        </Line>
        <Line label={t('reports.topStations')}>
          <NumberEntry
            label={t('reports.topStations')}
            value={report.top}
            min={1}
            max={50}
            onChange={(top) => set({ top })}
          />
        </Line>
        <Line label={t('reports.within')}>
          <SelectField
            hideLabel
            label={t('reports.within')}
            width={210}
            value={report.within === 'session' ? 'session' : 'idle'}
            choices={(['session', 'idle'] as const).map((value) => ({ value, label: t(`reports.withinIs.${value}`) }))}
            onChange={(within) => set({ within: within === 'session' ? 'session' : { idleMinutes: IDLE_MINUTES } })}
          />
          {report.within === 'session' ? null : (
            <NumberEntry
              label={t('reports.idleMinutes')}
              value={report.within.idleMinutes}
              min={1}
              max={525_600}
              onChange={(idleMinutes) => set({ within: { idleMinutes } })}
            />
          )}
        </Line>
        <Switch
          label={t('reports.fold')}
          hint={t('reports.foldHint')}
          checked={report.fold}
          onChange={(fold) => set({ fold })}
        />
      </Section>
      <Section title={t('reports.groupsTitle')}>
        <p className={styles.hint}>{t('reports.groupsHint')}</p>
        {groups.map((group, at) => {
          const put = (change: Partial<typeof group>) =>
            set({ groups: groups.map((one, index) => (index === at ? { ...one, ...change } : one)) });
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: groups have a place, not an identity.
            <div key={at} className={styles.pair}>
              <TextField
                hideLabel
                label={t('reports.pattern')}
                placeholder="/product/*"
                value={group.pattern}
                onChange={(pattern) => put({ pattern })}
              />
              <TextField
                hideLabel
                label={t('reports.groupLabel')}
                placeholder={t('reports.groupLabel')}
                value={group.label}
                onChange={(label) => put({ label })}
              />
              <IconButton
                small
                label={t('reports.remove', { what: group.label || group.pattern })}
                onClick={() => set({ groups: groups.toSpliced(at, 1) })}
              >
                <IconX size={14} />
              </IconButton>
            </div>
          );
        })}
        {groups.length < GROUPS_LIMIT ? (
          <div>
            <Button
              small
              look="quiet"
              icon={<IconPlus size={15} />}
              onClick={() => set({ groups: [...groups, { pattern: '', label: '' }] })}
            >
              {t('reports.addGroup')}
            </Button>
          </div>
        ) : null}
      </Section>
    </>
  );
}

/** Events that need not be chosen: a switch, and below it which. */
export function Chosen({
  title,
  value,
  onChange,
}: {
  title: string;
  value: What | undefined;
  onChange: (what: What | undefined) => void;
}) {
  return (
    <>
      <Switch
        label={title}
        checked={value !== undefined}
        onChange={(wanted) => onChange(wanted ? nothingYet() : undefined)}
      />
      {value ? <WhatEditor label={title} value={value} onChange={onChange} anyEvent={false} /> : null}
    </>
  );
}
