import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { runJobs } from '../../kernel/testing.ts';
import { audit } from '../audit/module.ts';
import { staff } from './module.ts';
import { type Browser, type Company, OWNER, PASSWORD, startCompany } from './testing.ts';

let company: Company;
let owner: Browser;

before(async () => {
  company = await startCompany();
  owner = company.owner;
});
after(() => company.close());

const ownerId = async () => (await owner.call('GET', '/api/me')).body.id as string;

describe('an invitation', () => {
  test('makes a member with its role, who is signed in, and works once', async () => {
    const invited = await owner.call('POST', '/api/invitations', { email: 'Grace@Example.com', role: 'analyst' });
    assert.equal(invited.status, 201);
    assert.deepEqual([invited.body.email, invited.body.mailed], ['grace@example.com', false]);
    const token = new URL(invited.body.link).hash.slice(1);
    const grace = company.browser();
    const look = await grace.call('POST', '/api/invitations/look', { token });
    assert.deepEqual(
      [look.body.company, look.body.email, look.body.roleName, look.body.invitedBy],
      [OWNER.company, 'grace@example.com', 'analyst', 'Ada'],
    );
    const body = { token, name: 'Grace', password: PASSWORD };
    assert.equal((await grace.call('POST', '/api/invitations/accept', body)).status, 201);
    const me = (await grace.call('GET', '/api/me')).body;
    assert.deepEqual([me.role, me.email, me.hidesPersonalData], ['analyst', 'grace@example.com', true]);
    const again = await company.browser().call('POST', '/api/invitations/accept', { ...body, name: 'Mallory' });
    assert.equal(again.status, 400);
    assert.equal((await company.signIn('grace@example.com')).status, 200);
    const { rows } = await company.context.records.pool.query('SELECT * FROM staff_invitations');
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(token));
  });

  test('that was withdrawn, sent again or is too old opens nothing', async () => {
    const made = (await owner.call('POST', '/api/invitations', { email: 'a@example.com', role: 'viewer' })).body;
    const look = (link: string) =>
      company.browser().call('POST', '/api/invitations/look', { token: new URL(link).hash.slice(1) });
    const again = await owner.call('POST', `/api/invitations/${made.id}/send`, {});
    assert.equal(again.status, 200);
    assert.equal((await look(made.link)).status, 400);
    assert.equal((await look(again.body.link)).status, 200);
    assert.equal((await owner.call('DELETE', `/api/invitations/${made.id}`)).status, 200);
    assert.equal((await look(again.body.link)).status, 400);
    assert.equal((await owner.call('DELETE', `/api/invitations/${made.id}`)).status, 404);

    const late = (await owner.call('POST', '/api/invitations', { email: 'b@example.com', role: 'viewer' })).body;
    await company.context.records.pool.query(
      "UPDATE staff_invitations SET expires_at = now() - interval '1 second' WHERE id = $1",
      [late.id],
    );
    assert.equal((await look(late.link)).status, 400);
    const list = (await owner.call('GET', '/api/invitations')).body.items;
    assert.equal(list.find((one: { id: string }) => one.id === late.id).expired, true);
    const fresh = await owner.call('POST', '/api/invitations', { email: 'b@example.com', role: 'viewer' });
    assert.equal(fresh.status, 201, 'one that ran out makes room for another');
    await owner.call('DELETE', `/api/invitations/${fresh.body.id}`);
  });

  test('is one for an address, and none for who is a member', async () => {
    const body = { email: 'c@example.com', role: 'viewer' };
    const answers = await Promise.all([1, 2, 3].map(() => owner.call('POST', '/api/invitations', body)));
    assert.deepEqual(answers.map((one) => one.status).sort(), [201, 409, 409]);
    const member = await owner.call('POST', '/api/invitations', { email: OWNER.email, role: 'viewer' });
    assert.equal(member.status, 409);
    assert.equal((await owner.call('POST', '/api/invitations', { email: 'nobody', role: 'viewer' })).status, 400);
    assert.equal((await owner.call('POST', '/api/invitations', { email: 'd@example.com', role: 'king' })).status, 400);
  });

  test('ends with the power of who gave it', async () => {
    const boss = await company.join('admin', 'Boss');
    const made = (await boss.call('POST', '/api/invitations', { email: 'e@example.com', role: 'admin' })).body;
    await owner.call('PATCH', `/api/staff/${boss.id}`, { role: 'viewer' });
    const token = new URL(made.link).hash.slice(1);
    const taken = await company
      .browser()
      .call('POST', '/api/invitations/accept', { token, name: 'E', password: PASSWORD });
    assert.equal(taken.status, 409);
  });

  test('is given only by those who may, and never above what they may do', async () => {
    const admin = await company.join('admin', 'Alan');
    const seller = await company.join('seller', 'Sally');
    const body = (role: string) => ({ email: 'f@example.com', role });
    assert.equal((await seller.call('POST', '/api/invitations', body('viewer'))).status, 403);
    assert.equal((await admin.call('POST', '/api/invitations', body('owner'))).status, 403);
    assert.equal((await admin.call('POST', '/api/invitations', body('admin'))).status, 201);
  });
});

