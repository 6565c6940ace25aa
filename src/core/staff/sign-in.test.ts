import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { addJob } from '../../kernel/jobs.ts';
import { keptSecret } from '../../kernel/secrets.ts';
import { runJobs } from '../../kernel/testing.ts';
import { LIMITS } from './attempts.ts';
import { staff } from './module.ts';
import { type Browser, type Company, OWNER, PASSWORD, startCompany } from './testing.ts';

let company: Company;
before(async () => {
  company = await startCompany();
});
after(() => company.close());
beforeEach(() => company.forget());

/** The sign-in library's own limit for an address, which would hide ours. */
const quiet = () => company.context.records.pool.query('DELETE FROM staff_rate_limits');
const later = (seconds: number) =>
  company.context.records.pool.query(
    `UPDATE staff_attempts SET next_at = next_at - make_interval(secs => $1), last_at = last_at - make_interval(secs => $1)`,
    [seconds],
  );
/** Seconds to wait after the last failure, as kept. */
const waitOf = async (kind: string): Promise<number> =>
  (
    await company.context.records.pool.query(
      "SELECT round(extract(epoch FROM next_at - last_at))::int AS wait FROM staff_attempts WHERE key LIKE $1 || ':%'",
      [kind],
    )
  ).rows[0].wait;
const failing = async (email: string, times: number, browser?: Browser) => {
  const waits: number[] = [];
  for (let i = 0; i < times; i++) {
    await quiet();
    const answer = await company.signIn(email, 'a wrong password', browser);
    if (answer.status === 429) waits.push(Number(answer.headers.get('retry-after')));
    else assert.equal(answer.status, 401);
  }
  return waits;
};

describe('wrong passwords', () => {
  test('have to wait longer and longer, for an account that is there and one that is not alike', async () => {
    for (const email of ['nobody@example.com', OWNER.email]) {
      await company.forget();
      assert.deepEqual(await failing(email, LIMITS.account.free), []);
      const waits: number[] = [];
      for (let i = 0; i < 6; i++) {
        waits.push(await waitOf('account'));
        await later(waits.at(-1)!);
        // The one that is let through, and is wrong again.
        assert.deepEqual(await failing(email, 1), []);
      }
      assert.deepEqual(waits, [1, 2, 4, 8, 16, 32], email);
      const [told] = await failing(email, 1);
      assert.ok(told! > 0 && told! <= 64, String(told));
    }
  });

  test('make even the right one wait, and the wait has an end', async () => {
    await company.context.records.pool.query(
      "INSERT INTO staff_attempts SELECT 'account:' || encode(sha256($1), 'hex'), 1000, now(), now() + interval '1 hour'",
      [Buffer.from(OWNER.email)],
    );
    assert.equal((await company.signIn(OWNER.email)).status, 429);
    await later(3600);
    await failing(OWNER.email, 1);
    const [wait] = await failing(OWNER.email, 1);
    assert.ok(wait! <= LIMITS.account.longestSeconds, String(wait));
  });

  test('of strangers do not keep out who has signed in on this device before', async () => {
    const known = (await company.signIn(OWNER.email)).browser;
    await failing(OWNER.email, 1);
    await company.context.records.pool.query(
      "UPDATE staff_attempts SET failures = 100, next_at = now() + interval '1 hour' WHERE key LIKE 'account:%'",
    );
    assert.equal((await company.signIn(OWNER.email)).status, 429);
    // The address has its own limit; the tests all come from one.
    await company.context.records.pool.query("DELETE FROM staff_attempts WHERE key LIKE 'address:%'");
    await quiet();
    assert.equal((await company.signIn(OWNER.email, PASSWORD, known)).status, 200);
    const forged = company.browser();
    forged.cookies.set('throughline.device', 'me.nonsense');
    await quiet();
    assert.equal((await company.signIn(OWNER.email, PASSWORD, forged)).status, 429);
  });

  test('are counted for an address too, over all accounts', async () => {
    for (let i = 0; i < LIMITS.address.free; i++) {
      await quiet();
      await company.signIn(`user${i}@example.com`, 'a wrong password');
    }
    assert.equal(await waitOf('address'), 1);
  });

  test('sent all at once are counted all the same', async () => {
    const { pool } = company.context.records;
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => company.signIn('many@example.com', 'a wrong password')),
    );
    const { rows } = await pool.query("SELECT failures FROM staff_attempts WHERE key LIKE 'account:%'");
    const passed = answers.filter((one) => one.status === 401).length;
    assert.ok(passed < 60, String(passed));
    assert.equal(rows[0].failures, passed);
  });

  test('are forgotten after one that was right', async () => {
    await failing(OWNER.email, LIMITS.account.free - 1);
    assert.equal((await company.signIn(OWNER.email)).status, 200);
    assert.deepEqual(await failing(OWNER.email, LIMITS.account.free - 1), []);
  });
});

