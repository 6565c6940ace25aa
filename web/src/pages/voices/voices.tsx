import { IconMessages, IconSettings, IconTags } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { late } from '../../kit/late.tsx';
import { Page, Stack } from '../../kit/layout.tsx';
import { NothingHere, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay, useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { MOODS, type VoiceCounts, voicesApi } from './api.ts';
import { VoiceLine } from './voice-line.tsx';
import styles from './voices.module.css';
import { languageName, ofName } from './words.ts';

const VoicePanel = late<{ id: string; onClose: () => void }>(() =>
  import('./voice-panel.tsx').then((part) => part.VoicePanel),
);
const TopicsPanel = late<{ onClose: () => void }>(() => import('./topics-panel.tsx').then((part) => part.TopicsPanel));
const SettingsPanel = late<{ onClose: () => void }>(() =>
  import('./settings-panel.tsx').then((part) => part.SettingsPanel),
);

const FILTERS = ['q', 'mood', 'topic', 'language', 'of', 'person', 'unread'] as const;

/** Everything customers say, wherever they say it, with what it is about and how they feel. */
export function VoicesPage() {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const mayWrite = useMay('voices.write');
  const { hidesPersonalData } = useMe();
  const [q] = useDebouncedValue(url.get('q').trim(), 250);
  const filter = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = name === 'q' ? q : url.get(name);
      return value ? [[name, value]] : [];
    }),
  );
  const list = useInfiniteQuery({
    queryKey: ['voices', 'list', filter],
    queryFn: ({ pageParam, signal }) => voicesApi.list(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  const counts = useQuery({
    queryKey: ['voices', 'counts', filter],
    queryFn: ({ signal }) => voicesApi.counts(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const mark = useMutation({
    mutationFn: () =>
      voicesApi.mark(
        rows.filter((row) => !row.read).map((row) => row.id),
        true,
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['voices'] }),
  });
  const filtered = Object.keys(filter).length > 0;
  const outdated = list.isPlaceholderData;
  const clear = () => url.set(Object.fromEntries(FILTERS.map((name) => [name, null])));
  return (
    <Page
      title={t('voices.title')}
      purpose={t('voices.purpose')}
      action={
        <>
          {mayWrite && rows.some((row) => !row.read) ? (
            <Button busy={mark.isPending} onClick={() => mark.mutate()}>
              {t('voices.markRead')}
            </Button>
          ) : null}
          <Button icon={<IconTags size={16} />} onClick={() => url.set({ panel: 'topics' }, true)}>
            {t('voices.topics')}
          </Button>
          <Button icon={<IconSettings size={16} />} onClick={() => url.set({ panel: 'settings' }, true)}>
            {t('voices.settings')}
          </Button>
        </>
      }
      filters={<Filters counts={counts.data} />}
    >
      <Stack gap={16}>
        {counts.data && counts.data.voices > 0 ? (
          <div data-outdated={counts.isPlaceholderData || undefined}>
            <Numbers of={counts.data} />
          </div>
        ) : null}
        {hidesPersonalData && rows.length > 0 ? <p className={styles.unseen}>{t('voices.unseen')}</p> : null}
        <UntilLoaded
          query={{ ...list, isPending: list.isPending || (outdated && rows.length === 0) }}
          failed={t('voices.failed')}
        >
          <Stack gap={10}>
            <Skeleton height={84} />
            <Skeleton height={84} />
            <Skeleton height={84} />
          </Stack>
        </UntilLoaded>
        {list.isSuccess && !outdated && rows.length === 0 ? (
          <NothingHere
            icon={<IconMessages size={32} stroke={1.5} aria-hidden />}
            title={t(filtered ? 'voices.noneFound' : 'voices.emptyTitle')}
            text={t(filtered ? 'voices.noneFoundText' : 'voices.emptyText')}
            action={
              filtered ? (
                <Button onClick={clear}>{t('kit.clearFilters')}</Button>
              ) : (
                <Button look="main" onClick={() => url.set({ panel: 'settings' }, true)}>
                  {t('voices.widgetOn')}
                </Button>
              )
            }
          />
        ) : null}
        {rows.length > 0 ? (
          <div data-outdated={outdated || undefined} aria-busy={outdated}>
            <ul className={styles.list} aria-label={t('voices.title')}>
              {rows.map((voice) => (
                <li key={voice.id}>
                  <VoiceLine
                    voice={voice}
                    isOpen={voice.id === url.get('voice')}
                    onOpen={() => url.set({ voice: voice.id }, true)}
                  />
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        <MoreOf list={list} />
      </Stack>
      {url.get('voice') ? (
        <VoicePanel key={url.get('voice')} id={url.get('voice')} onClose={() => url.set({ voice: null })} />
      ) : null}
      {url.get('panel') === 'topics' ? <TopicsPanel onClose={() => url.set({ panel: null })} /> : null}
      {url.get('panel') === 'settings' ? <SettingsPanel onClose={() => url.set({ panel: null })} /> : null}
    </Page>
  );
}

function Filters({ counts }: { counts: VoiceCounts | undefined }) {
  const t = useText();
  const { hidesPersonalData } = useMe();
  const url = useUrlState();
  const topics = useQuery({
    queryKey: ['voices', 'topics'],
    queryFn: ({ signal }) => voicesApi.topics(signal),
    staleTime: 60_000,
  });
  const select = (
    name: string,
    label: string,
    any: string,
    choices: { value: string; label: string }[],
    width: number,
  ) => {
    const value = url.get(name);
    const known = choices.some((choice) => choice.value === value) || value === '';
    return (
      <SelectField
        hideLabel
        searchable={choices.length > 8}
        width={width}
        label={label}
        value={value}
        choices={[{ value: '', label: any }, ...choices, ...(known ? [] : [{ value, label: value }])]}
        onChange={(next) => url.set({ [name]: next })}
      />
    );
  };
  return (
    <>
      {hidesPersonalData ? null : (
        <SearchField label={t('voices.search')} value={url.get('q')} onChange={(q) => url.set({ q })} />
      )}
      {select(
        'mood',
        t('voices.mood'),
        t('voices.anyMood'),
        MOODS.map((value) => ({ value, label: t(`voices.moods.${value}`) })),
        150,
      )}
      {select(
        'topic',
        t('voices.topic'),
        t('voices.anyTopic'),
        [
          { value: 'none', label: t('voices.noTopic') },
          ...(topics.data?.items ?? []).map(({ id, path }) => ({ value: String(id), label: path.join(' / ') })),
        ],
        220,
      )}
      {select(
        'language',
        t('voices.language'),
        t('voices.anyLanguage'),
        (counts?.languages ?? []).map(({ language }) => ({ value: language, label: languageName(language, t) })),
        170,
      )}
      {select(
        'of',
        t('voices.from'),
        t('voices.anywhere'),
        (counts?.of ?? []).map(({ name }) => ({ value: name, label: ofName(name, t) })),
        190,
      )}
      {select(
        'unread',
        t('voices.readState'),
        t('voices.readOrNot'),
        [{ value: 'true', label: t('voices.unread') }],
        150,
      )}
    </>
  );
}

/** How those that fit feel, and what they are about; each leads to those voices. */
function Numbers({ of }: { of: VoiceCounts }) {
  const t = useText();
  const url = useUrlState();
  const topics = useQuery({
    queryKey: ['voices', 'topics'],
    queryFn: ({ signal }) => voicesApi.topics(signal),
    staleTime: 60_000,
  });
  const names = new Map((topics.data?.items ?? []).map((topic) => [topic.id, topic.path]));
  const told = MOODS.reduce((sum, mood) => sum + (of.moods[mood] ?? 0), 0);
  const shown = of.topics.filter(({ id }) => (names.get(id)?.length ?? 2) === 1).slice(0, 8);
  return (
    <section className={styles.numbers} aria-label={t('voices.overview')}>
      <div className={styles.moods}>
        <span className={styles.total}>{t('voices.count', { count: of.voices, number: formatNumber(of.voices) })}</span>
        <div className={styles.bar} aria-hidden>
          {MOODS.map((mood) => (
            <span key={mood} data-mood={mood} style={{ flexGrow: told > 0 ? (of.moods[mood] ?? 0) / told : 0 }} />
          ))}
        </div>
        <ul className={styles.legend}>
          {MOODS.map((mood) => (
            <li key={mood}>
              <button
                type="button"
                aria-pressed={url.get('mood') === mood}
                onClick={() => url.set({ mood: url.get('mood') === mood ? null : mood })}
              >
                <span className={styles.dot} data-mood={mood} aria-hidden /> {t(`voices.moods.${mood}`)}{' '}
                <b>{formatNumber(of.moods[mood] ?? 0)}</b>
              </button>
            </li>
          ))}
        </ul>
      </div>
      {shown.length > 0 ? (
        <ul className={styles.topTopics}>
          {shown.map(({ id, voices, negative }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={url.get('topic') === String(id)}
                onClick={() => url.set({ topic: url.get('topic') === String(id) ? null : String(id) })}
              >
                <bdi>{names.get(id)?.join(' / ')}</bdi> <b>{formatNumber(voices)}</b>
                {negative > 0 ? (
                  <small>
                    {t('voices.negativeShare', {
                      share: formatNumber(negative / voices, { style: 'percent', maximumFractionDigits: 0 }),
                    })}
                  </small>
                ) : null}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