describe('a member of staff', () => {
  test('is listed with what there is to know, by name and page by page', async () => {
    const first = (await owner.call('GET', '/api/staff?limit=2')).body;
    assert.deepEqual(
      first.items.map((one: { name: string }) => one.name),
      ['Ada', 'Alan'],
    );
    const second = (await owner.call('GET', `/api/staff?limit=2&cursor=${first.nextCursor}`)).body;
    assert.deepEqual(
      second.items.map((one: { name: string }) => one.name),
      ['Boss', 'Grace'],
    );
    const [ada] = first.items;
    assert.deepEqual([ada.role, ada.password, ada.secondFactor, ada.sessions], ['owner', true, false, 1]);
    assert.equal((await owner.call('GET', '/api/staff?q=GRAC')).body.items.length, 1);
    assert.equal((await owner.call('GET', '/api/staff?role=owner')).body.items.length, 1);
    assert.equal((await owner.call('GET', '/api/staff?q=%25')).body.items.length, 0);
  });

  test('who gets another role has to sign in again, and then may do what it allows', async () => {
    const hedy = await company.join('viewer', 'Hedy');
    assert.equal((await hedy.call('GET', '/api/keys')).status, 403);
    const changed = await owner.call('PATCH', `/api/staff/${hedy.id}`, { role: 'admin' });
    assert.equal(changed.body.role, 'admin');
    assert.equal((await hedy.call('GET', '/api/me')).status, 401);
    await company.forget();
    const { browser } = await company.signIn(hedy.email);
    assert.equal((await browser.call('GET', '/api/keys')).status, 200);
  });

  test('who is switched off is out at once, cannot come back, and can be let in again', async () => {
    const ida = await company.join('viewer', 'Ida');
    assert.equal((await owner.call('PATCH', `/api/staff/${ida.id}`, { disabled: true })).status, 200);
    assert.equal((await ida.call('GET', '/api/me')).status, 401);
    await company.forget();
    const refused = await company.signIn(ida.email);
    assert.deepEqual([refused.status, refused.body.error.code], [403, 'disabled']);
    assert.equal((await company.signIn(ida.email, 'a wrong password')).status, 401, 'nobody else is told');
    assert.equal((await owner.call('GET', '/api/staff?state=disabled')).body.items.length, 1);
    await owner.call('PATCH', `/api/staff/${ida.id}`, { disabled: false });
    assert.equal((await company.signIn(ida.email)).status, 200);
  });

  test('who is removed is gone, with their sessions and keys', async () => {
    const joan = await company.join('admin', 'Joan');
    const key = (await joan.call('POST', '/api/keys', { role: 'viewer' })).body.apiKey;
    const bearer = { authorization: `Bearer ${key}` };
    assert.equal((await company.browser().call('GET', '/api/me', undefined, bearer)).status, 200);
    assert.deepEqual((await owner.call('DELETE', `/api/staff/${joan.id}`)).body, { id: joan.id, keys: 1 });
    assert.equal((await joan.call('GET', '/api/me')).status, 401);
    assert.equal((await company.browser().call('GET', '/api/me', undefined, bearer)).status, 401);
    assert.equal((await owner.call('DELETE', `/api/staff/${joan.id}`)).status, 404);
  });

  test('whose keys are kept hands them over to who removes them', async () => {
    const kay = await company.join('admin', 'Kay');
    const key = (await kay.call('POST', '/api/keys', { role: 'admin' })).body.apiKey;
    assert.equal((await owner.call('DELETE', `/api/staff/${kay.id}?keys=keep`)).status, 200);
    const bearer = { authorization: `Bearer ${key}` };
    assert.equal((await company.browser().call('GET', '/api/me', undefined, bearer)).status, 200);
  });

  test('who is the only owner stays one', async () => {
    const id = await ownerId();
    assert.equal((await owner.call('PATCH', `/api/staff/${id}`, { role: 'admin' })).status, 409);
    assert.equal((await owner.call('PATCH', `/api/staff/${id}`, { disabled: true })).status, 400);
    assert.equal((await owner.call('DELETE', `/api/staff/${id}`)).status, 400);
  });

  test('cannot take the last owner away by being quick, nor touch an owner without being one', async () => {
    const lena = await company.join('owner', 'Lena');
    const admin = await company.join('admin', 'Marge');
    const id = await ownerId();
    for (const target of [id, lena.id]) {
      assert.equal((await admin.call('PATCH', `/api/staff/${target}`, { role: 'viewer' })).status, 403);
      assert.equal((await admin.call('PATCH', `/api/staff/${target}`, { disabled: true })).status, 403);
      assert.equal((await admin.call('DELETE', `/api/staff/${target}`)).status, 403);
      assert.equal((await admin.call('DELETE', `/api/staff/${target}/sessions`)).status, 403);
      assert.equal((await admin.call('DELETE', `/api/staff/${target}/second-factor`)).status, 403);
      assert.equal((await admin.call('POST', `/api/staff/${target}/password-resets`, {})).status, 403);
    }
    const both = await Promise.all([
      owner.call('PATCH', `/api/staff/${lena.id}`, { role: 'admin' }),
      lena.call('PATCH', `/api/staff/${id}`, { role: 'admin' }),
    ]);
    const { rows } = await company.context.records.pool.query("SELECT id FROM staff_users WHERE role = 'owner'");
    assert.equal(rows.length, 1, JSON.stringify(both.map((one) => one.status)));
    // Whoever was left is the owner of what follows.
    const name = rows[0].id === id ? OWNER.email : lena.email;
    await company.forget();
    owner = (await company.signIn(name)).browser;
    company.owner = owner;
  });
});

