import { IconX } from '@tabler/icons-react';
import { IconButton } from '../../../kit/button.tsx';
import { SelectField } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import { FieldPicker } from './field-picker.tsx';
import { AsOf } from './filter-builder.tsx';
import styles from './parts.module.css';
import type { Field } from './types.ts';
import { fieldName } from './words.ts';

const TOPS = [3, 5, 10, 25, 50, 100];

/** What a report is broken down by: up to so many fields, and how many of their values are shown. */
export function BreakdownPicker({
  value,
  onChange,
  limit = 3,
  top,
  onTop,
  of,
  adding,
}: {
  value: readonly Field[];
  onChange: (fields: Field[]) => void;
  limit?: number;
  top?: number;
  onTop?: (top: number) => void;
  of?: readonly Field['of'][];
  /** What the button that adds one says. */
  adding?: string;
}) {
  const t = useText();
  const put = (at: number, field: Field) => onChange(value.map((one, index) => (index === at ? field : one)));
  return (
    <div className={styles.conditions}>
      {value.map((field, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a breakdown's fields have a place, not an identity.
        <div key={at} className={styles.event}>
          <FieldPicker
            label={t('query.breakdown')}
            value={field}
            empty={t('query.chooseField')}
            onChange={(next) => put(at, next)}
            {...(of ? { of } : {})}
          />
          {field.of === 'trait' ? <AsOf field={field} onChange={(next) => put(at, next)} /> : null}
          <IconButton
            small
            label={t('query.removeBreakdown', { field: fieldName(field, t) })}
            onClick={() => onChange(value.toSpliced(at, 1))}
          >
            <IconX size={14} />
          </IconButton>
        </div>
      ))}
      {value.length < limit ? (
        <div className={styles.adding}>
          <FieldPicker
            quiet
            label={adding ?? t('query.addBreakdown')}
            empty={adding ?? t('query.addBreakdown')}
            onChange={(field) => onChange([...value, field])}
            {...(of ? { of } : {})}
          />
        </div>
      ) : null}
      {value.length > 0 && top !== undefined && onTop ? (
        <div className={styles.line}>
          <span>{t('query.shown')}</span>
          <SelectField
            hideLabel
            label={t('query.top')}
            width={160}
            value={String(top)}
            choices={[...new Set([...TOPS, top])]
              .sort((a, b) => a - b)
              .map((count) => ({ value: String(count), label: t('query.topCount', { count }) }))}
            onChange={(next) => onTop(Number(next))}
          />
        </div>
      ) : null}
    </div>
  );
}
