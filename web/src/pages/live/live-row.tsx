import { IconCircleOff } from '@tabler/icons-react';
import { memo } from 'react';
import { Link } from 'react-router';
import { KIND_ICONS, kindOf } from '../../events/kinds.ts';
import { EventSentence } from '../../events/sentence.tsx';
import { formatClockSeconds, humanise } from '../../format.ts';
import { ChannelMark } from '../../kit/channel.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Skeleton } from '../../kit/states.tsx';
import { Rich, useText } from '../../text.tsx';
import type { FeedItem } from './feed.ts';
import styles from './live.module.css';

/** A reason as people read it: a code becomes words, a sentence stays as it is. */
export function reasonText(reason: string): string {
  return /^[a-z0-9]+(?:[_\-.][a-z0-9]+)*$/i.test(reason) ? humanise(reason) : reason;
}

/** One thing that arrived. Kept as it was drawn: what has arrived does not change. */
export const LiveRow = memo(
  function LiveRow({
    item,
    sourceName,
    open,
    onOpen,
  }: {
    item: FeedItem;
    sourceName: string;
    open: boolean;
    onOpen: () => void;
  }) {
    const t = useText();
    return (
      <li className={[styles.row, open ? styles.open : '', item.kind === 'drop' ? styles.drop : ''].join(' ')}>
        <span className={styles.clock}>
          <Time at={item.at}>{formatClockSeconds(item.at)}</Time>
        </span>
        {item.kind === 'event' ? (
          <ChannelMark
            small
            channel={item.event.channel}
            icon={KIND_ICONS[kindOf(item.event)]}
            strong={kindOf(item.event) === 'orderCompleted'}
          />
        ) : (
          <span className={styles.dropMark} aria-hidden>
            <IconCircleOff size={14} />
          </span>
        )}
        <span className={styles.what}>
          <button type="button" className={styles.button} data-row aria-expanded={open} onClick={onOpen}>
            {item.kind === 'event' ? (
              <EventSentence event={item.event} />
            ) : (
              <Rich k="live.dropped" values={{ name: item.drop.name ?? t('live.anEvent') }} />
            )}
          </button>
          {item.kind === 'drop' ? (
            <span className={styles.reason}>
              <Tag tone="warn">{humanise(item.drop.step)}</Tag> {reasonText(item.drop.reason)}
            </span>
          ) : null}
        </span>
        <span className={styles.who}>
          {item.kind === 'event' ? (
            <Link to={`/people/${encodeURIComponent(item.event.personId)}`}>
              <bdi>{item.event.personName ?? t('people.unknown')}</bdi>
            </Link>
          ) : null}
        </span>
        <span className={styles.source}>{sourceName}</span>
      </li>
    );
  },
  (before, after) => before.item === after.item && before.open === after.open && before.sourceName === after.sourceName,
);

export function LiveSkeleton() {
  return (
    <ol className={styles.list}>
      {Array.from({ length: 10 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
        <li key={index} className={styles.row}>
          <span className={styles.clock}>
            <Skeleton width={56} />
          </span>
          <Skeleton width={24} height={24} round />
          <span className={styles.what}>
            <Skeleton width={160 + ((index * 47) % 160)} />
          </span>
          <span className={styles.who}>
            <Skeleton width={100} />
          </span>
          <span className={styles.source}>
            <Skeleton width={70} />
          </span>
        </li>
      ))}
    </ol>
  );
}
