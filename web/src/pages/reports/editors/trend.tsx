import { IconCopy, IconMathFunction, IconPlus, IconTrash } from '@tabler/icons-react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { SelectField, Switch, TextField } from '../../../kit/field.tsx';
import { Picker } from '../../../kit/picker.tsx';
import { useText } from '../../../text.tsx';
import { BreakdownPicker } from '../parts/breakdown-picker.tsx';
import { AboutEvents } from '../parts/choices.ts';
import { FieldPicker } from '../parts/field-picker.tsx';
import { namesOf } from '../parts/types.ts';
import { WhatEditor } from '../parts/what-editor.tsx';
import type { TrendReport } from '../report.ts';
import { letterOf } from '../results/shape.ts';
import { NumberEntry } from './number-entry.tsx';
import { Line, Piece, Section } from './section.tsx';

const SERIES_LIMIT = 20;
const FORMULAS_LIMIT = 10;
const COUNTS = ['events', 'people', 'accounts', 'sessions', 'perPerson'] as const;
const OF_FIELD = ['sum', 'average', 'min', 'max', 'median', 'p90', 'p95', 'p99'] as const;
type Measure = TrendReport['series'][number]['measure'];

export function TrendEditor({ report, onChange }: { report: TrendReport; onChange: (report: TrendReport) => void }) {
  const t = useText();
  const { series, formulas } = report;
  const putSeries = (at: number, change: Partial<TrendReport['series'][number]>) =>
    onChange({ ...report, series: series.map((one, index) => (index === at ? { ...one, ...change } : one)) });
  const putFormula = (at: number, change: Partial<TrendReport['formulas'][number]>) =>
    onChange({ ...report, formulas: formulas.map((one, index) => (index === at ? { ...one, ...change } : one)) });
  return (
    <>
      <Section title={t('reports.seriesTitle')}>
        {series.map((one, at) => {
          const label = t('reports.seriesLetter', { letter: letterOf(at) });
          return (
            <Piece
              // biome-ignore lint/suspicious/noArrayIndexKey: series are their letters.
              key={at}
              mark={letterOf(at)}
              slot={at}
              tools={
                <>
                  <IconButton
                    small
                    label={t('reports.duplicate', { what: label })}
                    onClick={() =>
                      series.length < SERIES_LIMIT
                        ? onChange({ ...report, series: series.toSpliced(at + 1, 0, structuredClone(one)) })
                        : undefined
                    }
                  >
                    <IconCopy size={15} />
                  </IconButton>
                  {series.length > 1 ? (
                    <IconButton
                      small
                      label={t('reports.remove', { what: label })}
                      onClick={() => onChange({ ...report, series: series.toSpliced(at, 1) })}
                    >
                      <IconTrash size={15} />
                    </IconButton>
                  ) : null}
                </>
              }
            >
              <WhatEditor label={label} value={one.what} onChange={(what) => putSeries(at, { what })} />
              {report.distribution ? null : (
                <MeasurePicker
                  label={label}
                  value={one.measure}
                  names={namesOf([one.what])}
                  onChange={(measure) => putSeries(at, { measure })}
                />
              )}
            </Piece>
          );
        })}
        {formulas.map((formula, at) => {
          const label = t('reports.formulaNumber', { number: at + 1 });
          return (
            <Piece
              // biome-ignore lint/suspicious/noArrayIndexKey: formulas are their numbers.
              key={at}
              mark={`F${at + 1}`}
              slot={series.length + at}
              tools={
                <IconButton
                  small
                  label={t('reports.remove', { what: label })}
                  onClick={() => onChange({ ...report, formulas: formulas.toSpliced(at, 1) })}
                >
                  <IconTrash size={15} />
                </IconButton>
              }
            >
              <TextField
                hideLabel
                label={label}
                placeholder="B / A"
                value={formula.expression}
                onChange={(expression) => putFormula(at, { expression })}
              />
              <Line label={t('reports.formulaIs')}>
                <SelectField
                  hideLabel
                  label={`${label}: ${t('reports.formulaIs')}`}
                  width={150}
                  value={formula.format}
                  choices={(['number', 'percent'] as const).map((value) => ({
                    value,
                    label: t(`reports.format.${value}`),
                  }))}
                  onChange={(format) => putFormula(at, { format: format === 'percent' ? 'percent' : 'number' })}
                />
              </Line>
            </Piece>
          );
        })}
        <div>
          {series.length < SERIES_LIMIT ? (
            <Button
              small
              look="quiet"
              icon={<IconPlus size={15} />}
              onClick={() =>
                onChange({ ...report, series: [...series, { what: { events: [] }, measure: series.at(-1)!.measure }] })
              }
            >
              {t('reports.addSeries')}
            </Button>
          ) : null}
          {formulas.length < FORMULAS_LIMIT && !report.distribution ? (
            <Button
              small
              look="quiet"
              icon={<IconMathFunction size={15} />}
              onClick={() =>
                onChange({
                  ...report,
                  formulas: [...formulas, { expression: series.length > 1 ? 'A / B' : '', format: 'number' }],
                })
              }
            >
              {t('reports.addFormula')}
            </Button>
          ) : null}
        </div>
      </Section>
      <AboutEvents value={namesOf(series.map((one) => one.what))}>
        <Section title={t('query.breakdown')}>
          <BreakdownPicker
            value={report.breakdown}
            onChange={(breakdown) => onChange({ ...report, breakdown })}
            top={report.top}
            onTop={(top) => onChange({ ...report, top })}
          />
        </Section>
      </AboutEvents>
      <Section title={t('reports.pointsTitle')}>
        <Line label={t('reports.compare')}>
          <SelectField
            hideLabel
            label={t('reports.compare')}
            width={210}
            value={report.compare ?? 'none'}
            choices={(['none', 'previous', 'year'] as const).map((value) => ({
              value,
              label: t(`reports.compareWith.${value}`),
            }))}
            onChange={(compare) =>
              onChange({ ...report, compare: compare === 'previous' || compare === 'year' ? compare : undefined })
            }
          />
        </Line>
        <Line label={t('reports.eachPoint')}>
          <SelectField
            hideLabel
            label={t('reports.eachPoint')}
            width={210}
            value={report.cumulative ? 'cumulative' : report.rolling ? 'rolling' : 'interval'}
            choices={(['interval', 'rolling', 'cumulative'] as const).map((value) => ({
              value,
              label: t(`reports.point.${value}`),
            }))}
            onChange={(point) =>
              onChange({
                ...report,
                cumulative: point === 'cumulative',
                rolling: point === 'rolling' ? (report.rolling ?? 7) : undefined,
              })
            }
          />
          {report.rolling && !report.cumulative ? (
            <NumberEntry
              label={t('reports.rollingOver')}
              value={report.rolling}
              min={2}
              max={90}
              onChange={(rolling) => onChange({ ...report, rolling })}
            />
          ) : null}
        </Line>
        <Switch
          label={t('reports.distribution')}
          hint={t('reports.distributionHint')}
          checked={report.distribution}
          onChange={(distribution) =>
            onChange({
              ...report,
              distribution,
              ...(distribution ? { formulas: [], compare: undefined, rolling: undefined, cumulative: false } : {}),
            })
          }
        />
      </Section>
    </>
  );
}

