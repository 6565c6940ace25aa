import { IconFilter, IconFolderPlus, IconX } from '@tabler/icons-react';
import { useId } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Picker } from '../../../kit/picker.tsx';
import { useText } from '../../../text.tsx';
import { typeOf, useFields, useNames } from './choices.ts';
import { FieldPicker } from './field-picker.tsx';
import {
  fromGroup,
  type Group,
  isGroup,
  JOINS,
  joinedBy,
  joinOf,
  newCondition,
  operatorsOf,
  toGroup,
  withOperator,
} from './filter-value.ts';
import styles from './parts.module.css';
import type { Condition, Field, Filter, Operator } from './types.ts';
import { ValueEntry } from './value-entry.tsx';
import { fieldName } from './words.ts';

/** Groups lie no deeper in one another: the server refuses what does. */
const DEPTH_LIMIT = 4;

/**
 * Conditions, in groups where that is wanted: all of them, any of them, or none. What is being written may lack values yet;
 * a report is asked without such conditions.
 */
export function FilterBuilder({
  label,
  value,
  onChange,
  of,
}: {
  /** What the conditions are about, for screen readers. */
  label: string;
  value: Filter | undefined;
  onChange: (filter: Filter | undefined) => void;
  of?: readonly Field['of'][];
}) {
  const change = (group: Group) => onChange(fromGroup(group));
  return (
    // biome-ignore lint/a11y/useSemanticElements: it stands among others in one form, without a frame of its own.
    <div role="group" aria-label={label}>
      <Conditions group={toGroup(value)} onChange={change} depth={0} {...(of ? { of } : {})} />
    </div>
  );
}

function Conditions({
  group,
  onChange,
  depth,
  of,
}: {
  group: Group;
  onChange: (group: Group) => void;
  depth: number;
  of?: readonly Field['of'][];
}) {
  const t = useText();
  const put = (at: number, item: Condition | Group | null) =>
    onChange({
      ...group,
      items: item ? group.items.map((one, index) => (index === at ? item : one)) : group.items.toSpliced(at, 1),
    });
  const add = (item: Condition | Group) => onChange({ ...group, items: [...group.items, item] });
  // A new group begins as another condition on the same field.
  const last = group.items.findLast((item): item is Condition => !isGroup(item));
  return (
    <div className={styles.conditions}>
      {depth > 0 || group.items.length > 1 || group.not ? <Joining group={group} onChange={onChange} /> : null}
      {group.items.map((item, at) =>
        isGroup(item) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have a place, not an identity.
          <div key={at} className={styles.nested}>
            <Conditions
              group={item}
              depth={depth + 1}
              onChange={(next) => put(at, next.items.length > 0 ? next : null)}
              {...(of ? { of } : {})}
            />
          </div>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have a place, not an identity.
          <ConditionRow key={at} condition={item} onChange={(next) => put(at, next)} {...(of ? { of } : {})} />
        ),
      )}
      <div className={styles.adding}>
        <FieldPicker
          quiet
          label={t('query.addCondition')}
          empty={t('query.condition')}
          onChange={(field, type) => add(newCondition(field, type))}
          {...(of ? { of } : {})}
        />
        {depth < DEPTH_LIMIT && last ? (
          <IconButton
            small
            label={t('query.addGroup')}
            onClick={() =>
              add({ join: group.join === 'all' ? 'any' : 'all', not: false, items: [{ ...last, values: [] }] })
            }
          >
            <IconFolderPlus size={15} />
          </IconButton>
        ) : null}
      </div>
    </div>
  );
}

/** How the conditions of a group go together. */
function Joining({ group, onChange }: { group: Group; onChange: (group: Group) => void }) {
  const t = useText();
  const now = joinOf(group);
  return (
    <Picker
      quiet
      label={t('query.joining')}
      chosen={[now]}
      groups={[{ key: 'join', items: JOINS.map((join) => ({ value: join, label: t(`query.join.${join}`) })) }]}
      onPick={(picked) => onChange({ ...group, ...joinedBy(picked) })}
    >
      {t(`query.join.${now}`)}
    </Picker>
  );
}

export function ConditionRow({
  condition,
  onChange,
  of,
  only,
}: {
  condition: Condition;
  onChange: (condition: Condition | null) => void;
  of?: readonly Field['of'][];
  /** The one operator that there is, whatever `is` says; the values are texts then. */
  only?: 'is';
}) {
  const t = useText();
  const id = useId();
  const { choices } = useFields(useNames());
  const type = only ? 'text' : typeOf(condition.field, choices);
  const name = fieldName(condition.field, t, choices);
  const operators = operatorsOf(type);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a condition is one of many in a form, without a frame of its own.
    <div className={styles.condition} role="group" aria-labelledby={id}>
      <span className="hidden-visually" id={id}>
        {t('query.conditionOn', { field: name })}
      </span>
      <IconFilter size={14} aria-hidden className={styles.conditionIcon} />
      <FieldPicker
        label={t('query.fieldLabel')}
        value={condition.field}
        empty={t('query.chooseField')}
        onChange={(field, next) => {
          const kept = withOperator({ ...condition, field, values: [] }, next, condition.is);
          onChange(operatorsOf(next).includes(condition.is) ? kept : newCondition(field, next));
        }}
        {...(of ? { of } : {})}
      />
      {only ? (
        t(`query.is.${only}`)
      ) : type === 'audience' ? null : (
        <Picker
          quiet
          label={t('query.operator')}
          chosen={[condition.is]}
          searchable={false}
          groups={[
            {
              key: 'operators',
              items: operators.map((operator) => ({ value: operator, label: t(`query.is.${operator}`) })),
            },
          ]}
          onPick={(picked) => onChange(withOperator(condition, type, picked as Operator))}
          width={210}
        >
          {t(`query.is.${condition.is}`)}
        </Picker>
      )}
      <ValueEntry condition={condition} type={type} onChange={(values) => onChange({ ...condition, values })} />
      {condition.field.of === 'trait' ? (
        <AsOf field={condition.field} onChange={(field) => onChange({ ...condition, field })} />
      ) : null}
      <span className={styles.conditionRemove}>
        <IconButton small label={t('query.removeCondition', { field: name })} onClick={() => onChange(null)}>
          <IconX size={14} />
        </IconButton>
      </span>
    </div>
  );
}

type Trait = Extract<Field, { of: 'trait' }>;

/** Whether a trait counts as it is now, or as it was when the event happened. */
export function AsOf({ field, onChange }: { field: Trait; onChange: (field: Trait) => void }) {
  const t = useText();
  const other = field.as === 'now' ? 'then' : 'now';
  return (
    <Button small look="quiet" onClick={() => onChange({ ...field, as: other })}>
      {t(`query.as.${field.as}`)}
    </Button>
  );
}
