import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatNumber } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { CodeField, SelectField, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type TopicReply, voicesApi } from './api.ts';
import styles from './voices.module.css';
import { languageName } from './words.ts';

/** So long the suggestions are asked for again after somebody wanted a new look. */
const LOOKING_MS = 15_000;
const LANGUAGES = ['en', 'pl', 'it', 'ru', 'zh', 'any'] as const;

interface Edited {
  id: number | null;
  name: string;
  parentId: number | null;
  words: Record<string, string[]>;
}

/** The tree of topics with their words, and what the voices themselves suggest. */
export function TopicsPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const mayWrite = useMay('voices.write');
  const queries = useQueryClient();
  const [edited, setEdited] = useState<Edited | null>(null);
  const read = useQuery({
    queryKey: ['voices', 'topics'],
    queryFn: ({ signal }) => voicesApi.topics(signal),
    refetchInterval: (query) => ((query.state.data?.sorting.left ?? 0) > 0 ? 2000 : false),
  });
  const look = useMutation({ mutationFn: () => voicesApi.lookForSuggestions() });
  const suggestions = useQuery({
    queryKey: ['voices', 'suggestions'],
    queryFn: ({ signal }) => voicesApi.suggestions(signal),
    refetchInterval: () => (look.isSuccess && Date.now() - look.submittedAt < LOOKING_MS ? 2000 : false),
  });
  const looking = look.isSuccess && suggestions.dataUpdatedAt - look.submittedAt < LOOKING_MS - 2000;
  /** Once the topics are here as they are now: what is changed next is changed from there. */
  const renewed = () => {
    queries.invalidateQueries({ queryKey: ['voices'] });
    return read.refetch({ cancelRefetch: false });
  };
  const done = async () => {
    await renewed();
    setEdited(null);
  };
  const save = useMutation({
    mutationFn: ({ id, ...input }: Edited) =>
      id === null ? voicesApi.makeTopic(input) : voicesApi.changeTopic(id, input),
    onSuccess: done,
  });
  const archive = useMutation({ mutationFn: (id: number) => voicesApi.archiveTopic(id), onSuccess: done });
  const merge = useMutation({
    mutationFn: ({ id, into }: { id: number; into: number }) => voicesApi.mergeTopic(id, into),
    onSuccess: done,
  });
  const accept = useMutation({ mutationFn: (id: string) => voicesApi.acceptSuggestion(id), onSuccess: renewed });
  const dismiss = useMutation({ mutationFn: (id: string) => voicesApi.dismissSuggestion(id), onSuccess: renewed });
  const error = save.error ?? archive.error ?? merge.error ?? accept.error ?? dismiss.error ?? look.error;
  const topics = [...(read.data?.items ?? [])].sort((a, b) => a.path.join('/').localeCompare(b.path.join('/')));
  const edit = ({ id, name, parentId, words }: TopicReply) => setEdited({ id, name, parentId, words });
  return (
    <SidePanel title={t('voices.topics')} sub={t('voices.topicsHint')} onClose={onClose}>
      <Stack gap={18}>
        {error ? <Refusal title={t('voices.changeFailed')} error={error} /> : null}
        {read.error ? <Refusal title={t('voices.failed')} error={read.error} onRetry={() => read.refetch()} /> : null}
        {read.isPending ? (
          <Loading>
            <Skeleton height={240} />
          </Loading>
        ) : null}
        {(read.data?.sorting.left ?? 0) > 0 ? (
          <p role="status">{t('voices.sorting', { left: formatNumber(read.data!.sorting.left) })}</p>
        ) : null}
        {edited ? (
          <Editor
            of={edited}
            topics={topics}
            busy={save.isPending}
            onChange={setEdited}
            onSave={() => save.mutate(edited)}
            onMerge={(into) => edited.id !== null && merge.mutate({ id: edited.id, into })}
            onArchive={() => edited.id !== null && archive.mutate(edited.id)}
            onCancel={() => setEdited(null)}
          />
        ) : (
          <>
            {mayWrite ? (
              <Row>
                <Button
                  look="main"
                  icon={<IconPlus size={16} />}
                  onClick={() => setEdited({ id: null, name: '', parentId: null, words: {} })}
                >
                  {t('voices.newTopic')}
                </Button>
              </Row>
            ) : null}
            <ul className={styles.tree} aria-label={t('voices.topics')}>
              {topics.map((topic) => (
                <li key={topic.id} className={styles.topic} style={{ marginInlineStart: (topic.path.length - 1) * 20 }}>
                  <bdi>{topic.name}</bdi>
                  <small>{Object.values(topic.words).flat().slice(0, 6).join(', ')}</small>
                  {mayWrite ? (
                    <Button small onClick={() => edit(topic)}>
                      {t('voices.changeTopic')} <span className="hidden-visually">{topic.name}</span>
                    </Button>
                  ) : null}
                </li>
              ))}
            </ul>
            <section>
              <h3>{t('voices.suggested')}</h3>
              <ul className={styles.tree}>
                {(suggestions.data?.items ?? []).map((one) => (
                  <li key={one.id} className={styles.topic}>
                    <bdi lang={one.language}>{one.name}</bdi>
                    <small>
                      {t('voices.suggestionNote', {
                        count: one.voices,
                        number: formatNumber(one.voices),
                        share: formatNumber(one.voices > 0 ? one.negative / one.voices : 0, {
                          style: 'percent',
                          maximumFractionDigits: 0,
                        }),
                      })}
                    </small>
                    {mayWrite ? (
                      <>
                        <Button small busy={accept.isPending} onClick={() => accept.mutate(one.id)}>
                          {t('voices.accept')} <span className="hidden-visually">{one.name}</span>
                        </Button>
                        <Button small look="quiet" busy={dismiss.isPending} onClick={() => dismiss.mutate(one.id)}>
                          {t('voices.dismiss')} <span className="hidden-visually">{one.name}</span>
                        </Button>
                      </>
                    ) : null}
                  </li>
                ))}
              </ul>
              {suggestions.isSuccess && suggestions.data.items.length === 0 ? <p>{t('voices.noSuggestions')}</p> : null}
              {mayWrite ? (
                <Row>
                  <Button small busy={look.isPending} disabled={looking} onClick={() => look.mutate()}>
                    {t(looking ? 'voices.looking' : 'voices.look')}
                  </Button>
                </Row>
              ) : null}
            </section>
          </>
        )}
      </Stack>
    </SidePanel>
  );
}

