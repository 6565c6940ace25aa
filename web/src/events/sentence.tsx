import type { ReactNode } from 'react';
import { formatList, humanise } from '../format.ts';
import { hasMessage, type MessageKey, Rich, type Translate, useText } from '../text.tsx';
import type { TimelineEvent } from '../wire.ts';
import { amountOf, calm, cut, first, itemCount, productNames, tellingProperties, text, traitsOf } from './facts.ts';
import { type EventKind, kindOf } from './kinds.ts';

/** The properties that name what an event of this kind is about, the most telling first. */
const SUBJECT: Partial<Record<EventKind, string[]>> = {
  productViewed: ['name', 'product_name', 'title', 'sku', 'product_id'],
  productAdded: ['name', 'product_name', 'title', 'sku', 'product_id'],
  productRemoved: ['name', 'product_name', 'title', 'sku', 'product_id'],
  productSaved: ['name', 'product_name', 'title', 'sku', 'product_id'],
  productsSearched: ['query', 'search', 'q', 'term'],
  productListViewed: ['category', 'list_name', 'list_id', 'name'],
  orderCancelled: ['order_id', 'orderId'],
  orderShipped: ['order_id', 'orderId'],
  couponApplied: ['coupon_name', 'coupon_id', 'coupon', 'code'],
  emailSent: ['email_subject', 'subject', 'campaign_name', 'name'],
  emailOpened: ['email_subject', 'subject', 'campaign_name', 'name'],
  emailClicked: ['email_subject', 'subject', 'campaign_name', 'name', 'link_url'],
  emailReceived: ['subject'],
  unsubscribed: ['list_name', 'list_id'],
  pushReceived: ['title', 'campaign_name', 'name'],
  pushOpened: ['title', 'campaign_name', 'name'],
  ticketOpened: ['subject', 'title', 'ticket_subject', 'name'],
  ticketReplied: ['subject', 'title', 'ticket_subject', 'name'],
  ticketSolved: ['subject', 'title', 'ticket_subject', 'name'],
  formSubmitted: ['form_name', 'name', 'title', 'form'],
  formUsed: ['form'],
  pageInteracted: ['path'],
  reviewWritten: ['product_name', 'name', 'product_id'],
  reviewPosted: ['site'],
  mentionPublished: ['site'],
  feedbackGiven: ['path'],
  surveyAnswered: ['survey_name', 'survey', 'name', 'title'],
  surveyShown: ['survey'],
  surveyDismissed: ['survey'],
  surveySent: ['survey'],
  questionAnswered: ['question'],
  adSeen: ['name', 'promotion_name', 'campaign_name', 'creative'],
  adClicked: ['name', 'promotion_name', 'campaign_name', 'creative'],
  uTurned: ['to'],
  slowPage: ['path'],
  formAbandoned: ['form'],
  elementClicked: ['text', 'name'],
  rageClicked: ['text', 'name'],
  deadClicked: ['text', 'name'],
  errorOccurred: ['message'],
  storeVisited: ['store_name', 'store', 'name', 'city'],
  caseOpened: ['rule'],
};

