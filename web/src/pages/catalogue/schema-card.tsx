import { IconPlus, IconTrash, IconWand } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, ConfirmButton, IconButton } from '../../kit/button.tsx';
import { CodeField, Segments, SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { type CatalogueDetail, catalogue, type Rules, type Schema } from './calls.ts';
import styles from './catalogue.module.css';
import { RuleChoices } from './rule-choices.tsx';
import { rowsOf, type SchemaRow, TYPES, withoutRow, withRow } from './schema-rows.ts';
import { useChange } from './use-change.ts';

const OWN_RULES = ['unplanned_property', 'missing_property', 'wrong_value'] as const;

/** What the event must look like, as a table of rules or as JSON Schema, and what happens when it does not. */
export function SchemaCard({ event, mayWrite }: { event: CatalogueDetail; mayWrite: boolean }) {
  const t = useText();
  const current = event.versions.find((one) => one.version === event.version);
  const [schema, setSchema] = useState<Schema | null>(current?.schema ?? null);
  const [rules, setRules] = useState<Partial<Rules>>(current?.rules ?? {});
  const [view, setView] = useState('table');
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const plan = useQuery({ queryKey: ['catalogue', 'plan'], queryFn: catalogue.plan });
  const draft = useMutation({
    mutationFn: () => catalogue.draft(event),
    onSuccess: (drafted) => {
      setSchema(drafted.schema);
      setText(JSON.stringify(drafted.schema, null, 2));
    },
  });
  const save = useChange(event, (input: Schema) => catalogue.save(event, { schema: input, rules }));
  const unplan = useChange(event, () => catalogue.unplan(event));

  const show = (next: string) => {
    if (next === 'json') setText(JSON.stringify(schema ?? {}, null, 2));
    setView(next);
  };
  const write = (next: string) => {
    setText(next);
    try {
      setSchema(JSON.parse(next) as Schema);
      setWrong(null);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  const error = draft.error ?? save.error ?? unplan.error;
  return (
    <Card
      title={t('catalogue.schema')}
      hint={t('catalogue.schemaHint')}
      action={
        mayWrite ? (
          <Button small icon={<IconWand size={15} />} busy={draft.isPending} onClick={() => draft.mutate()}>
            {t('catalogue.draft')}
          </Button>
        ) : undefined
      }
    >
      <Stack gap={16}>
        {error ? <Refusal title={t('catalogue.notSaved')} error={error} /> : null}
        {schema === null ? (
          <p style={{ margin: 0, color: 'var(--ink-dim)' }}>{t('catalogue.noSchema')}</p>
        ) : (
          <>
            <Segments
              label={t('catalogue.schema')}
              value={view}
              onChange={show}
              choices={[
                { value: 'table', label: t('catalogue.asTable') },
                { value: 'json', label: 'JSON' },
              ]}
            />
            {view === 'json' ? (
              <CodeField
                label={t('catalogue.json')}
                rows={18}
                value={text}
                onChange={write}
                error={wrong ? t('catalogue.notJson', { why: wrong }) : null}
              />
            ) : (
              <RuleTable schema={schema} onChange={setSchema} mayWrite={mayWrite} />
            )}
            {plan.data ? (
              <RuleChoices
                of={OWN_RULES}
                rules={rules}
                usual={plan.data.rules}
                onChange={(rule, action) => {
                  const { [rule]: _, ...rest } = rules;
                  setRules(action ? { ...rest, [rule]: action } : rest);
                }}
              />
            ) : null}
            {mayWrite ? (
              <Row>
                <Button look="main" busy={save.isPending} disabled={wrong !== null} onClick={() => save.mutate(schema)}>
                  {event.version === null ? t('catalogue.saveSchema') : t('catalogue.saveVersion')}
                </Button>
                {event.version === null ? null : (
                  <ConfirmButton
                    small={false}
                    question={t('catalogue.unplanQuestion')}
                    confirm={t('catalogue.unplan')}
                    busy={unplan.isPending}
                    onConfirm={() => unplan.mutate(undefined)}
                  >
                    {t('catalogue.unplan')}
                  </ConfirmButton>
                )}
              </Row>
            ) : null}
          </>
        )}
      </Stack>
    </Card>
  );
}

function RuleTable({
  schema,
  onChange,
  mayWrite,
}: {
  schema: Schema;
  onChange: (schema: Schema) => void;
  mayWrite: boolean;
}) {
  const t = useText();
  const [added, setAdded] = useState('');
  const rows = rowsOf(schema);
  const change = (row: SchemaRow, part: Partial<SchemaRow>) => onChange(withRow(schema, { ...row, ...part }));
  return (
    <div className={styles.scroll}>
      <table className={styles.rules} aria-label={t('catalogue.schema')}>
        <thead>
          <tr>
            <th scope="col">{t('catalogue.property')}</th>
            <th scope="col">{t('catalogue.types')}</th>
            <th scope="col">{t('catalogue.required')}</th>
            <th scope="col">{t('catalogue.allowed')}</th>
            <th scope="col">
              <span className="hidden-visually">{t('catalogue.remove')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <td className={styles.path}>{row.name}</td>
              <td style={{ inlineSize: 170 }}>
                <SelectField
                  hideLabel
                  label={t('catalogue.typeOf', { property: row.name })}
                  value={row.type}
                  onChange={(type) => change(row, { type })}
                  choices={(TYPES.includes(row.type) ? TYPES : [...TYPES, row.type]).map((value) => ({
                    value,
                    label: value || t('catalogue.anyValue'),
                  }))}
                />
              </td>
              <td>
                <Switch
                  label={t('catalogue.required')}
                  checked={row.required}
                  disabled={!mayWrite}
                  onChange={(required) => change(row, { required })}
                />
              </td>
              <td>
                <TextField
                  label={t('catalogue.allowedOf', { property: row.name })}
                  hideLabel
                  value={row.allowed}
                  placeholder={t('catalogue.allowedHint')}
                  onChange={(allowed) => change(row, { allowed })}
                />
              </td>
              <td>
                {mayWrite ? (
                  <IconButton
                    small
                    label={t('catalogue.removeNamed', { property: row.name })}
                    onClick={() => onChange(withoutRow(schema, row.name))}
                  >
                    <IconTrash size={15} />
                  </IconButton>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {mayWrite ? (
        <Row style={{ alignItems: 'flex-end', paddingBlockStart: 8 }}>
          <TextField label={t('catalogue.addProperty')} value={added} onChange={setAdded} />
          <Button
            icon={<IconPlus size={15} />}
            disabled={added.trim() === '' || rows.some((row) => row.name === added.trim())}
            onClick={() => {
              onChange(withRow(schema, { name: added.trim(), type: 'string', required: false, allowed: '' }));
              setAdded('');
            }}
          >
            {t('catalogue.add')}
          </Button>
        </Row>
      ) : null}
    </div>
  );
}
