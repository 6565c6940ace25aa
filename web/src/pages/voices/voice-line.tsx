import { Tag, Time } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { VoiceReply } from './api.ts';
import styles from './voices.module.css';
import { ofName, scoreWords } from './words.ts';

/** One voice as a line of the list: who, where, when, what they said, how they feel and what it is about. */
export function VoiceLine({ voice, isOpen, onOpen }: { voice: VoiceReply; isOpen: boolean; onOpen: () => void }) {
  const t = useText();
  const score = scoreWords(voice);
  return (
    <article className={styles.voice} data-unread={!voice.read || undefined} data-open={isOpen || undefined}>
      <header>
        {voice.mood ? (
          <span className={styles.mood} data-mood={voice.mood}>
            <span className={styles.dot} data-mood={voice.mood} aria-hidden /> {t(`voices.moods.${voice.mood}`)}
          </span>
        ) : (
          <span className={styles.mood}>{t('voices.waits')}</span>
        )}
        <button type="button" className={styles.who} aria-expanded={isOpen} onClick={onOpen}>
          {voice.read ? null : <span className="hidden-visually">{t('voices.unread')}: </span>}
          <bdi>{voice.author || voice.person.name}</bdi>
        </button>
        <span className={styles.where}>
          {ofName(voice.of, t)}
          {voice.place ? (
            <>
              {' · '}
              <bdi>{voice.place}</bdi>
            </>
          ) : null}
        </span>
        <span className={styles.when}>
          <Time at={voice.saidAt} />
        </span>
      </header>
      <p
        className={styles.text}
        dir="auto"
        {...(voice.language && voice.language !== 'und' ? { lang: voice.language } : {})}
      >
        {voice.text || t('voices.noWords')}
      </p>
      <footer>
        {score ? <Tag>{score}</Tag> : null}
        {voice.topics.map((topic) => (
          <Tag key={topic.id} tone="accent">
            <bdi>{topic.path.join(' / ')}</bdi>
          </Tag>
        ))}
        {voice.hasPicture ? <Tag>{t('voices.picture')}</Tag> : null}
        {voice.assignedTo ? <Tag tone="plain">{voice.assignedTo.name}</Tag> : null}
      </footer>
    </article>
  );
}
