import { createHash } from 'node:crypto';
import type { Context } from '../../../kernel/context.ts';
import { acceptEvents } from '../../intake/accept.ts';
import type { Source } from '../../sources/sources.ts';
import { EVENT_BYTES, eventsFrom } from '../arrived.ts';
import { countArrived } from '../connections.ts';
import { parseInThread } from './parse.ts';
import type { ParsedMail } from './parsed.ts';
import { type Authentication, type Resolver, verifyMail } from './verify.ts';

export const MAIL_BYTES = 10 * 1024 * 1024;
/** A mail's own date counts where it is no older than this; a wrong or invented one must not stand years back. */
const OLDEST_MS = 30 * 24 * 3600_000;

/** How a mail came; empty where a provider handed it over. */
export interface Envelope {
  ip?: string;
  helo?: string;
  sender?: string;
}

/**
 * Makes an event of a mail for each of the sources and resolves when they are on disk. One that cannot be read goes to
 * quarantine with the reason. Throws a Refusal 503 where the log is full: the sender shall come again.
 */
export async function takeMail(
  context: Context,
  sources: readonly Source[],
  raw: Buffer,
  envelope: Envelope,
  resolver?: Resolver,
): Promise<void> {
  const answer = await parseInThread(raw);
  if ('reason' in answer) {
    for (const source of sources) {
      const event = raw.subarray(0, 16_384).toString('latin1');
      const messageId = `mail ${source.id} ${createHash('sha256').update(raw).digest('base64url')}`;
      const refused = [{ event, reason: `the mail cannot be read: ${answer.reason.slice(0, 500)}`, messageId }];
      await acceptEvents(context, {
        sourceId: source.id,
        receivedAt: Date.now(),
        protocol: 'mail',
        events: [],
        refused,
      });
      await count(context, source, 0, 1);
    }
    return;
  }
  const { mail } = answer;
  const authentication = await verifyMail(raw, envelope, resolver);
  for (const source of sources) {
    const arrived = { value: { ...mail, authentication }, variables: {}, messageId: messageIdOf(source, mail) };
    const { events, refused } = await eventsFrom(source, arrived, () => mailEvent(mail, authentication));
    await acceptEvents(
      context,
      { sourceId: source.id, receivedAt: Date.now(), protocol: 'mail', events, refused },
      EVENT_BYTES,
    );
    await count(context, source, events.length, refused.length);
  }
}

/** The row of a source that was never set up is made here, so that its page can tell how it goes. */
async function count(context: Context, source: Source, events: number, refused: number): Promise<void> {
  const { pool } = context.records;
  await pool.query(
    "INSERT INTO connections (source_id, settings, state) VALUES ($1, '{}', 'connected') ON CONFLICT (source_id) DO NOTHING",
    [source.id],
  );
  await countArrived(pool, source.id, events, refused);
}

/** The same mail delivered again, by another way or after an answer that was lost, counts once. */
const messageIdOf = (source: Source, mail: ParsedMail) => `mail ${source.id} ${mail.fingerprint}`;

/** A mail as an event of whoever wrote it; a report of a failed delivery as one of whom it failed to reach. */
function mailEvent(mail: ParsedMail, authentication: Authentication): Record<string, unknown> {
  const { bounce, from } = mail;
  const sent = Date.parse(mail.date);
  const timely = sent <= Date.now() && sent > Date.now() - OLDEST_MS;
  const whose = bounce ? bounce.recipient : (from?.address ?? '');
  return {
    type: 'track',
    event: bounce ? 'Email Bounced' : 'Email Received',
    channel: 'email',
    contact: 'direct',
    externalIds: whose.includes('@') ? [{ kind: 'email', value: whose }] : [],
    ...(timely ? { timestamp: mail.date } : {}),
    properties: given({
      subject: mail.subject,
      text: mail.text,
      quotationCut: mail.quotationCut,
      textCut: mail.textCut,
      from: from?.address ?? '',
      fromName: from?.name ?? '',
      to: mail.to,
      cc: mail.cc,
      mailId: mail.messageId,
      inReplyTo: mail.inReplyTo,
      references: mail.references,
      attachments: mail.attachments,
      attachmentCount: mail.attachmentCount,
      automatic: mail.automatic,
      bounceStatus: bounce?.status ?? '',
      bounceReason: bounce?.reason ?? '',
      authentication,
    }),
    context: mail.language ? { locale: mail.language } : {},
  };
}

/** What says something. */
function given(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).filter(
      ([, value]) => value !== '' && value !== false && value !== 0 && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