describe('a session', () => {
  test('is new with each sign-in, whatever cookie was there before', async () => {
    const planted = (await company.signIn(OWNER.email)).browser;
    const before = planted.cookies.get('throughline.session_token')!;
    const victim = company.browser();
    victim.cookies.set('throughline.session_token', before);
    await company.signIn(OWNER.email, PASSWORD, victim);
    assert.notEqual(victim.cookies.get('throughline.session_token'), before);
    assert.equal((await planted.call('GET', '/api/me')).status, 401, 'the planted one ends');
    const invented = company.browser();
    invented.cookies.set('throughline.session_token', 'chosen-by-an-attacker');
    await company.signIn(OWNER.email, PASSWORD, invented);
    assert.notEqual(invented.cookies.get('throughline.session_token'), 'chosen-by-an-attacker');
  });

  test('is listed with device, address and times, and can be ended from another', async () => {
    const here = (await company.signIn(OWNER.email)).browser;
    await here.call('DELETE', '/api/sessions');
    const there = company.browser();
    const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    await there.call(
      'POST',
      '/api/auth/sign-in/email',
      { email: OWNER.email, password: PASSWORD },
      { 'user-agent': agent },
    );
    const { items } = (await here.call('GET', '/api/sessions')).body;
    assert.equal(items.length, 2);
    const other = items.find((one: { current: boolean }) => !one.current);
    assert.deepEqual(
      [other.browser, other.system, other.device, other.address, other.method],
      ['Firefox 140', 'Linux', 'desktop', '127.0.0.1', 'password'],
    );
    assert.doesNotMatch(
      JSON.stringify(items),
      new RegExp(there.cookies.get('throughline.session_token')!.slice(0, 20)),
    );
    assert.equal((await here.call('DELETE', `/api/sessions/${other.id}`)).status, 200);
    assert.equal((await there.call('GET', '/api/me')).status, 401);
    assert.equal((await here.call('DELETE', `/api/sessions/${other.id}`)).status, 404);
    assert.equal((await here.call('GET', '/api/me')).status, 200);
    await company.signIn(OWNER.email, PASSWORD, company.owner);
  });

  test('of somebody else is not one’s own to end', async () => {
    const eve = await company.join('admin', 'Eve');
    const { items } = (await company.signIn(OWNER.email).then(({ browser }) => browser.call('GET', '/api/sessions')))
      .body;
    assert.equal((await eve.call('DELETE', `/api/sessions/${items[0].id}`)).status, 404);
  });

  test('gets a new token with a new password, and all others end', async () => {
    const fay = await company.join('viewer', 'Fay');
    const second = (await company.signIn(fay.email)).browser;
    const before = fay.cookies.get('throughline.session_token');
    const change = { currentPassword: PASSWORD, newPassword: 'a newer password' };
    const wrong = await fay.call('POST', '/api/auth/change-password', { ...change, currentPassword: 'x'.repeat(10) });
    assert.equal(wrong.status, 400);
    assert.equal((await fay.call('POST', '/api/auth/change-password', change)).status, 200);
    assert.notEqual(fay.cookies.get('throughline.session_token'), before);
    assert.equal((await fay.call('GET', '/api/me')).status, 200);
    assert.equal((await second.call('GET', '/api/me')).status, 401);
  });

  test('is no business of keys', async () => {
    const { apiKey } = (await company.signIn(OWNER.email).then(({ browser }) => browser.call('POST', '/api/keys', {})))
      .body;
    const answer = await company
      .browser()
      .call('GET', '/api/sessions', undefined, { authorization: `Bearer ${apiKey}` });
    assert.equal(answer.status, 400);
  });
});

