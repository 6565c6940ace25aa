import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { NothingHere, Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type CaseRule, casesApi, type RuleInput } from './api.ts';
import styles from './cases.module.css';
import { apiWords, KINDS, ruleWords } from './rule-words.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HOURS = [1, 2, 4, 8, 24, 48, 72, 168] as const;

const start = (): RuleInput => ({
  name: '',
  enabled: true,
  conditions: {
    scoreAtMost: 6,
    scoreKinds: ['nps'],
    moods: [],
    topics: [],
    words: [],
    of: [],
    surveys: [],
    languages: [],
  },
  owners: [],
  dueHours: 24,
});

/** The rules by which cases are opened: looked at in their order, the first that fits opens one. */
export function RulesPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const mayWrite = useMay('voices.write');
  const queries = useQueryClient();
  const [edited, setEdited] = useState<{ id: string | null; input: RuleInput } | null>(null);
  const read = useQuery({ queryKey: ['cases', 'rules'], queryFn: ({ signal }) => casesApi.rules(signal) });
  /** Once the rules are here as they are now: what is changed next is changed from there. */
  const renewed = () => {
    queries.invalidateQueries({ queryKey: ['cases'] });
    return read.refetch({ cancelRefetch: false });
  };
  const save = useMutation({
    mutationFn: ({ id, input }: { id: string | null; input: RuleInput }) =>
      id === null ? casesApi.makeRule(input) : casesApi.changeRule(id, input),
    onSuccess: async () => {
      await renewed();
      setEdited(null);
    },
  });
  const enable = useMutation({
    // One after another, so that the last is what counts.
    scope: { id: 'cases.rules' },
    mutationFn: ({ rule, enabled }: { rule: CaseRule; enabled: boolean }) =>
      casesApi.changeRule(rule.id, { ...inputOf(rule), enabled }),
    onSuccess: renewed,
  });
  const remove = useMutation({ mutationFn: (id: string) => casesApi.removeRule(id), onSuccess: renewed });
  const isEnabled = (rule: CaseRule) =>
    enable.isPending && enable.variables.rule.id === rule.id ? enable.variables.enabled : rule.enabled;
  const error = save.error ?? enable.error ?? remove.error;
  const rules = read.data?.items ?? [];
  const topics = useTopics();
  const surveys = useSurveyNames(rules);
  return (
    <SidePanel title={t('cases.rules')} sub={t('cases.rulesHint')} onClose={onClose}>
      <Stack gap={16}>
        <UntilLoaded query={read} failed={t('cases.failed')}>
          <Skeleton height={120} />
        </UntilLoaded>
        {error ? <Refusal title={t('cases.actFailed')} error={error} /> : null}
        {edited ? (
          <Editor
            input={edited.input}
            topics={topics}
            surveys={surveys}
            busy={save.isPending}
            onChange={(input) => setEdited({ ...edited, input })}
            onSave={() => save.mutate(edited)}
            onCancel={() => setEdited(null)}
          />
        ) : (
          <>
            {read.isSuccess && rules.length === 0 ? (
              <NothingHere title={t('cases.noRules')} text={t('cases.noRulesText')} />
            ) : null}
            <ul className={styles.rules}>
              {rules.map((rule) => (
                <li key={rule.id} className={styles.rule}>
                  <strong>
                    <bdi>{rule.name}</bdi>
                  </strong>
                  <p>{ruleWords(rule, { topics, surveys }, t)}</p>
                  {mayWrite ? (
                    <Row>
                      <Switch
                        label={t('cases.enabled')}
                        checked={isEnabled(rule)}
                        onChange={(enabled) => enable.mutate({ rule, enabled })}
                      />
                      <Button small onClick={() => setEdited({ id: rule.id, input: inputOf(rule) })}>
                        {t('cases.change')}
                      </Button>
                      <ConfirmButton
                        question={t('cases.removeQuestion')}
                        confirm={t('cases.remove')}
                        onConfirm={() => remove.mutate(rule.id)}
                      >
                        {t('cases.remove')}
                      </ConfirmButton>
                    </Row>
                  ) : null}
                </li>
              ))}
            </ul>
            {mayWrite ? (
              <Row>
                <Button
                  look="main"
                  icon={<IconPlus size={16} />}
                  onClick={() => setEdited({ id: null, input: { ...start(), name: t('cases.firstRule') } })}
                >
                  {t('cases.addRule')}
                </Button>
              </Row>
            ) : null}
          </>
        )}
      </Stack>
    </SidePanel>
  );
}

const inputOf = ({ id: _, place: __, opened: ___, ...input }: CaseRule): RuleInput => input;

/** Each topic's place in the tree by its id, in the tree's order. */
function useTopics(): ReadonlyMap<number, string> {
  const { data } = useQuery({ queryKey: ['cases', 'topics'], queryFn: ({ signal }) => casesApi.topics(signal) });
  return useMemo(() => new Map((data?.items ?? []).map(({ id, path }) => [id, path.join(' / ')])), [data]);
}

