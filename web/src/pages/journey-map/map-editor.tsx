import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { Button, IconButton } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { useText } from '../../text.tsx';
import { NumberEntry } from '../reports/editors/number-entry.tsx';
import { WhatEditor } from '../reports/parts/what-editor.tsx';
import { whatName } from '../reports/parts/words.ts';
import styles from './journey-map.module.css';
import { type JourneyMapReport, STAGES_LIMIT, TOUCHPOINTS_LIMIT } from './map-report.ts';
import type { Stage } from './proposal.ts';

type TouchpointIn = Stage['touchpoints'][number];

/** Puts one of a list a place further up or down. */
const moved = <T,>(list: readonly T[], at: number, by: 1 | -1): T[] => {
  const next = [...list];
  [next[at], next[at + by]] = [next[at + by]!, next[at]!];
  return next;
};

/** The stages of the map and the touchpoints of each, to be named, put in order, added and taken away. */
export function MapEditor({
  report,
  onChange,
  onClose,
  foot,
}: {
  report: JourneyMapReport;
  onChange: (report: JourneyMapReport) => void;
  onClose: () => void;
  foot?: React.ReactNode;
}) {
  const t = useText();
  const { stages } = report;
  const setStages = (next: Stage[]) => onChange({ ...report, stages: next });
  const put = (at: number, stage: Stage) => setStages(stages.map((one, index) => (index === at ? stage : one)));
  return (
    <SidePanel title={t('journeyMap.edit')} sub={t('journeyMap.editHint')} onClose={onClose} foot={foot}>
      <Stack gap={20}>
        {stages.map((stage, at) => (
          <StageEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: stages have a place, not an identity.
            key={at}
            stage={stage}
            at={at}
            of={stages.length}
            onChange={(next) => put(at, next)}
            onMove={(by) => setStages(moved(stages, at, by))}
            onRemove={() => setStages(stages.toSpliced(at, 1))}
          />
        ))}
        {stages.length < STAGES_LIMIT ? (
          <div>
            <Button
              icon={<IconPlus size={16} />}
              onClick={() =>
                setStages([
                  ...stages,
                  {
                    name: t('journeyMap.newStage', { number: stages.length + 1 }),
                    touchpoints: [{ name: '', what: { events: [] } }],
                  },
                ])
              }
            >
              {t('journeyMap.addStage')}
            </Button>
          </div>
        ) : null}
        <section className={styles.voices}>
          <h3>{t('journeyMap.voices')}</h3>
          <p>{t('journeyMap.voicesHint')}</p>
          <WhatEditor
            label={t('journeyMap.answersOf')}
            anyEvent={false}
            value={report.answers.what}
            onChange={(what) => onChange({ ...report, answers: { ...report.answers, what } })}
          />
          <p>{t('journeyMap.contactsOf')}</p>
          <WhatEditor
            label={t('journeyMap.contactsOf')}
            anyEvent={false}
            value={report.contacts}
            onChange={(contacts) => onChange({ ...report, contacts })}
          />
          <div className={styles.days}>
            <span aria-hidden>{t('journeyMap.attributed')}</span>
            <NumberEntry
              label={t('journeyMap.attributed')}
              value={report.attributedDays}
              min={1}
              max={365}
              onChange={(attributedDays) => onChange({ ...report, attributedDays })}
            />
          </div>
        </section>
      </Stack>
    </SidePanel>
  );
}

function Tools({
  what,
  at,
  of,
  onMove,
  onRemove,
}: {
  what: string;
  at: number;
  of: number;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}) {
  const t = useText();
  return (
    <span className={styles.tools}>
      {at > 0 ? (
        <IconButton small label={t('reports.moveUp', { what })} onClick={() => onMove(-1)}>
          <IconArrowUp size={15} />
        </IconButton>
      ) : null}
      {at < of - 1 ? (
        <IconButton small label={t('reports.moveDown', { what })} onClick={() => onMove(1)}>
          <IconArrowDown size={15} />
        </IconButton>
      ) : null}
      {of > 1 ? (
        <IconButton small label={t('reports.remove', { what })} onClick={onRemove}>
          <IconTrash size={15} />
        </IconButton>
      ) : null}
    </span>
  );
}

function StageEditor({
  stage,
  at,
  of,
  onChange,
  onMove,
  onRemove,
}: {
  stage: Stage;
  at: number;
  of: number;
  onChange: (stage: Stage) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}) {
  const t = useText();
  const { touchpoints } = stage;
  const label = t('journeyMap.stageNumber', { number: at + 1 });
  const set = (next: TouchpointIn[]) => onChange({ ...stage, touchpoints: next });
  return (
    <section className={styles.editing} aria-label={label}>
      <div className={styles.editingHead}>
        <span className={styles.place} aria-hidden>
          {at + 1}
        </span>
        <span className={styles.grow}>
          <TextField
            hideLabel
            label={t('journeyMap.stageName', { number: at + 1 })}
            value={stage.name}
            onChange={(name) => onChange({ ...stage, name })}
          />
        </span>
        <Tools what={label} at={at} of={of} onMove={onMove} onRemove={onRemove} />
      </div>
      {touchpoints.map((touchpoint, place) => {
        const which = t('journeyMap.touchpointNumber', { stage: at + 1, number: place + 1 });
        const put = (next: TouchpointIn) => set(touchpoints.map((one, index) => (index === place ? next : one)));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: touchpoints have a place, not an identity.
          <div key={place} className={styles.editingTouchpoint}>
            <div className={styles.editingHead}>
              <span className={styles.grow}>
                <TextField
                  hideLabel
                  label={`${which}: ${t('journeyMap.name')}`}
                  placeholder={t('journeyMap.name')}
                  value={touchpoint.name}
                  onChange={(name) => put({ ...touchpoint, name })}
                />
              </span>
              <Tools
                what={which}
                at={place}
                of={touchpoints.length}
                onMove={(by) => set(moved(touchpoints, place, by))}
                onRemove={() => set(touchpoints.toSpliced(place, 1))}
              />
            </div>
            <WhatEditor
              label={which}
              value={touchpoint.what}
              anyEvent={false}
              onChange={(what) =>
                put({
                  // It is called as its event until somebody gives it a name.
                  name:
                    touchpoint.name === '' || touchpoint.name === whatName(touchpoint.what, t)
                      ? whatName(what, t)
                      : touchpoint.name,
                  what,
                })
              }
            />
          </div>
        );
      })}
      {touchpoints.length < TOUCHPOINTS_LIMIT ? (
        <div>
          <Button
            small
            look="quiet"
            icon={<IconPlus size={15} />}
            onClick={() => set([...touchpoints, { name: '', what: { events: [] } }])}
          >
            {t('journeyMap.addTouchpoint')}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
