import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { parseConfig } from './config.ts';
import { outgoingFetch } from './outgoing.ts';

const closed = parseConfig({});
const open = parseConfig({ THROUGHLINE_OUTGOING_ALLOW: '127.0.0.0/8, ::1/128' });
let server: Server;
let port = 0;
let calls = 0;
before(async () => {
  server = createServer((request, response) => {
    calls++;
    if (request.url === '/away') return response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    if (request.url === '/never') return;
    if (request.url === '/large') return response.end(Buffer.alloc(3_000_000, 'x'));
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => response.end(`${request.method} ${Buffer.concat(chunks)}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

describe('a call to an address that somebody typed', () => {
  it('is made where the settings allow the network', async () => {
    const answer = await outgoingFetch(open, `http://127.0.0.1:${port}/`, { method: 'POST', body: 'hello' });
    assert.equal(`${answer.status} ${answer.body}`, '200 POST hello');
  });

  it('never reaches private, own, link-local or odd addresses, however they are written', async () => {
    calls = 0;
    for (const host of [
      '127.0.0.1',
      'localhost',
      'localhost.',
      'a.localhost',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '0.0.0.0',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '224.0.0.1',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:a9fe:a9fe]',
      '[fe80::1]',
      '[fd00::1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
    ]) {
      await assert.rejects(outgoingFetch(closed, `http://${host}:${port}/`), /private network/, host);
    }
    assert.equal(calls, 0);
  });

  it('is refused at the connection when a name turns out to be private, also the second time it is asked', async () => {
    let asked = 0;
    const rebinding = ((_name, _options, callback) => {
      asked++;
      callback(null, [{ address: asked > 1 ? '93.184.215.14' : '127.0.0.1', family: 4 }]);
    }) as LookupFunction;
    await assert.rejects(
      outgoingFetch(closed, `http://rebind.example:${port}/`, { lookup: rebinding }),
      /private network/,
    );
    assert.equal(asked, 1);
    const mixed = ((_name, _options, callback) =>
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])) as LookupFunction;
    await assert.rejects(outgoingFetch(closed, 'http://mixed.example/', { lookup: mixed }), /private network/);
  });

  it('is refused for other protocols and for addresses with a password', async () => {
    for (const address of ['file:///etc/passwd', 'ftp://a.example', 'javascript:alert(1)', 'nonsense']) {
      await assert.rejects(outgoingFetch(open, address), /must begin with/);
    }
    await assert.rejects(outgoingFetch(open, 'http://a:b@a.example'), /name and password/);
  });

  it('does not follow a redirect, reads no more than its limit and waits no longer than its time', async () => {
    assert.equal((await outgoingFetch(open, `http://127.0.0.1:${port}/away`)).status, 302);
    assert.equal((await outgoingFetch(open, `http://127.0.0.1:${port}/large`)).body.length, 1_000_000);
    await assert.rejects(
      outgoingFetch(open, `http://127.0.0.1:${port}/never`, { timeoutMs: 200 }),
      /did not answer in/,
    );
  });
});
