import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Context } from '../../../kernel/context.ts';
import { faultText } from '../../../kernel/fault-text.ts';
import { isRecordsAway } from '../../../kernel/records.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { assertOpen } from '../../intake/accept.ts';
import type { Source } from '../../sources/sources.ts';
import { sourceOfAddress } from './addresses.ts';
import { MAIL_BYTES, takeMail } from './take.ts';
import type { Resolver } from './verify.ts';

const CONNECTIONS = 100;
const CONNECTIONS_EACH = 10;
/** Sources that one mail may go to. */
const RECIPIENTS = 20;
/** Somebody who tries addresses is shown the door after so many. */
const WRONG_RECIPIENTS = 10;
const MAILS_A_MINUTE = 300;
/** Mails being received at a time: each may be MAIL_BYTES. */
const UNDER_WAY = 20;
const IDLE_MS = 60_000;
const STOP_MS = 5000;

interface Caller {
  open: number;
  mails: number;
  since: number;
}

/** What a session knows beside what the library keeps. */
interface Visit {
  sources: Map<string, Source>;
  wrong: number;
}

/**
 * Listens for mail to the addresses of mail sources. Anything else is refused while the sender is still there, so nothing
 * is passed on and no reports go to invented senders. A mail is answered with 250 only when its event is on disk.
 */
export async function listenForMail(
  context: Context,
  options: { port: number; host: string; resolver?: Resolver },
): Promise<{ port: number; close(): Promise<void> }> {
  const callers = new Map<string, Caller>();
  const visits = new WeakMap<SMTPServerSession, Visit>();
  const visitOf = (session: SMTPServerSession): Visit => {
    const known = visits.get(session) ?? { sources: new Map(), wrong: 0 };
    visits.set(session, known);
    return known;
  };
  let underWay = 0;
  const tls = context.config.smtpCert && context.config.smtpKey;
  const { SMTPServer } = await import('smtp-server');
  const server = new SMTPServer({
    name: new URL(context.url()).hostname,
    banner: 'Throughline',
    size: MAIL_BYTES,
    maxClients: CONNECTIONS,
    authOptional: true,
    disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(tls ? { cert: readFileSync(context.config.smtpCert!), key: readFileSync(context.config.smtpKey!) } : {}),
    disableReverseLookup: true,
    socketTimeout: IDLE_MS,
    closeTimeout: STOP_MS,
    onConnect(session, done) {
      const caller = callerOf(callers, session.remoteAddress);
      if (caller.open >= CONNECTIONS_EACH) return done(answer(421, 'Too many connections from your address'));
      caller.open++;
      done();
    },
    onClose(session) {
      const caller = callers.get(session.remoteAddress);
      if (caller && caller.open > 0) caller.open--;
    },
    onMailFrom(_address, session, done) {
      visitOf(session).sources.clear();
      const caller = callerOf(callers, session.remoteAddress);
      if (++caller.mails > MAILS_A_MINUTE)
        return done(answer(451, 'Too many mails from your address; come again later'));
      done();
    },
    onRcptTo({ address }, session, done) {
      recipient(address, session).then(
        () => done(),
        (error: unknown) => done(refusalOf(error)),
      );
    },
    onData(stream, session, done) {
      data(stream, session).then(
        () => done(null, 'Kept'),
        (error: unknown) => done(refusalOf(error)),
      );
    },
  });

  async function recipient(address: string, session: SMTPServerSession): Promise<void> {
    const visit = visitOf(session);
    if (visit.wrong >= WRONG_RECIPIENTS) throw answer(421, 'Too many wrong recipients');
    if (visit.sources.size >= RECIPIENTS) throw answer(452, `At most ${RECIPIENTS} recipients for a mail`);
    assertOpen(context);
    const source = await sourceOfAddress(context, address);
    if (!source) {
      visit.wrong++;
      throw answer(550, 'There is no such address here');
    }
    visit.sources.set(String(source.id), source);
  }

  async function data(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const busy = underWay >= UNDER_WAY;
    if (!busy) underWay++;
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      // Also what is not wanted is read to its end, as the protocol asks.
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (!busy && size <= MAIL_BYTES) chunks.push(chunk);
        else chunks.length = 0;
      }
      if (busy) throw answer(451, 'Busy; come again in a moment');
      if (stream.sizeExceeded || size > MAIL_BYTES) throw answer(552, `A mail may have ${MAIL_BYTES / 1024 / 1024} MB`);
      const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
      await takeMail(
        context,
        [...visitOf(session).sources.values()],
        Buffer.concat(chunks),
        { ip: session.remoteAddress, helo: session.hostNameAppearsAs || session.clientHostname, sender },
        options.resolver,
      );
    } finally {
      if (!busy) underWay--;
    }
  }

  // A connection that breaks is its sender's affair.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${options.port} is taken. Stop what uses it, or set THROUGHLINE_SMTP_PORT to another.`)
          : error,
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function callerOf(callers: Map<string, Caller>, address: string): Caller {
  const now = Date.now();
  const known = callers.get(address);
  if (known && now - known.since < 60_000) return known;
  const fresh = { open: known?.open ?? 0, mails: 0, since: now };
  callers.set(address, fresh);
  if (callers.size > 10_000) for (const [key, one] of callers) if (one.open === 0) callers.delete(key);
  return fresh;
}

function answer(code: number, message: string): Error & { responseCode: number } {
  return Object.assign(new Error(message), { responseCode: code });
}

/** 451 where the sender shall come again: the log is full, a store is away, or something of ours is wrong. */
function refusalOf(error: unknown): Error & { responseCode: number } {
  if (error instanceof Error && 'responseCode' in error) return error as Error & { responseCode: number };
  if (!(error instanceof Refusal) && !isRecordsAway(error))
    console.error('A mail could not be taken:', faultText(error));
  return answer(451, 'The mail cannot be taken now; come again later');
}