/** What is counted, or computed of which field. */
function MeasurePicker({
  label,
  value,
  names,
  onChange,
}: {
  label: string;
  value: Measure;
  names: string[];
  onChange: (measure: Measure) => void;
}) {
  const t = useText();
  const pick = (of: string) => {
    const count = COUNTS.find((one) => one === of);
    if (count) onChange({ of: count });
    else {
      const field = 'field' in value ? value.field : ({ of: 'event', name: 'revenue' } as const);
      onChange({ of: of as (typeof OF_FIELD)[number], field });
    }
  };
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 6 }}>
      <span style={{ color: 'var(--ink-dim)' }}>{t('reports.counted')}</span>
      <Picker
        label={`${label}: ${t('reports.measure')}`}
        searchable={false}
        chosen={[value.of]}
        groups={[
          { key: 'counts', items: COUNTS.map((of) => ({ value: of, label: t(`reports.measureOf.${of}`) })) },
          {
            key: 'of',
            label: t('reports.ofField'),
            items: OF_FIELD.map((of) => ({ value: of, label: t(`reports.measureOf.${of}`) })),
          },
        ]}
        onPick={pick}
        width={230}
      >
        {t(`reports.measureOf.${value.of}`)}
      </Picker>
      {'field' in value ? (
        <AboutEvents value={names}>
          <FieldPicker
            label={`${label}: ${t('reports.ofField')}`}
            value={value.field}
            empty={t('query.chooseField')}
            types={['number']}
            of={['property', 'event', 'session', 'trait']}
            onChange={(field) => onChange({ ...value, field })}
          />
        </AboutEvents>
      ) : null}
    </div>
  );
}