/** What an authenticator app does (RFC 6238), from what the QR code says. */
function appCode(uri: string, at = Date.now()): string {
  const url = new URL(uri);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...url.searchParams.get('secret')!.replace(/=+$/, '')]
    .map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 1000 / Number(url.searchParams.get('period') ?? 30))));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = hash.at(-1)! & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('a second factor', () => {
  let gina: Browser & { id: string; email: string };
  let uri = '';
  let backupCodes: string[] = [];

  test('is set up with an authenticator app that proves it works', async () => {
    gina = await company.join('admin', 'Gina');
    assert.equal(
      (await gina.call('POST', '/api/auth/two-factor/enable', { password: 'a wrong password' })).status,
      400,
    );
    const begun = await gina.call('POST', '/api/auth/two-factor/enable', { password: PASSWORD });
    assert.equal(begun.status, 200);
    uri = begun.body.totpURI;
    backupCodes = begun.body.backupCodes;
    assert.match(uri, /^otpauth:\/\/totp\/Throughline:gina/);
    assert.equal(backupCodes.length, 10);
    assert.equal((await gina.call('GET', '/api/me/security')).body.secondFactor, false);
    assert.equal((await gina.call('POST', '/api/auth/two-factor/verify-totp', { code: '000000' })).status, 401);
    const before = gina.cookies.get('throughline.session_token');
    assert.equal((await gina.call('POST', '/api/auth/two-factor/verify-totp', { code: appCode(uri) })).status, 200);
    assert.notEqual(gina.cookies.get('throughline.session_token'), before, 'with more power comes a new token');
    assert.equal((await gina.call('GET', '/api/me/security')).body.secondFactor, true);
    const { rows } = await company.context.records.pool.query('SELECT * FROM staff_two_factors');
    assert.ok(!JSON.stringify(rows).includes(new URL(uri).searchParams.get('secret')!));
    assert.ok(!JSON.stringify(rows).includes(backupCodes[0]!));
  });

  test('is asked for after the password, which alone opens nothing', async () => {
    const { browser, body } = await company.signIn(gina.email);
    assert.equal(body.twoFactorRedirect, true);
    assert.equal((await browser.call('GET', '/api/me')).status, 401);
    assert.equal((await browser.call('POST', '/api/auth/two-factor/verify-totp', { code: '000000' })).status, 401);
    const code = appCode(uri);
    assert.equal((await browser.call('POST', '/api/auth/two-factor/verify-totp', { code })).status, 200);
    assert.equal((await browser.call('GET', '/api/me')).body.name, 'Gina');
    const sessions = (await browser.call('GET', '/api/sessions')).body.items;
    assert.equal(sessions.find((one: { current: boolean }) => one.current).method, 'second-factor');

    await company.forget();
    const replay = (await company.signIn(gina.email)).browser;
    const again = await replay.call('POST', '/api/auth/two-factor/verify-totp', { code });
    assert.equal(again.status, 401);
    assert.equal((await replay.call('GET', '/api/me')).status, 401, 'a code works once');
  });

  test('has backup codes, each for one time', async () => {
    const use = async () => {
      await company.forget();
      const { browser } = await company.signIn(gina.email);
      await browser.call('POST', '/api/auth/two-factor/verify-backup-code', { code: backupCodes[0] });
      return (await browser.call('GET', '/api/me')).status;
    };
    assert.equal(await use(), 200);
    assert.equal(await use(), 401);
    await company.forget();
    const fresh = await gina.call('POST', '/api/auth/two-factor/generate-backup-codes', { password: PASSWORD });
    assert.equal(fresh.body.backupCodes.length, 10);
    backupCodes = fresh.body.backupCodes;
  });

  test('cannot be guessed: after some tries the password has to be given again', async () => {
    const { browser } = await company.signIn(gina.email);
    const codes: string[] = [];
    for (let i = 0; i < 7; i++) {
      await quiet();
      const answer = await browser.call('POST', '/api/auth/two-factor/verify-totp', { code: String(100_000 + i) });
      codes.push(answer.body.error.code);
    }
    assert.ok(
      codes.some((code) => code !== 'invalid_code'),
      codes.join(),
    );
    await quiet();
    const right = await browser.call('POST', '/api/auth/two-factor/verify-backup-code', { code: backupCodes[1] });
    assert.notEqual(right.status, 200);
    await company.context.records.pool.query('UPDATE staff_two_factors SET failed_verification_count = 0');
  });

  test('that the company asks for keeps everybody without one to setting it up', async () => {
    const { browser: owner } = await company.signIn(OWNER.email);
    const hana = await company.join('admin', 'Hana');
    const before = (await owner.call('GET', '/api/access')).body;
    assert.equal(before.secondFactorRequired, false);
    assert.ok(before.withoutSecondFactor >= 2);
    assert.equal((await hana.call('PATCH', '/api/access', { secondFactorRequired: true })).status, 403);
    const require = (secondFactorRequired: boolean, headers?: Record<string, string>) =>
      owner.call('PATCH', '/api/access', { secondFactorRequired }, headers);
    assert.equal((await require(true)).status, 409, 'who has none of their own would be kept out');
    const local = { authorization: `Bearer local_${keptSecret(company.context.config.dataDir, 'local')}` };
    assert.equal((await require(true, local)).status, 200);

    const refused = await hana.call('GET', '/api/staff');
    assert.deepEqual([refused.status, refused.body.error.code], [403, 'second_factor_missing']);
    const me = (await hana.call('GET', '/api/me')).body;
    assert.deepEqual([me.secondFactorMissing, me.permissions], [true, []]);
    assert.equal((await gina.call('GET', '/api/staff')).status, 200, 'who has one goes on');
    const begun = await hana.call('POST', '/api/auth/two-factor/enable', { password: PASSWORD });
    await hana.call('POST', '/api/auth/two-factor/verify-totp', { code: appCode(begun.body.totpURI) });
    assert.equal((await hana.call('GET', '/api/staff')).status, 200);

    assert.equal((await require(false, local)).status, 200);
  });

  test('is given up with the password, or taken away by who may', async () => {
    await company.forget();
    assert.equal((await gina.call('POST', '/api/auth/two-factor/disable', { password: 'wrong password' })).status, 400);
    assert.equal((await gina.call('POST', '/api/auth/two-factor/disable', { password: PASSWORD })).status, 200);
    assert.equal((await gina.call('GET', '/api/me/security')).body.secondFactor, false);
    const hana = (await company.context.records.pool.query("SELECT id FROM staff_users WHERE name = 'Hana'")).rows[0]
      .id;
    const { browser: owner } = await company.signIn(OWNER.email);
    assert.equal((await owner.call('DELETE', `/api/staff/${hana}/second-factor`)).status, 200);
    assert.equal((await company.signIn('hana@example.com')).body.twoFactorRedirect, undefined);
  });
});