/** The names of the surveys that rules speak of, by their ids, as far as whoever looks may see them and they are there. */
function useSurveyNames(rules: readonly CaseRule[]): ReadonlyMap<string, string> {
  const mayRead = useMay('surveys.read');
  const ids = [...new Set(rules.flatMap(({ conditions }) => conditions.surveys))].filter((id) => UUID.test(id)).sort();
  const { data } = useQuery({
    queryKey: ['cases', 'surveys', ids],
    queryFn: async ({ signal }) => new Map(await Promise.all(ids.map((id) => casesApi.survey(id, signal)))),
    enabled: mayRead && ids.length > 0,
    retry: false,
  });
  return data ?? new Map(mayRead ? ids.map((id) => [id, '…']) : []);
}

function Editor({
  input,
  topics,
  surveys,
  busy,
  onChange,
  onSave,
  onCancel,
}: {
  input: RuleInput;
  topics: ReadonlyMap<number, string>;
  surveys: ReadonlyMap<string, string>;
  busy: boolean;
  onChange: (input: RuleInput) => void;
  onSave: () => void;
  onCancel: () => void;
}) {
  const t = useText();
  const { conditions: is } = input;
  const [words, setWords] = useState(is.words.join(', '));
  const set = (change: Partial<RuleInput['conditions']>) => onChange({ ...input, conditions: { ...is, ...change } });
  const owners = useQuery({
    queryKey: ['cases', 'owners'],
    queryFn: ({ signal }) => casesApi.owners(signal),
    staleTime: 60_000,
  });
  const fixed = apiWords(is, surveys, t);
  const number = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text));
  return (
    <Stack gap={14}>
      <TextField label={t('cases.ruleName')} value={input.name} onChange={(name) => onChange({ ...input, name })} />
      <SelectField
        label={t('cases.scoreOf')}
        value={is.scoreKinds[0] ?? ''}
        choices={[
          { value: '', label: t('cases.anyScore') },
          ...KINDS.map((value) => ({ value, label: value === 'rating' ? t('cases.rating') : value.toUpperCase() })),
        ]}
        onChange={(kind) => set({ scoreKinds: KINDS.filter((one) => one === kind) })}
      />
      <TextField
        label={t('cases.scoreAtMost')}
        hint={t('cases.scoreAtMostHint')}
        digits
        value={is.scoreAtMost === undefined ? '' : String(is.scoreAtMost)}
        onChange={(text) => set({ scoreAtMost: number(text) })}
      />
      <SelectField
        label={t('cases.moodLabel')}
        value={is.moods[0] ?? ''}
        choices={[
          { value: '', label: t('cases.anyMood') },
          ...(['negative', 'neutral', 'positive'] as const).map((value) => ({
            value,
            label: t(`cases.mood.${value}`),
          })),
        ]}
        onChange={(mood) =>
          set({ moods: (['negative', 'neutral', 'positive'] as const).filter((one) => one === mood) })
        }
      />
      <div>
        <Row>
          {is.topics.map((id) => (
            <Button key={id} small onClick={() => set({ topics: is.topics.filter((one) => one !== id) })}>
              <span className="hidden-visually">{t('cases.takeTopic')} </span>
              <bdi>{topics.get(id) ?? id}</bdi> ×
            </Button>
          ))}
        </Row>
        <SelectField
          searchable
          label={t('cases.addTopic')}
          value=""
          choices={[
            { value: '', label: t('cases.chooseTopic') },
            ...[...topics].flatMap(([id, label]) => (is.topics.includes(id) ? [] : [{ value: String(id), label }])),
          ]}
          onChange={(id) => id && set({ topics: [...is.topics, Number(id)] })}
        />
        <p className={styles.hint}>{t('cases.topicHint')}</p>
      </div>
      <TextField
        label={t('cases.words')}
        hint={t('cases.wordsHint')}
        value={words}
        onChange={(text) => {
          setWords(text);
          set({ words: text.split(',').flatMap((word) => word.trim() || []) });
        }}
      />
      <Row>
        <TextField
          label={t('cases.trait')}
          value={is.trait?.name ?? ''}
          onChange={(name) => set({ trait: name === '' ? undefined : { name, atLeast: is.trait?.atLeast ?? 0 } })}
        />
        {is.trait ? (
          <TextField
            label={t('cases.atLeast')}
            digits
            value={String(is.trait.atLeast)}
            onChange={(text) => set({ trait: { name: is.trait!.name, atLeast: number(text) ?? 0 } })}
          />
        ) : null}
      </Row>
      {fixed.length > 0 ? (
        <p className={styles.hint}>{t('cases.setByApi', { conditions: fixed.join(' · ') })}</p>
      ) : null}
      <SelectField
        label={t('cases.owner')}
        searchable
        value={input.owners[0] ?? ''}
        choices={[
          { value: '', label: t('cases.nobody') },
          ...(owners.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(owner) => onChange({ ...input, owners: owner === '' ? [] : [owner] })}
      />
      <SelectField
        label={t('cases.dueWithin')}
        value={String(input.dueHours)}
        choices={[...new Set([...HOURS, input.dueHours])].map((hours) => ({
          value: String(hours),
          label: t('cases.within', { count: hours }),
        }))}
        onChange={(hours) => onChange({ ...input, dueHours: Number(hours) })}
      />
      <Row>
        <Button look="main" busy={busy} disabled={input.name.trim() === ''} onClick={onSave}>
          {t('kit.save')}
        </Button>
        <Button onClick={onCancel}>{t('kit.cancel')}</Button>
      </Row>
    </Stack>
  );
}
