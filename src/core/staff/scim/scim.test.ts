import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Answer, type Browser, type Company, OWNER, startCompany } from '../testing.ts';
import { parseFilter, parsePatch } from './protocol.ts';

let company: Company;
let owner: Browser;
let token = '';

before(async () => {
  company = await startCompany();
  owner = company.owner;
  const made = await owner.call('POST', '/api/scim/tokens', { name: 'Okta', defaultRole: 'viewer' });
  assert.equal(made.status, 201);
  assert.equal(made.body.baseUrl, `${company.url}/scim/v2`);
  token = made.body.token;
});
after(() => company.close());

async function scim(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`): Promise<Answer> {
  const response = await fetch(`${company.url}/scim/v2${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/scim+json', accept: 'application/scim+json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const patch = (...operations: object[]) => ({ schemas: [PATCH], Operations: operations });
const byName = (name: string) => `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}&startIndex=1&count=100`;
/** Lets somebody in who has no password yet, as a link for a new password does. */
async function signedIn(id: string, email: string): Promise<Browser> {
  const link = (await owner.call('POST', `/api/staff/${id}/password-resets`, {})).body.link as string;
  const use = { token: new URL(link).hash.slice(1), password: 'a long password' };
  await company.browser().call('POST', '/api/password-resets/use', use);
  await company.forget();
  return (await company.signIn(email)).browser;
}

describe('a directory', () => {
  test('needs a token of its own; no key, cookie or wrong token will do', async () => {
    const { apiKey } = (await owner.call('POST', '/api/keys', {})).body;
    for (const authorization of ['', 'Bearer scim_wrong', `Bearer ${apiKey}`, 'Basic eDp5']) {
      for (const path of ['/Users', '/ServiceProviderConfig', '/nothing']) {
        const answer = await scim('GET', path, undefined, authorization);
        assert.equal(answer.status, 401, `${authorization} ${path}`);
        assert.equal(answer.body.status, '401');
      }
    }
    assert.equal((await owner.call('GET', '/scim/v2/Users')).status, 401);
    const asKey = await company.browser().call('GET', '/api/me', undefined, { authorization: `Bearer ${token}` });
    assert.equal(asKey.status, 401, 'nor does it open anything else');
    const { rows } = await company.context.records.pool.query('SELECT * FROM staff_scim_tokens');
    assert.ok(!JSON.stringify(rows).includes(token));
  });

  test('is told what this server can do', async () => {
    const config = await scim('GET', '/ServiceProviderConfig');
    assert.equal(config.headers.get('content-type'), 'application/scim+json');
    assert.deepEqual([config.body.patch.supported, config.body.filter.supported], [true, true]);
    const types = (await scim('GET', '/ResourceTypes')).body.Resources;
    assert.deepEqual(
      types.map((one: { endpoint: string }) => one.endpoint),
      ['/Users', '/Groups'],
    );
    const schemas = (await scim('GET', '/Schemas')).body.Resources;
    assert.ok(schemas.some((one: { id: string }) => one.id === USER));
    assert.equal((await scim('GET', `/Schemas/${USER}`)).body.id, USER);
    assert.equal((await scim('GET', '/Schemas/other')).status, 404);
  });
});

describe('as Okta does it', () => {
  let id = '';
  const okta = {
    schemas: [USER],
    userName: 'grace@example.com',
    name: { givenName: 'Grace', familyName: 'Hopper' },
    emails: [{ primary: true, value: 'grace@example.com', type: 'work' }],
    displayName: 'Grace Hopper',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  };

  test('somebody is looked for, not found, made, and read back', async () => {
    const none = (await scim('GET', byName('grace@example.com'))).body;
    assert.deepEqual([none.totalResults, none.Resources], [0, []]);
    const made = await scim('POST', '/Users', okta);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    id = made.body.id;
    assert.deepEqual(
      [
        made.body.userName,
        made.body.active,
        made.body.externalId,
        made.body.name.familyName,
        made.body.meta.resourceType,
      ],
      ['grace@example.com', true, okta.externalId, 'Hopper', 'User'],
    );
    assert.ok(!JSON.stringify(made.body).includes('1mz050nq'));
    assert.equal(made.body.meta.location, `${company.url}/scim/v2/Users/${id}`);
    assert.deepEqual((await scim('GET', `/Users/${id}`)).body, made.body);
    assert.equal((await scim('GET', byName('GRACE@example.com'))).body.Resources[0].id, id);
    const again = await scim('POST', '/Users', okta);
    assert.deepEqual([again.status, again.body.scimType], [409, 'uniqueness']);
    const member = (await owner.call('GET', `/api/staff/${id}`)).body;
    assert.deepEqual(
      [member.name, member.role, member.managed, member.password],
      ['Grace Hopper', 'viewer', true, false],
    );
  });

  test('who leaves is out at once, with what they had open and their keys, and comes back', async () => {
    const grace = await signedIn(id, okta.userName);
    assert.equal((await grace.call('GET', '/api/me')).status, 200);
    const off = await scim('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }));
    assert.deepEqual([off.status, off.body.active], [200, false]);
    assert.equal((await grace.call('GET', '/api/me')).status, 401);
    await company.forget();
    assert.equal((await company.signIn(okta.userName)).body.error.code, 'disabled');
    const on = await scim('PUT', `/Users/${id}`, {
      ...okta,
      id,
      name: { givenName: 'Grace', familyName: 'Murray' },
      displayName: undefined,
    });
    assert.deepEqual([on.body.active, on.body.displayName], [true, 'Grace Murray']);
    assert.equal((await company.signIn(okta.userName)).status, 200);
  });

  test('pages are counted from one', async () => {
    for (let i = 0; i < 5; i++) await scim('POST', '/Users', { schemas: [USER], userName: `page${i}@example.com` });
    const total = (await scim('GET', '/Users')).body.totalResults;
    const seen = new Set<string>();
    for (let at = 1; at <= total; at += 2) {
      const page = (await scim('GET', `/Users?startIndex=${at}&count=2`)).body;
      assert.deepEqual([page.totalResults, page.startIndex], [total, at]);
      for (const one of page.Resources) seen.add(one.id);
    }
    assert.equal(seen.size, total);
    assert.deepEqual((await scim('GET', '/Users?count=0')).body.Resources, []);
    assert.equal((await scim('GET', '/Users?startIndex=-5&count=100000')).status, 200);
    assert.equal((await scim('GET', '/Users?startIndex=999999999&count=x')).status, 200);
  });
});

describe('as Entra does it', () => {
  let id = '';

  test('it tries a name that is nobody’s, makes somebody and changes them piece by piece, booleans as words', async () => {
    const probe = await scim('GET', byName('7a4b5f3c-a1b7-4b1e-8a57-4a4a2f2bd3a2'));
    assert.deepEqual([probe.status, probe.body.totalResults], [200, 0]);
    const made = await scim('POST', '/Users', {
      schemas: [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
      externalId: 'jyoung',
      userName: 'Test_User_ab6490ee@testuser.com',
      active: 'True',
      displayName: 'Lenore Young',
      emails: [{ primary: true, type: 'work', value: 'lenore@example.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Sales' },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    id = made.body.id;
    const changed = await scim(
      'PATCH',
      `/Users/${id}`,
      patch(
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@example.com' },
        { op: 'Replace', path: 'name.familyName', value: 'Updated' },
        { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', value: 'IT' },
        { op: 'Replace', path: 'title', value: 'Chief' },
      ),
    );
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    assert.deepEqual(
      [changed.body.emails[0].value, changed.body.displayName, changed.body.userName],
      ['updatedemail@example.com', 'givenName Updated', 'Test_User_ab6490ee@testuser.com'],
    );
    const off = await scim('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }));
    assert.equal(off.body.active, false);
    const found = (await scim('GET', `/Users?filter=${encodeURIComponent('externalId eq "jyoung"')}`)).body;
    assert.equal(found.Resources[0].id, id);
  });

  test('who is deleted is gone', async () => {
    assert.equal((await scim('DELETE', `/Users/${id}`)).status, 204);
    assert.equal((await scim('GET', `/Users/${id}`)).status, 404);
    assert.equal((await scim('DELETE', `/Users/${id}`)).status, 404);
    assert.equal((await owner.call('GET', `/api/staff/${id}`)).status, 404);
  });
});

describe('a group', () => {
  let group = '';
  let ida = '';

  test('gives its members the role that is chosen here, and takes it with it', async () => {
    ida = (await scim('POST', '/Users', { schemas: [USER], userName: 'ida@example.com' })).body.id;
    const made = await scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Support',
      members: [{ value: ida }],
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    group = made.body.id;
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'viewer');
    const browser = await signedIn(ida, 'ida@example.com');
    assert.equal((await owner.call('PATCH', `/api/scim/groups/${group}`, { role: 'owner' })).status, 400);
    const mapped = await owner.call('PATCH', `/api/scim/groups/${group}`, { role: 'agent' });
    assert.deepEqual([mapped.status, mapped.body.members], [200, 1]);
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'agent');
    assert.equal((await browser.call('GET', '/api/me')).status, 401, 'with a new role comes a new session');
    assert.equal((await scim('GET', `/Users/${ida}`)).body.groups[0].display, 'Support');

    const leave = patch({ op: 'Remove', path: 'members', value: [{ value: ida }] });
    assert.equal((await scim('PATCH', `/Groups/${group}`, leave)).status, 200);
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'viewer');
    await scim('PATCH', `/Groups/${group}`, patch({ op: 'Add', path: 'members', value: [{ value: ida }] }));
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'agent');
    await scim('PATCH', `/Groups/${group}`, patch({ op: 'remove', path: `members[value eq "${ida}"]` }));
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'viewer');
  });

  test('of several the one counts that may do most; the next joins with it', async () => {
    await scim('PATCH', `/Groups/${group}`, patch({ op: 'add', path: 'members', value: [{ value: ida }] }));
    const leads = (await scim('POST', '/Groups', { schemas: [], displayName: 'Leads', members: [{ value: ida }] })).body
      .id;
    await owner.call('PATCH', `/api/scim/groups/${leads}`, { role: 'admin' });
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'admin');
    assert.equal((await scim('DELETE', `/Groups/${leads}`)).status, 204);
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'agent');
  });

  test('is renamed, listed without members, and has members that exist', async () => {
    const renamed = patch({ op: 'replace', value: { id: group, displayName: 'Help' } });
    assert.equal((await scim('PATCH', `/Groups/${group}`, renamed)).body.displayName, 'Help');
    const list = (
      await scim('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "help"')}`)
    ).body;
    assert.deepEqual([list.totalResults, list.Resources[0].members], [1, undefined]);
    const nobody = patch({ op: 'add', path: 'members', value: [{ value: 'nobody' }] });
    assert.equal((await scim('PATCH', `/Groups/${group}`, nobody)).status, 400);
    assert.equal((await scim('POST', '/Groups', { displayName: 'HELP' })).status, 409);
    assert.equal((await scim('PUT', `/Groups/${group}`, { displayName: 'Help', members: [] })).body.members.length, 0);
    assert.equal((await owner.call('GET', `/api/staff/${ida}`)).body.role, 'viewer');
  });
});

describe('the owner', () => {
  const ownerId = async () => (await owner.call('GET', '/api/me')).body.id as string;

  test('cannot be switched off, removed, or given another address or role by a directory', async () => {
    const id = await ownerId();
    assert.equal((await scim('GET', byName(OWNER.email))).body.Resources[0].id, id);
    assert.equal(
      (await scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }))).status,
      409,
    );
    assert.equal((await scim('DELETE', `/Users/${id}`)).status, 409);
    const email = patch({ op: 'replace', path: 'userName', value: 'mallory@example.com' });
    assert.equal((await scim('PATCH', `/Users/${id}`, email)).status, 200, 'a name of the directory is its own affair');
    const address = patch({ op: 'replace', path: 'emails', value: [{ value: 'mallory@example.com', primary: true }] });
    assert.equal((await scim('PATCH', `/Users/${id}`, address)).status, 403);
    const group = (await scim('POST', '/Groups', { displayName: 'All', members: [{ value: id }] })).body.id;
    await owner.call('PATCH', `/api/scim/groups/${group}`, { role: 'viewer' });
    const me = (await owner.call('GET', '/api/me')).body;
    assert.deepEqual([me.role, me.email], ['owner', OWNER.email]);
  });
});

describe('bad input', () => {
  test('is refused in the protocol’s own form', async () => {
    const cases: [string, string, unknown, number, string | undefined][] = [
      ['POST', '/Users', '{', 400, 'invalidSyntax'],
      ['POST', '/Users', {}, 400, 'invalidValue'],
      ['POST', '/Users', { userName: 'no address' }, 400, 'invalidValue'],
      ['POST', '/Users', { userName: 'a\0b@example.com' }, 400, 'invalidValue'],
      ['POST', '/Users', { userName: `${'x'.repeat(600)}@example.com` }, 400, 'invalidValue'],
      ['GET', '/Users?filter=userName%20sw%20%22a%22', undefined, 400, 'invalidFilter'],
      ['GET', '/Users?filter=password%20eq%20%22a%22', undefined, 400, 'invalidFilter'],
      ['PATCH', '/Users/none', patch({ op: 'replace', path: 'active', value: false }), 404, undefined],
      ['PATCH', '/Users/none', { schemas: [], Operations: [] }, 400, 'invalidValue'],
      ['PATCH', '/Users/none', patch({ op: 'explode', path: 'active' }), 400, 'invalidValue'],
      ['PATCH', '/Users/none', patch({ op: 'replace', value: 'x' }), 400, 'noTarget'],
      ['PUT', '/Users/none', { userName: 'a@example.com' }, 404, undefined],
      ['GET', '/Nothing', undefined, 404, undefined],
      ['POST', '/Users', `"${'x'.repeat(2_200_000)}"`, 413, undefined],
    ];
    for (const [method, path, body, status, scimType] of cases) {
      const answer = await scim(method, path, body);
      assert.deepEqual([answer.status, answer.body.scimType], [status, scimType], `${method} ${path}`);
      assert.equal(answer.body.status, String(status));
    }
    const odd = await scim('GET', `/Users?filter=${encodeURIComponent('userName eq "a\' OR 1=1 --\\"x"')}`);
    assert.deepEqual([odd.status, odd.body.totalResults], [200, 0]);
  });

  test('of any kind is refused or understood, and never a fault', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, value) => {
        for (const work of [
          () => parseFilter(text, { username: 'x' }),
          () => parsePatch(value),
          () => parsePatch({ schemas: [PATCH], Operations: [{ op: 'add', path: text, value }] }),
        ]) {
          try {
            work();
          } catch (error) {
            assert.equal((error as { status?: number }).status, 400);
          }
        }
      }),
    );
  });
});

test('what a directory does is in the audit log', async () => {
  const { items } = (await owner.call('GET', '/api/audit?actor=Okta&limit=200')).body;
  const actions = new Set(
    items.map((one: { action: string; actor: { kind: string } }) => `${one.actor.kind} ${one.action}`),
  );
  for (const action of [
    'POST /scim/v2/Users',
    'PATCH /scim/v2/Users/{id}',
    'DELETE /scim/v2/Users/{id}',
    'POST /scim/v2/Groups',
  ]) {
    assert.ok(actions.has(`scim ${action}`), action);
  }
});

test('a token that was revoked opens nothing', async () => {
  const { items } = (await owner.call('GET', '/api/scim/tokens')).body;
  assert.ok(items[0].lastUsedAt);
  assert.equal((await owner.call('DELETE', `/api/scim/tokens/${items[0].id}`)).status, 200);
  assert.equal((await scim('GET', '/Users')).status, 401);
});
