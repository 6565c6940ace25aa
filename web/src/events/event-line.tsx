import { formatClock } from '../format.ts';
import { ChannelMark, ChannelName } from '../kit/channel.tsx';
import { Time } from '../kit/data.tsx';
import { Parts } from '../kit/parts.tsx';
import { useText } from '../text.tsx';
import type { TimelineEvent } from '../wire.ts';
import styles from './event-line.module.css';
import { amountOf } from './facts.ts';
import { KIND_ICONS, kindOf } from './kinds.ts';
import { EventSentence, eventNotes } from './sentence.tsx';

/**
 * One event on the line: its mark, what happened, what is worth knowing beside it, when. With `onOpen` the whole
 * line is a button.
 */
export function EventLine({
  event,
  open,
  fresh,
  showChannel,
  onOpen,
}: {
  event: TimelineEvent;
  open?: boolean;
  fresh?: boolean;
  showChannel?: boolean;
  onOpen?: () => void;
}) {
  const t = useText();
  const kind = kindOf(event);
  const notes = eventNotes(event, t);
  const inSentence = kind === 'orderCompleted' || kind === 'orderRefunded';
  const amount = event.revenue?.amountMinor && !inSentence ? amountOf(event) : null;
  const words = <EventSentence event={event} />;
  return (
    <div className={[styles.line, open ? styles.open : '', fresh ? styles.fresh : ''].join(' ')}>
      <ChannelMark channel={event.channel} icon={KIND_ICONS[kind]} strong={kind === 'orderCompleted'} />
      <div className={styles.words}>
        <div className={styles.sentence}>
          {onOpen ? (
            <button type="button" className={styles.button} data-row aria-expanded={open ?? false} onClick={onOpen}>
              {words}
            </button>
          ) : (
            <span>{words}</span>
          )}
          {amount ? <span className={styles.amount}>{amount}</span> : null}
        </div>
        <div className={styles.notes}>
          <Parts
            of={[
              showChannel ? <ChannelName key="channel" channel={event.channel} /> : null,
              event.contact === 'indirect' ? t('contact.indirect') : null,
              ...notes,
            ]}
          />
        </div>
      </div>
      <div className={styles.time}>
        <Time at={event.timestamp}>{formatClock(event.timestamp)}</Time>
      </div>
    </div>
  );
}
