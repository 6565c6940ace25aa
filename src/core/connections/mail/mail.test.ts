import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { buildHttp } from '../../../kernel/http.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { serveForTest } from '../../../kernel/testing-http.ts';
import { type Source, updateSource } from '../../sources/sources.ts';
import { connections } from '../module.ts';
import { type ConnectionBench, connectionBench } from '../testing.ts';
import { listenForMail } from './listener.ts';
import { MAIL_BYTES } from './take.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** The domain signed.example: a DKIM key, an SPF record for another host, a policy. */
const RECORDS: Record<string, string[][]> = {
  'TXT s1._domainkey.signed.example': [
    [`v=DKIM1; k=rsa; p=${publicKey.toString('base64').slice(0, 200)}`, publicKey.toString('base64').slice(200)],
  ],
  'TXT _dmarc.signed.example': [['v=DMARC1; p=reject']],
  'TXT signed.example': [['v=spf1 ip4:192.0.2.1 -all']],
};

async function resolver(name: string, type: string): Promise<string[][]> {
  const found = RECORDS[`${type} ${name}`];
  if (found) return found;
  throw Object.assign(new Error(`no ${type} ${name}`), { code: 'ENOTFOUND' });
}

describe('an e-mail address as a source', { timeout: 200_000 }, () => {
  let bench: ConnectionBench;
  let smtp: Awaited<ReturnType<typeof listenForMail>>;
  let http: Awaited<ReturnType<typeof serveForTest>>;
  let source: Source;
  let address: string;
  before(async () => {
    bench = await connectionBench();
    smtp = await listenForMail(bench.context, { port: 0, host: '127.0.0.1', resolver });
    http = await serveForTest(buildHttp(bench.context, [connections], async () => null));
    source = await bench.connect({ kind: 'mail', settings: { aliases: ['Support@Shop.example'] } });
    address = `${source.writeKey}@in.shop.example`;
  });
  after(async () => {
    await smtp?.close();
    await http?.close();
    await bench?.close();
  });

  const send = (mail: SendMailOptions, more: object = {}) =>
    createTransport({ host: '127.0.0.1', port: smtp.port, ignoreTLS: true, ...more }).sendMail({
      from: 'Anna Nowak <anna@example.com>',
      to: address,
      subject: 'Lantern',
      text: 'Is it in stock?',
      ...mail,
    });
  const bySubject = async (subject: string) =>
    (await bench.logged()).events.filter((event) => (event.properties as { subject?: string }).subject === subject);
  const refusedWith = (code: number, says: RegExp) => (error: Error & { responseCode?: number; response?: string }) => {
    assert.equal(error.responseCode, code, error.response ?? error.message);
    assert.match(error.response ?? '', says);
    return true;
  };

  test('makes each mail an event of whoever wrote it', async () => {
    await send({
      subject: 'First',
      inReplyTo: '<0@shop.example>',
      attachments: [{ filename: 'bill.pdf', content: Buffer.alloc(1234) }],
      text: 'Yes please.\n\nOn 3 Mar 2026, at 10:00, Shop <shop@shop.example> wrote:\n> Shall we?\n',
    });
    const [event] = await bySubject('First');
    assert.deepEqual([event?.event, event?.channel, event?.contact], ['Email Received', 'email', 'direct']);
    assert.deepEqual(event?.externalIds, [{ kind: 'email', value: 'anna@example.com' }]);
    const properties = event?.properties as Record<string, unknown>;
    assert.equal(properties.text, 'Yes please.');
    assert.equal(properties.quotationCut, true);
    assert.equal(properties.inReplyTo, '<0@shop.example>');
    assert.deepEqual(properties.attachments, [{ name: 'bill.pdf', type: 'application/pdf', bytes: 1234 }]);
    const state = await bench.state(source);
    assert.equal(state.received, 1);
  });

  test('is reached by its key in any case, with a tag, and by its aliases', async () => {
    await send({ to: `${source.writeKey.toUpperCase()}@x.example`, subject: 'upper' });
    await send({ to: `${source.writeKey}+tag@y.example`, subject: 'tagged' });
    await send({ to: 'SUPPORT@shop.example', subject: 'alias' });
    for (const subject of ['upper', 'tagged', 'alias']) assert.equal((await bySubject(subject)).length, 1, subject);
  });

  test('counts a mail that is delivered twice as one', async () => {
    for (let i = 0; i < 2; i++)
      await send({ subject: 'twice', messageId: '<twice@example.com>', date: new Date(1e12) });
    const events = await bySubject('twice');
    assert.equal(new Set(events.map((event) => event.messageId)).size, 1);
    assert.equal(events[0]?.timestamp, undefined, 'a date years back is not taken for when it happened');
  });

  test('takes no mail for others, passes none on, and turns away who tries addresses', async () => {
    await assert.rejects(send({ to: 'somebody@gmail.example' }), refusedWith(550, /no such address here/));
    await assert.rejects(send({ to: 'wk_wrong@in.shop.example' }), refusedWith(550, /no such address/));
    const said = await talk(smtp.port, [
      'EHLO tester.example',
      'MAIL FROM:<a@example.com>',
      ...Array.from({ length: 11 }, (_, i) => `RCPT TO:<guess${i}@shop.example>`),
    ]);
    assert.match(said.at(-1) ?? '', /^421/);
    assert.doesNotMatch(said.join('\n'), /AUTH|STARTTLS/);
  });

  test('refuses mail to a source that is switched off', async () => {
    await updateSource(bench.context, source.id, { enabled: false });
    await assert.rejects(send({}), refusedWith(550, /no such address/));
    await updateSource(bench.context, source.id, { enabled: true });
    await send({ subject: 'on again' });
  });

  test('asks to come again while the log is full, and has then lost nothing', async () => {
    const { log } = bench.context;
    const [full, append] = [log.full.bind(log), log.append.bind(log)];
    log.full = () => 'the log is full';
    await assert.rejects(send({ subject: 'full' }), refusedWith(451, /come again later/));
    log.full = full;
    log.append = async () => {
      throw refuse.unavailable('the log is full');
    };
    await assert.rejects(send({ subject: 'full' }), refusedWith(451, /come again later/));
    log.append = append;
    await send({ subject: 'full' });
    assert.equal((await bySubject('full')).length, 1);
  });

  test('refuses a mail that is too large, said before and found out', async () => {
    await assert.rejects(send({ text: 'x'.repeat(MAIL_BYTES + 1) }), refusedWith(552, /size|10 MB/i));
    const socket = await open(smtp.port);
    await command(socket, 'EHLO tester.example');
    await command(socket, 'MAIL FROM:<a@example.com>');
    await command(socket, `RCPT TO:<${address}>`);
    await command(socket, 'DATA');
    const line = `${'y'.repeat(998)}\r\n`;
    for (let sent = 0; sent < MAIL_BYTES + 100_000; sent += 100 * line.length) {
      if (!socket.write(line.repeat(100))) await new Promise((resolve) => socket.once('drain', resolve));
    }
    assert.match(await command(socket, '\r\n.'), /^552/);
    socket.destroy();
  });

  test('is not smuggled into: a mail ends only where the protocol says', async () => {
    const socket = await open(smtp.port);
    for (const line of ['EHLO t.example', 'MAIL FROM:<a@example.com>', `RCPT TO:<${address}>`, 'DATA'])
      await command(socket, line);
    const inner = `MAIL FROM:<boss@signed.example>\r\nRCPT TO:<${address}>\r\nDATA\r\nFrom: boss@signed.example\r\nSubject: smuggled\r\n\r\nPay`;
    await command(socket, `From: a@example.com\r\nSubject: outer\r\n\r\nHi\n.\n${inner}\r\n.`);
    socket.destroy();
    assert.equal((await bySubject('outer')).length, 1);
    assert.equal((await bySubject('smuggled')).length, 0);
  });

  test('tells a mail that its domain vouches for from one that anybody may have written', async () => {
    const dkim = { domainName: 'signed.example', keySelector: 's1', privateKey };
    await send({ from: 'Boss <boss@signed.example>', subject: 'signed' }, { dkim });
    await send({ from: 'Boss <boss@signed.example>', subject: 'forged' });
    await send(
      { from: 'Boss <boss@signed.example>', subject: 'foreign' },
      { dkim: { ...dkim, domainName: 'other.example' } },
    );
    const told = async (subject: string) =>
      (
        (await bySubject(subject))[0]!.properties as {
          authentication: { verified: boolean; dmarc: string; spf: string };
        }
      ).authentication;
    assert.deepEqual(await told('signed'), { spf: 'fail', dkim: 'pass', dmarc: 'pass', verified: true });
    assert.deepEqual([(await told('forged')).verified, (await told('forged')).dmarc], [false, 'fail']);
    assert.equal((await told('foreign')).verified, false);
  });

  test('makes a report of a failed delivery an event of whom it did not reach', async () => {
    await send({
      raw: `From: mailer-daemon@mx.example\r\nTo: ${address}\r\nSubject: Undelivered\r\nContent-Type: multipart/report; boundary=r\r\n\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; gone@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n--r--\r\n`,
      envelope: { from: '', to: address },
    });
    const [event] = await bySubject('Undelivered');
    assert.equal(event?.event, 'Email Bounced');
    assert.deepEqual(event?.externalIds, [{ kind: 'email', value: 'gone@example.com' }]);
  });

  test('keeps a mail that cannot be read in quarantine, with the reason', async () => {
    let nested = `From: a@example.com\r\n`;
    for (let i = 0; i < 100; i++) nested += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    await send({ raw: nested, envelope: { from: 'a@example.com', to: address } });
    assert.match((await bench.logged()).refused.at(-1)?.reason ?? '', /the mail cannot be read: .*nesting/i);
  });

  test('takes mails that a provider received: as they came, in a form, or in JSON', async () => {
    const raw = (subject: string) => `From: b@example.com\r\nSubject: ${subject}\r\n\r\nHello`;
    const hook = (body: string | FormData, type?: string, key = source.writeKey) =>
      fetch(`${http.url}/hooks/mail/${key}`, {
        method: 'POST',
        body,
        ...(type ? { headers: { 'content-type': type } } : {}),
      });
    assert.equal((await hook(raw('plain hook'), 'message/rfc822')).status, 200);
    const form = new FormData();
    form.set('to', 'x');
    form.set('body-mime', raw('form hook'));
    assert.equal((await hook(form)).status, 200);
    assert.equal((await hook(JSON.stringify({ RawEmail: raw('json hook') }), 'application/json')).status, 200);
    for (const subject of ['plain hook', 'form hook', 'json hook'])
      assert.equal((await bySubject(subject)).length, 1, subject);
    assert.equal((await hook('{}', 'application/json')).status, 400);
    assert.equal((await hook('{', 'application/json')).status, 400);
    assert.equal((await hook('', 'message/rfc822')).status, 400);
    assert.equal((await hook('x', 'image/png')).status, 400);
    assert.equal((await hook(raw('nobody'), 'message/rfc822', 'wk_nobody')).status, 401);
    assert.equal((await hook('x'.repeat(MAIL_BYTES + 1), 'message/rfc822')).status, 413);
    const other = await bench.connect({ kind: 'mqtt', settings: { url: 'mqtt://127.0.0.1:1', topics: ['#'] } });
    assert.equal((await hook(raw('wrong kind'), 'message/rfc822', other.writeKey)).status, 409);
  });

  test('lets nobody hold all connections', async () => {
    const sockets = await Promise.all(Array.from({ length: 12 }, () => open(smtp.port)));
    const greetings = sockets.map((socket) => (socket as Socket & { greeting: string }).greeting);
    assert.ok(
      greetings.some((text) => text.startsWith('421')),
      greetings.join(),
    );
    for (const socket of sockets) socket.destroy();
    // They are let in again when the others have gone.
    for (let tries = 0; ; tries++) {
      const ok = await send({ subject: 'after the crowd' }).then(
        () => true,
        () => false,
      );
      if (ok || tries > 300) break;
      await sleep(50);
    }
    assert.ok((await bySubject('after the crowd')).length > 0);
  });
});

/** A connection that has been greeted. */
async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const greeting = await new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('close', () => resolve(''));
  });
  return Object.assign(socket, { greeting });
}

function command(socket: Socket, line: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const hear = (data: Buffer) => {
      said += data.toString();
      if (!/^\d{3} .*\r\n$/m.test(said)) return;
      socket.off('data', hear);
      resolve(said);
    };
    socket.on('data', hear);
    socket.write(`${line}\r\n`);
  });
}

async function talk(port: number, lines: string[]): Promise<string[]> {
  const socket = await open(port);
  const said: string[] = [];
  for (const line of lines) said.push(await command(socket, line));
  socket.destroy();
  return said;
}
