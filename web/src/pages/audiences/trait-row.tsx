import { Picker } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { typeOf, useFields } from '../reports/parts/choices.ts';
import { FieldPicker } from '../reports/parts/field-picker.tsx';
import { newCondition, operatorsOf, withOperator } from '../reports/parts/filter-value.ts';
import type { Condition, Field, Operator } from '../reports/parts/types.ts';
import { ValueEntry } from '../reports/parts/value-entry.tsx';
import styles from './audiences.module.css';
import type { Leaf } from './draft.ts';
import type { LeafProps } from './leaf-editor.tsx';

/** What is known of a person, or of an account, now. */
export function TraitRow({
  label,
  leaf,
  onChange,
  ofAccount,
}: LeafProps<Extract<Leaf, { is: 'trait' }>> & { ofAccount: boolean }) {
  const t = useText();
  const { choices } = useFields([]);
  const of = ofAccount ? 'account' : 'trait';
  const field: Field = ofAccount ? { of: 'account', name: leaf.name } : { of: 'trait', name: leaf.name, as: 'now' };
  const condition: Condition = { field, is: leaf.op, values: leaf.values };
  const type = typeOf(field, choices);
  const put = ({ field: next, is, values }: Condition) =>
    onChange({ is: 'trait', name: 'name' in next ? next.name : '', op: is, values });
  return (
    <div className={styles.line}>
      <span className={styles.words}>{t(ofAccount ? 'audiences.says.accountTrait' : 'audiences.says.trait')}</span>
      <FieldPicker
        label={`${label}: ${t('audiences.traitLabel')}`}
        value={leaf.name === '' ? undefined : field}
        empty={t('audiences.chooseTrait')}
        of={[of]}
        onChange={(next, nextType) => put(newCondition(next, nextType))}
      />
      {leaf.name === '' ? null : (
        <>
          <Picker
            quiet
            label={`${label}: ${t('query.operator')}`}
            chosen={[leaf.op]}
            searchable={false}
            groups={[
              {
                key: 'operators',
                items: operatorsOf(type).map((operator) => ({ value: operator, label: t(`query.is.${operator}`) })),
              },
            ]}
            onPick={(picked) => put(withOperator(condition, type, picked as Operator))}
            width={210}
          >
            {t(`query.is.${leaf.op}`)}
          </Picker>
          <ValueEntry condition={condition} type={type} onChange={(values) => put({ ...condition, values })} />
        </>
      )}
    </div>
  );
}