describe('a new password', () => {
  test('comes with a link by somebody who may, where mail is not set up; sessions end and the link with them', async () => {
    const nina = await company.join('agent', 'Nina');
    const { body: blind } = await owner.call('POST', '/api/roles', {
      name: 'Personnel',
      permissions: ((await owner.call('GET', '/api/permissions')).body.items as { id: string }[]).map((one) => one.id),
      hidesPersonalData: true,
    });
    const personnel = await company.join(blind.id, 'Petra');
    const taken = await personnel.call('POST', `/api/staff/${nina.id}/password-resets`, {});
    assert.equal(taken.status, 403, 'who does not see personal data does not get in as somebody who does');
    await owner.call('DELETE', `/api/staff/${personnel.id}`);
    const made = await owner.call('POST', `/api/staff/${nina.id}/password-resets`, {});
    assert.deepEqual([made.status, made.body.mailed], [201, false]);
    const token = new URL(made.body.link).hash.slice(1);
    const use = () =>
      company.browser().call('POST', '/api/password-resets/use', { token, password: 'another password' });
    assert.equal((await use()).status, 200);
    assert.equal((await use()).status, 400);
    assert.equal((await nina.call('GET', '/api/me')).status, 401);
    await company.forget();
    assert.equal((await company.signIn(nina.email)).status, 401);
    assert.equal((await company.signIn(nina.email, 'another password')).status, 200);
    const asked = await company.browser().call('POST', '/api/password-resets', { email: nina.email });
    assert.equal(asked.status, 409);
  });

  test('is not for those who are switched off, nor past its hour', async () => {
    const olga = await company.join('agent', 'Olga');
    const link = async () =>
      (await owner.call('POST', `/api/staff/${olga.id}/password-resets`, {})).body.link as string;
    const use = async (from: string) =>
      (
        await company.browser().call('POST', '/api/password-resets/use', {
          token: new URL(from).hash.slice(1),
          password: 'another password',
        })
      ).status;
    const late = await link();
    await company.context.records.pool.query(
      "UPDATE staff_password_resets SET expires_at = now() - interval '1 second'",
    );
    assert.equal(await use(late), 400);
    const good = await link();
    await owner.call('PATCH', `/api/staff/${olga.id}`, { disabled: true });
    assert.equal(await use(good), 400);
  });
});

