import {
  IconBuildingStore,
  IconCpu,
  IconDeviceMobile,
  IconDots,
  IconHash,
  IconMail,
  IconMessage2,
  IconMessageCircle,
  IconPhone,
  IconServer,
  IconSpeakerphone,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';
import { useText } from '../text.tsx';
import { CHANNELS, type Channel } from '../wire.ts';
import styles from './channel.module.css';

const ICONS: Record<Channel, TablerIcon> = {
  web: IconWorld,
  app: IconDeviceMobile,
  email: IconMail,
  chat: IconMessageCircle,
  phone: IconPhone,
  sms: IconMessage2,
  store: IconBuildingStore,
  social: IconHash,
  ad: IconSpeakerphone,
  device: IconCpu,
  server: IconServer,
  other: IconDots,
};

/** The channel itself, or `other` for a name that the console does not know. */
export function knownChannel(channel: string): Channel {
  return (CHANNELS as readonly string[]).includes(channel) ? (channel as Channel) : 'other';
}

function colour(channel: Channel): string {
  return `var(--channel-${channel})`;
}

export function ChannelIcon({ channel, size = 16 }: { channel: string; size?: number }) {
  const known = knownChannel(channel);
  const Icon = ICONS[known];
  return <Icon size={size} color={colour(known)} style={{ flex: 'none' }} aria-hidden />;
}

/** The channel's icon and its name. */
export function ChannelName({ channel }: { channel: string }) {
  const t = useText();
  return (
    <span className={styles.name}>
      <ChannelIcon channel={channel} size={14} /> {t(`channel.${knownChannel(channel)}`)}
    </span>
  );
}

/** A mark on the line: what happened by its icon, where by its colour. */
export function ChannelMark({
  channel,
  icon: Icon,
  small,
  strong,
}: {
  channel: string;
  icon: TablerIcon;
  small?: boolean;
  /** For what matters most on a line: an order among many page views. */
  strong?: boolean;
}) {
  const tint = colour(knownChannel(channel));
  return (
    <span
      className={`${styles.mark} ${small ? styles.small : ''}`}
      style={
        strong
          ? { color: 'var(--surface)', background: tint }
          : { color: tint, background: `color-mix(in oklab, ${tint} 13%, var(--surface))` }
      }
      aria-hidden
    >
      <Icon size={small ? 14 : 16} stroke={1.8} />
    </span>
  );
}
