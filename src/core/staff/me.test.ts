import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Company, OWNER, PASSWORD, startCompany } from './testing.ts';

let company: Company;
before(async () => {
  company = await startCompany();
});
after(() => company.close());

describe('somebody’s own name', () => {
  test('is changed by themselves, and is no empty one', async () => {
    const pia = await company.join('viewer', 'Pia');
    assert.deepEqual((await pia.call('PATCH', '/api/me', { name: '  Pia Nowak ' })).body, { name: 'Pia Nowak' });
    assert.equal((await pia.call('GET', '/api/me')).body.name, 'Pia Nowak');
    assert.equal((await pia.call('PATCH', '/api/me', { name: '   ' })).status, 400);
    assert.equal((await pia.call('PATCH', '/api/me', { name: 'x'.repeat(201) })).status, 400);
    assert.equal((await company.browser().call('PATCH', '/api/me', { name: 'Nobody' })).status, 401);
  });

  test('is no key’s to change', async () => {
    const { body } = await company.owner.call('POST', '/api/keys', { role: 'admin' });
    const program = company.browser();
    const answer = await program.call(
      'PATCH',
      '/api/me',
      { name: 'A key' },
      { authorization: `Bearer ${body.apiKey}` },
    );
    assert.equal(answer.status, 400);
    assert.equal((await company.owner.call('GET', '/api/me')).body.name, OWNER.name);
  });
});

describe('one session of a colleague', () => {
  test('is ended by who may, and the others go on', async () => {
    const ben = await company.join('seller', 'Ben');
    const { browser: second } = await company.signIn(ben.email, PASSWORD);
    const { items } = (await company.owner.call('GET', `/api/staff/${ben.id}/sessions`)).body;
    assert.equal(items.length, 2);
    const ended = items.find((one: { method: string }) => one.method === 'password');
    assert.equal((await ben.call('DELETE', `/api/staff/${ben.id}/sessions/${ended.id}`)).status, 403);
    assert.equal((await company.owner.call('DELETE', `/api/staff/${ben.id}/sessions/${ended.id}`)).status, 200);
    assert.equal((await second.call('GET', '/api/me')).status, 401);
    assert.equal((await ben.call('GET', '/api/me')).status, 200);
    assert.equal((await company.owner.call('DELETE', `/api/staff/${ben.id}/sessions/${ended.id}`)).status, 404);
  });

  test('of an owner is not ended by an administrator', async () => {
    const admin = await company.join('admin', 'Admin');
    const owner = (await company.owner.call('GET', '/api/me')).body.id;
    const { items } = (await company.owner.call('GET', '/api/sessions')).body;
    assert.equal((await admin.call('DELETE', `/api/staff/${owner}/sessions/${items[0].id}`)).status, 403);
    assert.equal((await company.owner.call('GET', '/api/me')).status, 200);
  });
});
