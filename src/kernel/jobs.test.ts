import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMailServer } from '../../test/mail-server.ts';
import { defineApp } from './app.ts';
import type { Context } from './context.ts';
import { addJob, startJobs } from './jobs.ts';
import { mailIsSetUp, sendMail } from './mail.ts';
import { runJobs, testContext } from './testing.ts';

const done: unknown[] = [];
let failures = 0;
const app = defineApp({
  name: 'bakery',
  jobs: {
    'bakery.bake': {
      run: async (_context, payload) => {
        done.push(payload);
      },
    },
    'bakery.burn': {
      attempts: 2,
      run: async (_context, _payload, { attempt, last }) => {
        failures++;
        throw new Error(`try ${attempt}, last: ${last}`);
      },
    },
  },
});

let context: Context & { close(): Promise<void> };
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
before(async () => {
  mailServer = await startMailServer();
  context = await testContext({
    apps: [app],
    environment: { THROUGHLINE_MAIL_URL: mailServer.url, THROUGHLINE_MAIL_FROM: 'Bakery <hello@bakery.example>' },
  });
});
after(async () => {
  await context?.close();
  await mailServer?.close();
});

describe('jobs', () => {
  it('exist only when the transaction that made them is committed', async () => {
    await assert.rejects(
      context.records.transaction(async (client) => {
        await addJob(client, 'bakery.bake', { loaf: 'lost' });
        throw new Error('no');
      }),
    );
    await context.records.transaction((client) => addJob(client, 'bakery.bake', { loaf: 'rye' }));
    await runJobs(context, [app]);
    assert.deepEqual(done, [{ loaf: 'rye' }]);
  });

  it('wait for their time, and one with the same key takes the place of the one that waits', async () => {
    done.length = 0;
    await addJob(context.records.pool, 'bakery.bake', { loaf: 'later' }, { runAt: new Date(Date.now() + 3_600_000) });
    await addJob(context.records.pool, 'bakery.bake', { loaf: 'first' }, { key: 'one' });
    await addJob(context.records.pool, 'bakery.bake', { loaf: 'second' }, { key: 'one' });
    await runJobs(context, [app]);
    assert.deepEqual(done, [{ loaf: 'second' }]);
  });

  it('are tried again after a wait, as often as the job says, and then given up', async () => {
    await addJob(context.records.pool, 'bakery.burn', {});
    for (let i = 0; i < 4; i++) {
      await runJobs(context, [app]);
      await context.records.pool.query('UPDATE graphile_worker._private_jobs SET run_at = now() WHERE attempts > 0');
    }
    assert.equal(failures, 2);
  });

  it('that a process took and never finished are taken up at the next start', async () => {
    done.length = 0;
    await addJob(context.records.pool, 'bakery.bake', { loaf: 'taken' });
    await context.records.pool.query(
      `UPDATE graphile_worker._private_jobs SET locked_by = 'gone', locked_at = now() - interval '1 second', attempts = 1
       WHERE payload::text LIKE '%taken%'`,
    );
    const stop = await startJobs(context, [app]);
    while (done.length === 0) await sleep(20);
    assert.deepEqual(done, [{ loaf: 'taken' }]);
    await stop();
  });
});

describe('mail', () => {
  it('arrives at the mail server with its text in both forms', async () => {
    assert.equal(mailIsSetUp(context.config), true);
    await sendMail(context.records.pool, {
      to: 'zoë@customer.example',
      subject: 'Żółć и 面包\r\nBcc: everybody@customer.example',
      text: 'Your bread is ready.',
      html: '<p>Your <b>bread</b> is ready.</p>',
    });
    await runJobs(context, []);
    const mail = await mailServer.next();
    assert.equal(mail.from, 'hello@bakery.example');
    assert.equal(mail.to, 'zoë@customer.example');
    assert.equal(mail.subject, 'Żółć и 面包 Bcc: everybody@customer.example');
    assert.match(mail.text, /bread is ready/);
    assert.match(mail.html, /<b>bread<\/b>/);
  });

  it('is refused for what is no address, more than one address, or too large', async () => {
    const send = (to: string, text = 'x') => sendMail(context.records.pool, { to, subject: 's', text });
    await assert.rejects(send('nobody'), /not an e-mail address/);
    await assert.rejects(send('a@b.example, c@d.example'), /not an e-mail address/);
    await assert.rejects(send('a@b.example', 'x'.repeat(500_001)), /500,000 bytes/);
  });
});