test('everything about staff is in the audit log', async () => {
  const actions = (await owner.call('GET', '/api/audit?limit=200')).body.items.map(
    (entry: { action: string; actor: { kind: string }; status: number }) =>
      `${entry.actor.kind} ${entry.action} ${entry.status}`,
  );
  for (const expected of [
    'staff POST /api/setup 200',
    'staff POST /api/invitations 201',
    'staff POST /api/invitations/accept 200',
    'staff sign-in 200',
    'staff sign-in 401',
    'staff sign-in 403',
    'staff PATCH /api/staff/{id} 200',
    'staff PATCH /api/staff/{id} 403',
    'staff DELETE /api/staff/{id} 200',
    'staff POST /api/password-resets/use 200',
  ]) {
    assert.ok(actions.includes(expected), expected);
  }
});

describe('with a mail server', () => {
  let mails: MailServer;
  let mailing: Company;
  before(async () => {
    await company.close();
    mails = await startMailServer();
    mailing = await startCompany({ environment: { THROUGHLINE_MAIL_URL: mails.url } });
  });
  after(async () => {
    company = mailing;
    await mails.close();
  });

  test('invitations come by mail, in the language of who is invited, and nobody else sees the link', async () => {
    const words = { en: 'invites you', pl: 'zaprasza Cię', it: 'ti invita', ru: 'приглашает вас', zh: '邀请您' };
    for (const [language, word] of Object.entries(words)) {
      const email = `${language}@example.com`;
      const made = await mailing.owner.call('POST', '/api/invitations', { email, role: 'viewer', language });
      assert.deepEqual([made.body.mailed, made.body.link], [true, null]);
      await runJobs(mailing.context, [staff, audit]);
      const mail = await mails.next();
      assert.equal(mail.to, email);
      assert.ok(mail.subject.includes(word), mail.subject);
      assert.ok(mail.html.includes(`lang="${language}"`));
      const token = /\/join#(\S+)/.exec(mail.text)![1];
      const joined = await mailing
        .browser()
        .call('POST', '/api/invitations/accept', { token, name: language, password: PASSWORD });
      assert.equal(joined.status, 201);
    }
  });

  test('a name cannot put markup or links of its own into a mail', async () => {
    await mailing.context.records.pool.query("UPDATE staff_company SET name = '<b>https://evil.example</b>'");
    await mailing.owner.call('POST', '/api/invitations', { email: 'x@example.com', role: 'viewer' });
    await runJobs(mailing.context, [staff, audit]);
    const mail = await mails.next();
    assert.doesNotMatch(mail.html, /<b>|https:\/\/evil/);
  });

  test('who forgot the password is mailed a link, and the answer never tells whether there is an account', async () => {
    const ask = (email: string) => mailing.browser().call('POST', '/api/password-resets', { email, language: 'pl' });
    const known = await ask(OWNER.email);
    const unknown = await ask('nobody@example.com');
    assert.deepEqual([known.status, unknown.status], [202, 202]);
    assert.deepEqual(Object.keys(known.body), Object.keys(unknown.body));
    const before = mails.messages.length;
    await runJobs(mailing.context, [staff, audit]);
    const mail = await mails.next();
    assert.equal(mail.to, OWNER.email);
    assert.match(mail.subject, /Nowe hasło/);
    assert.equal(mails.messages.length, before + 1);
    const token = /\/reset-password#(\S+)/.exec(mail.text)![1];
    const used = await mailing.browser().call('POST', '/api/password-resets/use', { token, password: 'new password' });
    assert.equal(used.status, 200);
    assert.equal((await mailing.signIn(OWNER.email, 'new password')).status, 200);
  });

  test('nobody’s mailbox can be filled with such mails', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) {
      const answer = await mailing.browser().call('POST', '/api/password-resets', { email: 'victim@example.com' });
      statuses.push(answer.status);
      if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) > 0);
    }
    assert.ok(statuses.includes(429));
  });
});
