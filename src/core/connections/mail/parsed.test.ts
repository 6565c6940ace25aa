import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parseInThread } from './parse.ts';
import { parseMail } from './parsed.ts';
import { withoutQuotation } from './reply.ts';

const corpus = fileURLToPath(new URL('../../../../../shared/data/email/', import.meta.url));
const missing = existsSync(corpus) ? false : 'the mails of ../shared/data/email are not here';
const mail = (text: string) => parseMail(Buffer.from(text.replaceAll('\n', '\r\n')));

describe('a mail', () => {
  test('is read with who wrote it, to whom, about what, and what is attached', async () => {
    const read = await mail(`From: =?utf-8?q?Zo=C3=AB?= <Zoe@Example.com>
To: Shop <shop@ours.example>, Friends: a@x.example, b@x.example;
Subject: =?utf-8?b?xbnDs2TFgm8=?=
Date: Sun, 1 Mar 2026 12:00:00 +0100
Message-ID: <1@example.com>
In-Reply-To: <0@ours.example>
References: <a@ours.example> <0@ours.example>
Content-Language: pl
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

Czy lampa jest?
--x
Content-Type: application/pdf; name="bill.pdf"
Content-Disposition: attachment; filename="bill.pdf"
Content-Transfer-Encoding: base64

AAAA
--x--
`);
    assert.deepEqual(read.from, { address: 'Zoe@Example.com', name: 'Zoë' });
    assert.deepEqual(read.to, ['shop@ours.example', 'a@x.example', 'b@x.example']);
    assert.equal(read.subject, 'Źódło');
    assert.equal(read.text, 'Czy lampa jest?');
    assert.equal(read.date, '2026-03-01T11:00:00.000Z');
    assert.deepEqual(read.references, ['<a@ours.example>', '<0@ours.example>']);
    assert.deepEqual(read.attachments, [{ name: 'bill.pdf', type: 'application/pdf', bytes: 3 }]);
    assert.equal(read.language, 'pl');
    assert.equal(read.automatic, '');
  });

  test('of HTML alone is read as text, its styles and scripts left out', async () => {
    const read = await mail(`From: a@example.com
Content-Type: text/html

<html><head><style>p{color:red}</style></head><body><p>Hello&nbsp;&amp; <b>welcome</b></p><script>alert(1)</script><!-- no --><p>Bye</p>`);
    assert.equal(read.text, 'Hello & welcome\n\nBye');
  });

  test('that a program sent, and a report of one that did not arrive, are told from what a person wrote', async () => {
    const head = 'From: a@example.com\nSubject: x\n';
    assert.equal((await mail(`${head}Auto-Submitted: auto-replied (vacation)\n\nAway`)).automatic, 'auto-replied');
    assert.equal((await mail(`${head}Auto-Submitted: no\n\nHere`)).automatic, '');
    assert.equal((await mail(`${head}Precedence: bulk\n\nNews`)).automatic, 'bulk');
    assert.equal((await mail(`${head}List-Id: <l.example>\n\nNews`)).automatic, 'list');
    const report = await mail(`From: mailer-daemon@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

It did not arrive.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; anna@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such
 mailbox
--r--
`);
    assert.deepEqual(report.bounce, { recipient: 'anna@example.com', status: '5.1.1', reason: '550 no such mailbox' });
  });

  test('tells its language by its words where it does not say', async () => {
    const of = async (text: string) => (await mail(`From: a@example.com\n\n${text}`)).language;
    assert.equal(
      await of('Where is my order? I have been waiting for two weeks and nobody has answered me yet.'),
      'en',
    );
    assert.equal(
      await of('Gdzie jest moje zamówienie? Czekam już dwa tygodnie i nikt mi jeszcze nie odpowiedział.'),
      'pl',
    );
    assert.equal(await of('Ok'), '');
  });

  test('made to break its reader is bounded or refused, while the server goes on', async () => {
    const parts = `From: a@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\na\r\n'.repeat(10_000)}--x--`;
    const many = await parseInThread(Buffer.from(parts));
    assert.ok('mail' in many);
    assert.deepEqual([many.mail.attachments.length, many.mail.attachmentCount], [50, 10_000]);
    let nested = 'From: a@example.com\r\n';
    for (let i = 0; i < 500; i++) nested += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    const deep = await parseInThread(Buffer.from(nested));
    assert.ok('reason' in deep && /nesting/i.test(deep.reason), JSON.stringify(deep).slice(0, 200));
    const heads = await parseInThread(Buffer.from(`From: a@example.com\r\nX-Y: ${'y'.repeat(3_000_000)}\r\n\r\nHi`));
    assert.ok('reason' in heads && /header/i.test(heads.reason), JSON.stringify(heads).slice(0, 200));
    const hostile = [
      `From: a@example.com\r\nContent-Type: text/html\r\n\r\n${'<style>'.repeat(60_000)}`,
      `From: a@example.com\r\nContent-Type: text/html\r\n\r\n${'<style></style>'.repeat(26_000)}`,
      `From: a@example.com\r\n\r\n${'On x wrote:\r\n> y\r\nz\r\n'.repeat(20_000)}`,
      `From: a@example.com\r\n\r\n${'From: x\r\nSent: y\r\n'.repeat(20_000)}`,
      `From: ${'a@b.example, '.repeat(10_000)}\r\nTo: ${'('.repeat(50_000)}\r\n\r\nHi`,
      `From: a@example.com\r\nSubject: ${'=?utf-8?q?=41?= '.repeat(10_000)}\r\n\r\n${'> '.repeat(100_000)}`,
      '',
      '\r\n\r\n',
      'no head at all',
    ];
    for (const text of hostile) {
      const answer = await parseInThread(Buffer.from(text));
      if ('mail' in answer) assert.ok(JSON.stringify(answer.mail).length < 200_000);
      else assert.ok(answer.reason.length > 0);
    }
  });

  test('of any bytes is read or refused, and never longer than an event may be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.string(), async (bytes, text) => {
        for (const raw of [Buffer.from(bytes), Buffer.from(`From: ${text}\r\nSubject: ${text}\r\n\r\n${text}`)]) {
          const read = await parseMail(raw).catch((error: Error) => error);
          if (!(read instanceof Error)) assert.ok(JSON.stringify(read).isWellFormed());
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('what answers a mail', () => {
  const own = (text: string) => withoutQuotation(text).text;

  test('is kept and what it quotes at its end is not, in the words of many mail programs', () => {
    const quote = '> Is the lantern in stock?\n> Anna';
    for (const heading of [
      'On Tue, 3 Mar 2026 at 10:00, Shop <shop@ours.example> wrote:',
      'On Tue, 3 Mar 2026 at 10:00,\nShop <shop@ours.example>\nwrote:',
      'W dniu 3.03.2026 o 10:00, Sklep pisze:',
      'wt., 3 mar 2026 o 10:00 Sklep <shop@ours.example> napisał(a):',
      'Il giorno mar 3 mar 2026 alle ore 10:00 Negozio <shop@ours.example> ha scritto:',
      '3 мар. 2026 г., 10:00, Магазин <shop@ours.example> написал(а):',
      '2026年3月3日 10:00，商店 <shop@ours.example> 写道：',
    ]) {
      assert.deepEqual(
        withoutQuotation(`Yes, two.\n\n${heading}\n${quote}\n`),
        { text: 'Yes, two.', cut: true },
        heading,
      );
    }
    assert.equal(own('Yes.\n\n-----Original Message-----\nFrom: Shop\nSent: today\nTo: Anna\n\nIs it?'), 'Yes.');
    assert.equal(own('Tak.\n\nOd: Sklep\nWysłano: dziś\nDo: Anna\nTemat: Lampa\n\nCzy jest?'), 'Tak.');
    assert.equal(own(`Yes.\n${quote}`), 'Yes.');
  });

  test('between the quoted lines stays with them, and a mail that is all quotation stays whole', () => {
    const inline = 'On Monday, Shop wrote:\n\n> How many?\n\nTwo.\n\n> Which colour?\n\nRed.';
    assert.deepEqual(withoutQuotation(inline), { text: inline, cut: false });
    assert.deepEqual(withoutQuotation('> only\n> this'), { text: '> only\n> this', cut: false });
    assert.equal(own('From: the bottom of my heart, thanks!'), 'From: the bottom of my heart, thanks!');
    const mine = 'Hello.\nOn Monday I wrote:\nplease send it back';
    assert.deepEqual(withoutQuotation(mine), { text: mine, cut: false });
  });

  test('is found in the mails of a library for it', { skip: missing }, () => {
    const of = (name: string) =>
      own(readFileSync(join(corpus, 'github_email_reply_parser', `${name}.txt`), 'utf8')).split('\n');
    const last = (name: string) => of(name).at(-1);
    assert.equal(last('email_1_3'), '-Abhishek Kona');
    assert.equal(last('email_1_6'), 'Sent from a magnificent torch of pixels');
    assert.deepEqual(of('email_2_2'), ['Outlook with a reply directly above line']);
    assert.deepEqual(of('email_2_3'), ['Outlook with a reply directly above line']);
    assert.equal(last('pathological'), 'get back to a computer.');
    assert.equal(last('email_one_is_not_on'), 'Locally (on development), when I run...');
    assert.equal(last('greedy_on'), 'fails, the tunnel is not working.');
    assert.ok(of('email_1_8').includes('I will reply under this one'), 'answers between the lines stay');
  });
});

test('every mail of the collections at hand is read or refused with a reason', { skip: missing }, async () => {
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'));
  assert.ok(files.length > 100);
  const refused: string[] = [];
  for (const file of files) {
    const answer = await parseInThread(readFileSync(join(corpus, file)));
    if ('reason' in answer) refused.push(`${file}: ${answer.reason}`);
    else assert.ok(JSON.stringify(answer.mail).length < 200_000, file);
  }
  assert.deepEqual(refused, []);
  const japanese = await parseInThread(readFileSync(join(corpus, 'mikel_mail/multi_charset/japanese_iso_2022.eml')));
  assert.ok('mail' in japanese && /[\u3040-\u30ff]/.test(japanese.mail.subject + japanese.mail.text));
  const report = await parseInThread(readFileSync(join(corpus, 'mikel_mail/multipart_report_emails/report_422.eml')));
  assert.ok('mail' in report && report.mail.bounce !== null && /^[45]\./.test(report.mail.bounce.status));
});
