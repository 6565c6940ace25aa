import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Pairs, Tag, Time } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { WordsField } from '../../kit/words-field.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { MOODS, type Mood, type VoiceChange, type VoiceReply, voicesApi } from './api.ts';
import styles from './voices.module.css';
import { languageName, ofName, scoreWords } from './words.ts';

const VoicePicture = late<{ id: string }>(() => import('./voice-picture.tsx').then((part) => part.VoicePicture));

/** One voice whole: what was said and how it was understood, to be corrected, noted and handed on. */
export function VoicePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const read = useQuery({ queryKey: ['voices', 'one', id], queryFn: ({ signal }) => voicesApi.read(id, signal) });
  const voice = read.data;
  return (
    <SidePanel
      title={voice ? <bdi>{voice.author || voice.person.name}</bdi> : t('voices.one')}
      {...(voice ? { sub: [ofName(voice.of, t), voice.place].filter(Boolean).join(' · ') } : {})}
      onClose={onClose}
    >
      <UntilLoaded query={read} failed={t('voices.failed')}>
        <Skeleton height={200} />
      </UntilLoaded>
      {voice ? <Body voice={voice} /> : null}
    </SidePanel>
  );
}

function Body({ voice }: { voice: VoiceReply }) {
  const t = useText();
  const mayWrite = useMay('voices.write');
  const queries = useQueryClient();
  const [note, setNote] = useState(voice.note);
  const topics = useQuery({
    queryKey: ['voices', 'topics'],
    queryFn: ({ signal }) => voicesApi.topics(signal),
    staleTime: 60_000,
  });
  const change = useMutation({
    // One after another, so that the last is what counts.
    scope: { id: `voices.${voice.id}` },
    mutationFn: (to: VoiceChange) => voicesApi.change(voice.id, to),
    onSuccess: (changed) => {
      queries.setQueryData(['voices', 'one', voice.id], changed);
      queries.invalidateQueries({ queryKey: ['voices', 'list'] });
      queries.invalidateQueries({ queryKey: ['voices', 'counts'] });
      toast(t('voices.saved'));
    },
  });
  // With what is on its way: the next change goes on from there.
  const has = (change.isPending && change.variables.topics) || voice.topics.map((topic) => topic.id);
  const score = scoreWords(voice);
  const measured = (value: number | null) =>
    value === null ? '–' : formatNumber(value, { maximumFractionDigits: 2, signDisplay: 'exceptZero' });
  return (
    <Stack gap={20}>
      <blockquote
        className={styles.quote}
        dir="auto"
        {...(voice.language && voice.language !== 'und' ? { lang: voice.language } : {})}
      >
        {voice.text || t('voices.noWords')}
      </blockquote>
      {voice.hasPicture ? <VoicePicture id={voice.id} /> : null}
      <Pairs
        rows={[
          [t('voices.saidAt'), <Time key="at" at={voice.saidAt} />],
          [
            t('voices.person'),
            <Link key="person" to={`/people/${voice.person.id}`}>
              <bdi>{voice.person.name}</bdi>
            </Link>,
          ],
          ...(score ? [[t('voices.score'), score] as [string, string]] : []),
          [t('voices.language'), languageName(voice.language, t)],
          [
            t('voices.sentiment'),
            <span key="sentiment">
              {measured(voice.sentiment)} {voice.basis ? <Tag>{t(`voices.basis.${voice.basis}`)}</Tag> : null}
            </span>,
          ],
          ...(voice.effort === null
            ? []
            : [[t('voices.effort'), formatNumber(voice.effort, { style: 'percent' })] as [string, string]]),
          ...(voice.path ? [[t('voices.page'), <bdi key="page">{voice.path}</bdi>] as [string, React.ReactNode]] : []),
          ...(voice.element
            ? [[t('voices.element'), <bdi key="element">{voice.element}</bdi>] as [string, React.ReactNode]]
            : []),
        ]}
      />
      {change.error ? <Refusal title={t('voices.changeFailed')} error={change.error} /> : null}
      {mayWrite ? (
        <Stack gap={14}>
          <SelectField
            label={t('voices.mood')}
            value={voice.mood ?? ''}
            choices={[
              ...(voice.mood ? [] : [{ value: '', label: t('voices.waits') }]),
              ...MOODS.map((value) => ({ value, label: t(`voices.moods.${value}`) })),
            ]}
            onChange={(mood) => mood && change.mutate({ mood: mood as Mood })}
          />
          <div>
            <Row>
              {voice.topics
                .filter(({ id }) => has.includes(id))
                .map((topic) => (
                  <Button
                    key={topic.id}
                    small
                    onClick={() => change.mutate({ topics: has.filter((one) => one !== topic.id) })}
                  >
                    <span className="hidden-visually">{t('voices.takeTopic')} </span>
                    <bdi>{topic.path.join(' / ')}</bdi> ×
                  </Button>
                ))}
            </Row>
            <SelectField
              searchable
              label={t('voices.addTopic')}
              value=""
              choices={[
                { value: '', label: t('voices.chooseTopic') },
                ...(topics.data?.items ?? [])
                  .filter(({ id }) => !has.includes(id))
                  .map(({ id, path }) => ({ value: String(id), label: path.join(' / ') })),
              ]}
              onChange={(id) => id && change.mutate({ topics: [...has, Number(id)] })}
            />
          </div>
          <WordsField label={t('voices.note')} rows={3} value={note} onChange={setNote} />
          <Row>
            <Button busy={change.isPending} disabled={note === voice.note} onClick={() => change.mutate({ note })}>
              {t('kit.save')}
            </Button>
            <Button onClick={() => change.mutate({ read: !voice.read })}>
              {t(voice.read ? 'voices.markUnread' : 'voices.markOneRead')}
            </Button>
          </Row>
        </Stack>
      ) : null}
    </Stack>
  );
}
