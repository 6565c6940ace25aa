import { SelectField } from '../../kit/field.tsx';
import { useText } from '../../text.tsx';
import { ACTIONS, type Action, type Rule } from './calls.ts';
import styles from './catalogue.module.css';

/** What happens for each kind of breach; with `usual`, one can leave a kind to the plan. */
export function RuleChoices({
  of,
  rules,
  usual,
  onChange,
}: {
  of: readonly Rule[];
  rules: Partial<Record<Rule, Action>>;
  usual?: Record<Rule, Action>;
  onChange: (rule: Rule, action: Action | undefined) => void;
}) {
  const t = useText();
  return (
    <div className={styles.choices}>
      {of.map((rule) => (
        <SelectField
          key={rule}
          label={t(`catalogue.rule.${rule}`)}
          value={rules[rule] ?? ''}
          onChange={(action) => onChange(rule, action === '' ? undefined : (action as Action))}
          choices={[
            ...(usual
              ? [{ value: '', label: t('catalogue.asPlan', { action: t(`catalogue.action.${usual[rule]}`) }) }]
              : []),
            ...ACTIONS.map((action) => ({ value: action, label: t(`catalogue.action.${action}`) })),
          ]}
        />
      ))}
    </div>
  );
}