test('only what is listed of the sign-in library can be reached, and nothing leads elsewhere', async () => {
  const { browser: owner } = await company.signIn(OWNER.email);
  for (const path of [
    '/sign-up/email',
    '/open-session',
    '/update-user',
    '/delete-user',
    '/change-email',
    '/list-sessions',
    '/verify-email',
    '/reset-password',
    '/request-password-reset',
    '/two-factor/view-backup-codes',
    '/two-factor/get-totp-uri',
    '/totp/generate',
    '/error',
    '/ok',
  ]) {
    for (const method of ['GET', 'POST']) {
      const answer = await owner.call(method, `/api/auth${path}`, method === 'POST' ? {} : undefined);
      assert.equal(answer.status, 404, `${method} ${path}`);
    }
  }
  const body = { email: OWNER.email, password: PASSWORD, callbackURL: 'https://evil.example/' };
  const answer = await company.browser().call('POST', '/api/auth/sign-in/email', body);
  assert.equal(answer.status, 200);
  assert.doesNotMatch(JSON.stringify(answer.body), /evil/);
  assert.equal(answer.headers.get('location'), null);
});

test('what is over is cleared away, and what is not stays', async () => {
  const { pool } = company.context.records;
  const { browser } = await company.signIn(OWNER.email);
  await pool.query(
    "INSERT INTO staff_used VALUES ('old', now() - interval '1 second'), ('new', now() + interval '1 hour')",
  );
  await pool.query("INSERT INTO staff_attempts VALUES ('account:old', 3, now() - interval '2 days', now())");
  await addJob(pool, 'staff.tidy', {});
  await runJobs(company.context, [staff]);
  const { rows } = await pool.query("SELECT hash FROM staff_used WHERE hash IN ('old', 'new')");
  assert.deepEqual(rows, [{ hash: 'new' }]);
  assert.equal((await pool.query("SELECT FROM staff_attempts WHERE key = 'account:old'")).rowCount, 0);
  assert.equal((await browser.call('GET', '/api/me')).status, 200);
});
