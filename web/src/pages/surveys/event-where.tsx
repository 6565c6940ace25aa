import { useState } from 'react';
import { useText } from '../../text.tsx';
import { AboutEvents } from '../reports/parts/choices.ts';
import { FieldPicker } from '../reports/parts/field-picker.tsx';
import { ConditionRow } from '../reports/parts/filter-builder.tsx';
import parts from '../reports/parts/parts.module.css';
import type { Condition, Field } from '../reports/parts/types.ts';
import type { Where } from './draft.ts';

/** What the server takes: conditions, values of each, and their characters. */
const LIMITS = { conditions: 10, values: 50, name: 200, value: 500 };
const PROPERTIES: readonly Field['of'][] = ['property'];

const isWhole = ({ oneOf }: Where) => oneOf.length > 0;
const same = (a: readonly Where[], b: readonly Where[]) => JSON.stringify(a) === JSON.stringify(b);

const conditionOf = ({ property, oneOf }: Where): Condition => ({
  field: { of: 'property', name: property },
  is: 'is',
  values: oneOf,
});
const whereOf = (field: Field, values: Condition['values']): Where => ({
  property: 'name' in field ? field.name.slice(0, LIMITS.name) : '',
  oneOf: values.slice(0, LIMITS.values).map((one) => String(one).slice(0, LIMITS.value)),
});

/**
 * Which of the events of a name are meant: properties that must each have one of some values. A condition without values is
 * only on this screen: nothing can be kept of it yet.
 */
export function EventWhere({
  event,
  value,
  onChange,
}: {
  event: string;
  value: readonly Where[];
  onChange: (where: Where[]) => void;
}) {
  const t = useText();
  const [rows, setRows] = useState(value);
  // What was changed elsewhere, or taken back, counts.
  const shown = same(rows.filter(isWhole), value) ? rows : value;
  const put = (next: readonly Where[]) => {
    setRows(next);
    const whole = next.filter(isWhole);
    if (!same(whole, value)) onChange(whole);
  };
  return (
    <AboutEvents value={[event]}>
      {/* biome-ignore lint/a11y/useSemanticElements: it stands among others in one form, without a frame of its own. */}
      <div role="group" aria-label={t('surveyEdit.eventWhere')} className={parts.conditions}>
        {shown.map((where, at) => (
          <ConditionRow
            // biome-ignore lint/suspicious/noArrayIndexKey: conditions have a place, not an identity.
            key={at}
            only="is"
            of={PROPERTIES}
            condition={conditionOf(where)}
            onChange={(next) =>
              put(next ? shown.with(at, whereOf(next.field, next.values)) : shown.filter((_, place) => place !== at))
            }
          />
        ))}
        {shown.length < LIMITS.conditions ? (
          <div className={parts.adding}>
            <FieldPicker
              quiet
              label={t('query.addCondition')}
              empty={t('query.condition')}
              of={PROPERTIES}
              onChange={(field) => put([...shown, whereOf(field, [])])}
            />
          </div>
        ) : null}
      </div>
    </AboutEvents>
  );
}
