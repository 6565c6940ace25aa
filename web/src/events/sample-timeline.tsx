import { useText } from '../text.tsx';
import type { TimelineEvent } from '../wire.ts';
import { EventLine } from './event-line.tsx';
import styles from './sample-timeline.module.css';

const NONE = {
  messageId: '',
  receivedAt: '',
  sourceId: '',
  originId: '',
  sessionStart: null,
  context: {},
  revenue: null,
  page: null,
  campaign: null,
  device: null,
  country: null,
  locale: null,
  contact: 'direct',
} as const;

type Part = Partial<TimelineEvent> & Pick<TimelineEvent, 'type' | 'name' | 'channel'>;

const MINUTE_MS = 60_000;

/** What a person's line looks like: for the pages that have nothing to show yet. */
export function SampleTimeline({ most = 6 }: { most?: number }) {
  const t = useText();
  const parts: Part[] = [
    { type: 'track', name: 'Email Opened', channel: 'email', properties: { subject: t('sample.subject') } },
    {
      type: 'track',
      name: 'Order Completed',
      channel: 'web',
      revenue: { currency: 'GBP', amountMinor: 8640 },
      properties: { order_id: '536365', products: [{ name: t('sample.lantern'), quantity: 6 }] },
    },
    { type: 'track', name: 'Product Added', channel: 'web', properties: { name: t('sample.lantern') } },
    { type: 'identify', name: 'identify', channel: 'web', properties: { email: '', name: '' } },
    { type: 'track', name: 'Store Visited', channel: 'store', properties: { store_name: t('sample.store') } },
    { type: 'track', name: 'Ticket Created', channel: 'chat', properties: { subject: t('sample.ticket') } },
  ];
  const end = new Date().setHours(14, 32, 0, 0);
  return (
    <ol className={styles.line}>
      {parts.slice(0, most).map((part, index) => {
        const at = new Date(end - index * index * 7 * MINUTE_MS - index * MINUTE_MS).toISOString();
        const event: TimelineEvent = { ...NONE, properties: {}, ...part, id: part.name, timestamp: at };
        return (
          <li key={part.name}>
            <EventLine event={event} />
          </li>
        );
      })}
    </ol>
  );
}
