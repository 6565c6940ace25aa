import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { Button, IconButton } from '../../kit/button.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import type { Step } from './calls.ts';
import styles from './transformations.module.css';

const NEW: { [K in Step['do']]: Extract<Step, { do: K }> } = {
  rename: { do: 'rename', from: 'properties.old', to: 'properties.new' },
  remove: { do: 'remove', path: 'properties.secret' },
  set: { do: 'set', path: 'properties.name', by: 'template', text: '{{properties.first}} {{properties.last}}' },
  hash: { do: 'hash', path: 'traits.email', salt: '' },
  mask: { do: 'mask', path: 'traits.email', keep: 'domain' },
  convert: { do: 'convert', path: 'properties.total', to: 'number' },
  lowercase: { do: 'lowercase', path: 'traits.email' },
  drop: { do: 'drop', when: "context.ip = '10.0.0.1'" },
  renameEvent: { do: 'renameEvent', from: 'purchase', to: 'Order Completed' },
};

/** The choices of the fields that have some. */
const CHOICES: Record<string, readonly string[]> = {
  by: ['value', 'template', 'expression'],
  keep: ['nothing', 'domain', 'last4'],
  'convert.to': ['text', 'number', 'boolean', 'time'],
};

/** A list of small steps, each with the fields of its kind. */
export function StepsEditor({
  steps,
  readOnly,
  onChange,
}: {
  steps: readonly Step[];
  readOnly: boolean;
  onChange: (steps: Step[]) => void;
}) {
  const t = useText();
  const put = (at: number, step: Step) => onChange(steps.map((one, i) => (i === at ? step : one)));
  const swap = (at: number, other: number) => {
    const next = [...steps];
    [next[at], next[other]] = [next[other]!, next[at]!];
    onChange(next);
  };
  return (
    <Stack gap={12}>
      <ol className={styles.steps}>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place.
          <li key={at}>
            <fieldset className={styles.step} disabled={readOnly}>
              <legend className="hidden-visually">{t('transformations.stepNumber', { number: at + 1 })}</legend>
              <div className={styles.stepFields}>
                <SelectField
                  label={t('transformations.stepKind')}
                  value={step.do}
                  choices={Object.keys(NEW).map((name) => ({
                    value: name,
                    label: t(`transformations.step.${name as Step['do']}`),
                  }))}
                  onChange={(name) => put(at, NEW[name as Step['do']])}
                />
                {Object.entries(step)
                  .filter(([field]) => field !== 'do')
                  .map(([field, value]) => (
                    <StepField key={field} step={step} field={field} value={value} onChange={(next) => put(at, next)} />
                  ))}
              </div>
              {readOnly ? null : (
                <Row gap={2}>
                  {at > 0 ? (
                    <IconButton small label={t('transformations.up')} onClick={() => swap(at, at - 1)}>
                      <IconArrowUp size={16} />
                    </IconButton>
                  ) : null}
                  {at < steps.length - 1 ? (
                    <IconButton small label={t('transformations.down')} onClick={() => swap(at, at + 1)}>
                      <IconArrowDown size={16} />
                    </IconButton>
                  ) : null}
                  {steps.length > 1 ? (
                    <IconButton
                      small
                      label={t('transformations.removeStep')}
                      onClick={() => onChange(steps.filter((_, i) => i !== at))}
                    >
                      <IconTrash size={16} />
                    </IconButton>
                  ) : null}
                </Row>
              )}
            </fieldset>
          </li>
        ))}
      </ol>
      {readOnly ? null : (
        <div>
          <Button small icon={<IconPlus size={15} />} onClick={() => onChange([...steps, NEW.remove])}>
            {t('transformations.addStep')}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function StepField({
  step,
  field,
  value,
  onChange,
}: {
  step: Step;
  field: string;
  value: string;
  onChange: (step: Step) => void;
}) {
  const t = useText();
  const choices = CHOICES[`${step.do}.${field}`] ?? CHOICES[field];
  const change = (next: string) => onChange({ ...step, [field]: next } as Step);
  if (choices && !(field === 'to' && step.do !== 'convert')) {
    return (
      <SelectField
        label={t(`transformations.field.${field as 'by'}`)}
        value={value}
        choices={choices.map((name) => ({ value: name, label: t(`transformations.choice.${name as 'value'}`) }))}
        onChange={change}
      />
    );
  }
  return <TextField label={t(`transformations.field.${field as 'path'}`)} value={value} onChange={change} />;
}