function Editor({
  of,
  topics,
  busy,
  onChange,
  onSave,
  onMerge,
  onArchive,
  onCancel,
}: {
  of: Edited;
  topics: readonly TopicReply[];
  busy: boolean;
  onChange: (of: Edited) => void;
  onSave: () => void;
  onMerge: (into: number) => void;
  onArchive: () => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [texts, setTexts] = useState(() =>
    Object.fromEntries(LANGUAGES.map((language) => [language, (of.words[language] ?? []).join(', ')])),
  );
  const others = topics
    .filter(({ id }) => id !== of.id)
    .map(({ id, path }) => ({ value: String(id), label: path.join(' / ') }));
  return (
    <Stack gap={14}>
      <TextField label={t('voices.topicName')} value={of.name} onChange={(name) => onChange({ ...of, name })} />
      <SelectField
        searchable
        label={t('voices.above')}
        value={of.parentId === null ? '' : String(of.parentId)}
        choices={[{ value: '', label: t('voices.top') }, ...others]}
        onChange={(id) => onChange({ ...of, parentId: id === '' ? null : Number(id) })}
      />
      {LANGUAGES.map((language) => (
        <CodeField
          key={language}
          rows={2}
          label={t('voices.wordsIn', {
            language: language === 'any' ? t('voices.everyLanguage') : languageName(language, t),
          })}
          {...(language === 'en' ? { hint: t('voices.wordsHint') } : {})}
          value={texts[language]!}
          onChange={(text) => {
            setTexts({ ...texts, [language]: text });
            onChange({
              ...of,
              words: { ...of.words, [language]: text.split(/[,\n]/).flatMap((word) => word.trim() || []) },
            });
          }}
        />
      ))}
      <Row>
        <Button look="main" busy={busy} disabled={of.name.trim() === ''} onClick={onSave}>
          {t('kit.save')}
        </Button>
        <Button onClick={onCancel}>{t('kit.cancel')}</Button>
        {of.id === null ? null : (
          <ConfirmButton
            small={false}
            question={t('voices.archiveQuestion')}
            confirm={t('voices.archive')}
            onConfirm={onArchive}
          >
            {t('voices.archive')}
          </ConfirmButton>
        )}
      </Row>
      {of.id === null ? null : (
        <SelectField
          searchable
          label={t('voices.mergeInto')}
          value=""
          choices={[{ value: '', label: t('voices.chooseTopic') }, ...others]}
          onChange={(id) => id && onMerge(Number(id))}
        />
      )}
    </Stack>
  );
}
