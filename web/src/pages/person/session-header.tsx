import { formatClock, formatDuration, formatExact } from '../../format.ts';
import { ChannelName } from '../../kit/channel.tsx';
import { Parts } from '../../kit/parts.tsx';
import { useText } from '../../text.tsx';
import { WatchLink } from '../replay/person-recordings.tsx';
import type { Stretch } from './grouping.ts';
import styles from './line.module.css';

/** When a session began, how long it took, how much happened in it, where and with what. */
export function SessionHeader({ stretch, personId }: { stretch: Stretch; personId: string }) {
  const t = useText();
  const own = stretch.events.filter((event) => event.sessionStart === stretch.start);
  const device = own.find((event) => event.device)?.device;
  const campaign = own.findLast((event) => event.campaign?.channelGroup)?.campaign;
  const channel = own[0]?.channel ?? 'other';
  return (
    <header className={styles.sessionHead}>
      <Parts
        of={[
          <ChannelName key="channel" channel={channel} />,
          <strong key="start" title={formatExact(stretch.begun)}>
            {t('line.session', { at: formatClock(stretch.begun) })}
          </strong>,
          stretch.milliseconds > 0 ? formatDuration(stretch.milliseconds) : null,
          t('line.events', { count: stretch.own }),
          device?.browser,
          device?.os,
          campaign?.channelGroup ? t('event.from', { where: campaign.channelGroup }) : null,
          campaign?.name ? t('event.campaign', { name: campaign.name }) : null,
        ]}
      />
      <WatchLink personId={personId} at={stretch.begun} session={stretch.start} />
    </header>
  );
}
