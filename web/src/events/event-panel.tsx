import type { ReactNode } from 'react';
import { formatCountry, formatDuration, formatExact, formatLocaleName, formatMoney, humanise } from '../format.ts';
import { ChannelMark, ChannelName } from '../kit/channel.tsx';
import { Code, Pairs, Tag } from '../kit/data.tsx';
import { Stack } from '../kit/layout.tsx';
import { SidePanel } from '../kit/panel.tsx';
import { Tabs } from '../kit/tabs.tsx';
import { useText } from '../text.tsx';
import type { TimelineEvent } from '../wire.ts';
import styles from './event-panel.module.css';
import { cut, isObject } from './facts.ts';
import { KIND_ICONS, kindOf } from './kinds.ts';
import { PlaceSection, tellsPlace } from './place-section.tsx';
import { EventSentence } from './sentence.tsx';

/** Deeper values are shown as text; the raw view has them whole. */
const DEEPEST = 3;

function shownAs(value: unknown, depth: number): ReactNode {
  if (value === null || value === undefined || value === '') return '—';
  if (Array.isArray(value)) {
    if (value.every((entry) => !isObject(entry))) return value.map(String).join(', ') || '—';
    return (
      <Stack gap={8} style={{ marginBlockStart: 4 }}>
        {value.slice(0, 50).map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the entries of an event never change.
          <div key={index} className={styles.nested}>
            {shownAs(entry, depth + 1)}
          </div>
        ))}
      </Stack>
    );
  }
  if (isObject(value)) {
    if (depth >= DEEPEST) return JSON.stringify(value);
    return <Pairs rows={Object.entries(value).map(([name, entry]) => [humanise(name), shownAs(entry, depth + 1)])} />;
  }
  const shown = String(value);
  if (/^https?:\/\//.test(shown)) {
    return (
      <a href={shown} target="_blank" rel="noreferrer noopener">
        {shown}
      </a>
    );
  }
  return shown;
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}

/** Where the event broke the tracking plan, as the stream noted it. */
function violationsOf(context: Record<string, unknown>): string[] {
  if (!Array.isArray(context.violations)) return [];
  return context.violations.slice(0, 20).flatMap((violation: unknown) => {
    const { property, message } = (violation ?? {}) as Record<string, unknown>;
    return typeof message === 'string' ? [`${typeof property === 'string' ? property : ''} ${message}`.trim()] : [];
  });
}

/** Everything that is known about one event, beside the list that it is in. */
export function EventPanel({
  event,
  sourceName,
  extra,
  foot,
  onClose,
}: {
  event: TimelineEvent;
  sourceName: string;
  extra?: ReactNode;
  foot?: ReactNode;
  onClose: () => void;
}) {
  const t = useText();
  const delay = new Date(event.receivedAt).getTime() - new Date(event.timestamp).getTime();
  const { page, campaign, device } = event;
  const rows: [string, ReactNode][] = [
    [t('details.when'), formatExact(event.timestamp)],
    [t('details.source'), sourceName],
    [t('details.channel'), <ChannelName key="channel" channel={event.channel} />],
    [t('details.contact'), t(`contact.${event.contact === 'indirect' ? 'indirect' : 'direct'}`)],
  ];
  if (event.revenue?.amountMinor) rows.push([t('details.revenue'), formatMoney(event.revenue)]);
  if (page?.url) rows.push([t('details.page'), shownAs(page.url, 0)]);
  if (page?.referrer) rows.push([t('details.referrer'), shownAs(page.referrer, 0)]);
  if (campaign) {
    const parts = [campaign.channelGroup, campaign.source, campaign.medium, campaign.name].filter(Boolean);
    if (parts.length > 0) rows.push([t('details.campaign'), parts.join(' · ')]);
  }
  if (device) {
    const parts = [device.browser, device.os, device.type].filter(Boolean);
    if (parts.length > 0) rows.push([t('details.device'), parts.join(' · ')]);
  }
  if (event.country) rows.push([t('details.country'), formatCountry(event.country)]);
  if (event.locale) rows.push([t('details.locale'), formatLocaleName(event.locale)]);

  const violations = violationsOf(event.context);
  if (violations.length > 0) {
    rows.push([
      t('event.notAsPlanned'),
      <span key="plan" style={{ display: 'inline-flex', flexWrap: 'wrap', gap: 4 }}>
        {violations.map((violation) => (
          <Tag key={violation} tone="warn">
            {violation}
          </Tag>
        ))}
      </span>,
    ]);
  }

  const properties = Object.entries(event.properties);
  return (
    <SidePanel
      icon={<ChannelMark channel={event.channel} icon={KIND_ICONS[kindOf(event)]} />}
      title={<EventSentence event={event} />}
      sub={
        <>
          <bdi>{cut(event.name || event.type)}</bdi> <Tag>{event.type}</Tag>
        </>
      }
      foot={foot}
      onClose={onClose}
    >
      <Tabs
        label={t('details.views')}
        tabs={[
          {
            name: t('details.details'),
            content: (
              <Stack gap={24}>
                {extra}
                <Pairs rows={rows} />
                {tellsPlace(event) ? (
                  <Section title={t('details.place')}>
                    <PlaceSection event={event} />
                  </Section>
                ) : null}
                {properties.length > 0 ? (
                  <Section title={t('details.properties')}>
                    <Pairs rows={properties.map(([name, value]) => [humanise(name), shownAs(value, 0)])} />
                  </Section>
                ) : null}
                <Section title={t('details.arrival')}>
                  <Pairs
                    rows={[
                      [t('details.received'), formatExact(event.receivedAt)],
                      ...(delay > 1000 ? ([[t('details.delay'), formatDuration(delay)]] as [string, string][]) : []),
                      [t('details.messageId'), event.messageId],
                      [t('details.origin'), event.originId],
                    ]}
                  />
                </Section>
              </Stack>
            ),
          },
          {
            name: t('details.raw'),
            content: <Code json text={JSON.stringify(event, null, 2)} label={t('details.raw')} />,
          },
        ]}
      />
    </SidePanel>
  );
}
