import type { JourneyMapReport } from '../../../../src/core/query/journey-map/schema.ts';
import { withoutOverrides } from '../../format.ts';
import type { Translate } from '../../text.tsx';
import type { EventChoice } from '../reports/calls.ts';

export type Stage = JourneyMapReport['stages'][number];

/** Events by which a stage is known, by the names that shops, services and their help desks send. */
const KNOWN = {
  consideration: [
    'page',
    'screen',
    'Product Viewed',
    'Product List Viewed',
    'Products Searched',
    'Email Opened',
    'Email Link Clicked',
    'Ad Clicked',
    'Store Locator Opened',
  ],
  evaluation: [
    'Product Added',
    'Cart Viewed',
    'Checkout Started',
    'Trial Started',
    'Demo Requested',
    'Quote Requested',
    'Signed Up',
  ],
  purchase: ['Order Completed', 'Subscription Started', 'Contract Signed', 'Invoice Paid'],
  afterPurchase: [
    'Order Delivered',
    'Order Refunded',
    'Ticket Opened',
    'Chat Started',
    'Call Received',
    'Review Submitted',
    'Subscription Cancelled',
  ],
} as const;
const STAGES = ['consideration', 'evaluation', 'purchase', 'afterPurchase'] as const;
/** Touchpoints of a stage that are proposed. */
const TOUCHPOINTS = 6;
/** Where nothing is known by its name, the most frequent events. */
const FREQUENT = 3;

/** A map to begin with, made from the events that there are; no stages where there is none. */
export function proposedStages(events: readonly EventChoice[], t: Translate): Stage[] {
  const there = new Map(events.map((event) => [event.name, event]));
  const touchpoint = (event: EventChoice) => ({
    name:
      event.name === 'page' || event.name === 'screen'
        ? t(`journeyMap.whole.${event.name}`)
        : withoutOverrides(event.name),
    what: { events: [event.name === event.type ? { type: event.type } : { name: event.name }] },
  });
  const stages = STAGES.flatMap((stage): Stage[] => {
    const found = KNOWN[stage].flatMap((name) => there.get(name) ?? []);
    const touchpoints = found.slice(0, TOUCHPOINTS).map(touchpoint) as Stage['touchpoints'];
    return touchpoints.length > 0 ? [{ name: t(`journeyMap.stages.${stage}`), touchpoints }] : [];
  });
  if (stages.length > 0 || events.length === 0) return stages;
  const frequent = events.filter((event) => event.type === 'track').slice(0, FREQUENT);
  return [
    { name: t('journeyMap.stages.consideration'), touchpoints: frequent.map(touchpoint) as Stage['touchpoints'] },
  ].filter((stage) => stage.touchpoints.length > 0);
}
