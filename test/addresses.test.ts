import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { core } from '../src/core/index.ts';
import { permissionsOf, permissionsOfRole, ROLES } from '../src/core/staff/roles.ts';
import { type Company, startCompany } from '../src/core/staff/testing.ts';

/** Addresses that are not of the public internet, however they are written. */
const PRIVATE_HOSTS = [
  '127.0.0.1',
  'localhost',
  'sub.localhost',
  'localhost.',
  '0.0.0.0',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '10.0.0.1',
  '172.16.5.4',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '[::1]',
  '[::]',
  '[fd00::1]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[::ffff:169.254.169.254]',
  '[::ffff:7f00:1]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:7f00:1::]',
  '224.0.0.1',
  '255.255.255.255',
];
const NO_WEB = [
  'file:///etc/passwd',
  'gopher://example.com/',
  'ftp://example.com/',
  'http://user:pass@example.com/',
  'example.com',
];

let company: Company;
let listener: Server;
let calls = 0;

before(async () => {
  listener = createServer((_request, response) => {
    calls++;
    response.end('{}');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  company = await startCompany({ apps: core.filter((app) => !['staff', 'audit'].includes(app.name)) });
});
after(async () => {
  listener.close();
  await company.close();
});

/** Every endpoint that is given an address which this server calls. */
const TAKERS: Record<string, (address: string) => { method: string; path: string; body: object }> = {
  'a webhook': (url) => ({ method: 'POST', path: '/api/destinations', body: { name: 'x', webhook: { url } } }),
  'a store of files': (endpoint) => ({
    method: 'POST',
    path: '/api/destinations',
    body: {
      name: 'x',
      secretAccessKey: 's',
      files: {
        format: 'ndjson',
        every: 'day',
        place: { kind: 's3', endpoint, bucket: 'bucket', accessKeyId: 'a' },
      },
    },
  }),
  'a single sign-on': (issuer) => ({
    method: 'POST',
    path: '/api/sso',
    body: { kind: 'oidc', name: 'x', domains: ['example.com'], issuer, clientId: 'x', clientSecret: 's' },
  }),
};

describe('an address that somebody typed', () => {
  for (const [what, taker] of Object.entries(TAKERS)) {
    it(`is not taken for ${what} where it is one of a private network or none of the web`, async () => {
      const { port } = listener.address() as AddressInfo;
      for (const address of [
        ...PRIVATE_HOSTS.flatMap((host) => [`http://${host}:${port}/`, `https://${host}/`]),
        ...NO_WEB,
      ]) {
        const { method, path, body } = taker(address);
        const answer = await company.owner.call(method, path, body);
        assert.equal(answer.status, 400, `${address}: ${JSON.stringify(answer.body)}`);
      }
      assert.equal(calls, 0);
    });

    it(`is judged again for ${what} when it is changed`, async () => {
      const { body, path } = taker('https://example.com/');
      const made = await company.owner.call('POST', path, body);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      for (const host of PRIVATE_HOSTS.slice(0, 14)) {
        const { name: _, kind: __, ...change } = taker(`https://${host}/`).body as Record<string, unknown>;
        const answer = await company.owner.call('PATCH', `${path}/${made.body.id}`, change);
        assert.equal(answer.status, 400, `${host}: ${JSON.stringify(answer.body)}`);
      }
      await company.owner.call('DELETE', `${path}/${made.body.id}`);
    });
  }

  it('may be of a private network for brokers and databases only, which needs a permission of administrators', () => {
    const all = permissionsOf(core);
    const may = ROLES.filter((role) => permissionsOfRole(role, all).has('connections.write'));
    assert.deepEqual(may, ['owner', 'admin']);
    const routes = core.flatMap((app) => app.routes ?? []).filter((route) => route.path.includes('connection'));
    for (const route of routes.filter((one) => one.method !== 'GET'))
      assert.equal(route.permission, 'connections.write');
    const told = core.find((app) => app.name === 'connections')?.permissions?.['connections.write'];
    assert.match(told ?? '', /private networks/);
  });
});

/** Files that may open connections or look names up, and what for; all others go through `kernel/outgoing.ts`. */
const NETWORK: Record<string, string> = {
  'src/kernel/outgoing.ts': 'the guard itself',
  'src/kernel/s3.ts': 'blobs, by an address of the settings; destinations hand it the guard',
  'src/cli/client.ts': 'the command line, to its own server',
  'src/kernel/lock.ts': 'the socket by which a data folder has one process',
  'src/core/connections/mail/verify.ts': 'names of mail domains, bounded',
  'src/core/connections/mqtt/open.ts': 'brokers, by the permission for it',
  'src/core/connections/postgres/open.ts': 'databases, by the permission for it',
  'src/kernel/records.ts': 'the database of the settings',
  'src/kernel/mail.ts': 'the mail server of the settings',
  'src/kernel/log-nats-link.ts': 'the log of the settings',
  'src/kernel/log-nats.ts': 'the log of the settings',
  'src/kernel/log-nats-reader.ts': 'the log of the settings',
  'src/kernel/events-server.ts': 'the events of the settings',
  'src/core/staff/sso/oidc.ts': 'the library, with the guard as its fetch',
};
const OPENS = [
  /(?<![.\w])fetch\(/,
  /import (?!type)[^;]*\b(request|get|connect|lookup|resolve|createConnection|systemLookup)\b[^;]*from 'node:(http|https|http2|net|tls|dns|dns\/promises|dgram)'/,
  /new pg\.(Client|Pool)\(/,
  /(import (?!type)[^;]*from |\bimport\()'(mqtt|nodemailer|openid-client|undici|@nats-io\/transport-node|@clickhouse\/client)'/,
];

it('nothing calls another machine but what is known to, and why', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const found = globSync('src/**/*.ts', { cwd: root })
    .filter((file) => !/\.(test|testing)\.ts$|\/testing(-http)?\.ts$/.test(file))
    .filter((file) => {
      const text = readFileSync(`${root}/${file}`, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      return OPENS.some((opens) => opens.test(text));
    });
  assert.deepEqual(found.sort(), Object.keys(NETWORK).sort());
});