function traitNames(event: TimelineEvent, t: Translate): string[] {
  return Object.keys(traitsOf(event))
    .slice(0, 4)
    .map((name) => {
      const key = `trait.${name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
      return hasMessage(key) ? t(key) : humanise(name).toLowerCase();
    });
}

function pageName(event: TimelineEvent): string | null {
  const { page, properties, name, type } = event;
  const own = name && name !== type && !/^(viewed|loaded a page)/i.test(name) ? text(name) : null;
  return (
    text(page?.title) ?? first(properties, 'title', 'name') ?? own ?? text(page?.path) ?? first(properties, 'path')
  );
}

function sentence(event: TimelineEvent, kind: EventKind, t: Translate): ReactNode {
  const named = (key: string, what: string | null) =>
    what === null ? (
      <Rich k={`event.${key}.plain` as MessageKey} />
    ) : (
      <Rich k={`event.${key}.named` as MessageKey} values={{ what }} />
    );
  switch (kind) {
    case 'page':
      return named(kind, pageName(event));
    case 'screen':
      return named(kind, first(event.properties, 'name', 'title') ?? text(event.name));
    case 'identify': {
      const names = traitNames(event, t);
      return named(kind, names.length > 0 ? formatList(names) : null);
    }
    case 'group':
      return named(kind, first(traitsOf(event), 'name', 'company') ?? first(event.properties, 'groupId', 'group_id'));
    case 'alias':
      return <Rich k="event.alias.plain" />;
    case 'orderCompleted':
    case 'orderRefunded': {
      const amount = amountOf(event);
      const count = itemCount(event);
      if (amount === null) return <Rich k={`event.${kind}.plain`} />;
      if (count === 0) return <Rich k={`event.${kind}.amount`} values={{ amount }} />;
      return <Rich k={`event.${kind}.items`} values={{ amount }} count={count} />;
    }
    case 'other':
      return <strong>{cut(humanise(event.name || event.type))}</strong>;
    default:
      return SUBJECT[kind] ? (
        named(kind, calm(first(event.properties, ...SUBJECT[kind])))
      ) : (
        <Rich k={`event.${kind}.plain` as MessageKey} />
      );
  }
}

/** What happened, as one readable line. */
export function EventSentence({ event }: { event: TimelineEvent }) {
  const t = useText();
  return sentence(event, kindOf(event), t);
}

function host(url: string | undefined): string | null {
  if (!url) return null;
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return null;
  }
}

/** What is worth knowing beside the sentence, as short parts: where, from where, which products. */
export function eventNotes(event: TimelineEvent, t: Translate): string[] {
  const kind = kindOf(event);
  const notes: string[] = [];
  if (kind === 'orderCompleted' || kind === 'orderRefunded') {
    const order = first(event.properties, 'order_id', 'orderId');
    if (order) notes.push(t('event.order', { id: order }));
    notes.push(...productNames(event));
  }
  if (kind === 'page') {
    const path = text(event.page?.path) ?? first(event.properties, 'path');
    if (path && path !== pageName(event)) notes.push(path);
    const from = host(event.page?.referrer);
    if (from && from !== host(event.page?.url)) notes.push(t('event.from', { where: from }));
  }
  if (kind === 'productViewed' || kind === 'productAdded') {
    const price = Number(event.properties.price ?? Number.NaN);
    const shown = Number.isFinite(price)
      ? amountOf({ ...event, revenue: null, properties: { ...event.properties, revenue: price } })
      : null;
    if (shown) notes.push(shown);
    const category = first(event.properties, 'category', 'variant');
    if (category) notes.push(category);
  }
  if (kind === 'other' || kind === 'ticketOpened' || kind === 'reviewWritten') {
    const told = new Set(SUBJECT[kind]);
    notes.push(
      ...tellingProperties(Object.fromEntries(Object.entries(event.properties).filter(([name]) => !told.has(name)))),
    );
  }
  if (SAID.has(kind)) notes.push(...answerNotes(event.properties));
  if (kind === 'voiceUnderstood' && Array.isArray(event.properties.topics))
    notes.push(...event.properties.topics.flatMap((topic) => text(topic) ?? []).slice(0, 3));
  // Within a session its header says so, once.
  if (event.campaign?.name && event.sessionStart === null)
    notes.push(t('event.campaign', { name: event.campaign.name }));
  return notes;
}

/** What customers say: their words stand beside the sentence. */
const SAID: ReadonlySet<EventKind> = new Set(['questionAnswered', 'feedbackGiven', 'reviewPosted', 'mentionPublished']);

/** The answer itself: a score out of how many, what was chosen, what was written. */
function answerNotes({ score, scale, choice, choices, text: written }: Record<string, unknown>): string[] {
  const given = typeof score === 'number' ? `${score} / ${scale ?? 10}` : text(choice);
  const chosen = Array.isArray(choices) ? choices.map((one) => text(one)) : [];
  return [given, ...chosen, text(written)].filter((one) => one !== null).map((one) => cut(one));
}
