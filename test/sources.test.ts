import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { type EmbeddedRecords, startEmbeddedRecords } from '../src/kernel/records-embedded.ts';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type Mosquitto, mosquittoIsMissing, startMosquitto } from './mosquitto.ts';
import { type RunningServer, startServer } from './server.ts';

const PATIENCE_MS = 60_000;

let server: RunningServer;
let browser: Browser;
let page: Page;
let smtpPort: number;
const problems: string[] = [];

const assertAccessible = (what: string) => assertPageAccessible(page, what);

/** The id of the person with this identifier, once the event that names them is stored. */
async function personWith(identifier: string): Promise<string> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100)) {
    const found = await server.api<{ items: { id: string }[] }>(
      'GET',
      `/api/people?q=${encodeURIComponent(identifier)}`,
    );
    if (found.items[0]) return found.items[0].id;
  }
  throw new Error(`nobody has ${identifier}`);
}

async function openTimeline(identifier: string): Promise<void> {
  await page.goto(`${server.url}/people/${await personWith(identifier)}`);
}

async function newSource(name: string, kind: RegExp): Promise<void> {
  await page.goto(`${server.url}/sources?new=1`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('radio', { name: kind }).check({ force: true });
}

const create = () => page.getByRole('button', { name: 'New source' }).last().click();

async function choose(label: string, option: string | RegExp): Promise<void> {
  await page
    .getByRole('combobox', { name: label })
    .or(page.getByLabel(label, { exact: true }))
    .first()
    .click();
  await page.getByRole('option', { name: option }).first().click();
}

describe('sources beyond the web, in the console', { timeout: 400_000 }, () => {
  before(async () => {
    smtpPort = await freePort();
    server = await startServer({ environment: { THROUGHLINE_SMTP_PORT: String(smtpPort) } });
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) problems.push(message.text());
    });
    page.on('response', (response) => {
      if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(server.url);
    await page.getByLabel('Company').fill('The gift shop');
    await page.getByLabel('Your name').fill('Ada Nowak');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill('a long enough password');
    await page.getByRole('button', { name: 'Create the owner’s account' }).click();
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  it('a table of another database is looked into, tried and read, and its rows stand on timelines', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'throughline-theirs-'));
    let theirs: EmbeddedRecords | null = null;
    try {
      theirs = await startEmbeddedRecords(dir);
      const db = new pg.Pool({ connectionString: theirs.url });
      db.on('error', () => {});
      await db.query(`CREATE TABLE orders (id bigint PRIMARY KEY, email text, total numeric, updated_at timestamptz NOT NULL DEFAULT now());
        CREATE INDEX ON orders (updated_at);
        INSERT INTO orders (id, email, total) VALUES (1, 'table1@example.com', 12.5), (2, 'table2@example.com', 7)`);
      await newSource('Shop database', /PostgreSQL/);
      await page.getByLabel('Connection URL of the database').fill('postgres://nobody:wrong@127.0.0.1:1/x');
      await page.getByRole('button', { name: 'Look at the tables' }).click();
      await page.getByText('Nothing listens at this address').waitFor();
      await page.getByLabel('Connection URL of the database').fill(theirs.url);
      await page.getByRole('button', { name: 'Look at the tables' }).click();
      await choose('Table or view', 'public.orders');
      await page.getByLabel('Name of the event').fill('Order Placed');
      // The button waits for what is proposed for the table's columns: a trial is of the form as it then is.
      await page.getByRole('button', { name: 'Try the connection' }).click();
      await page.getByText('The connection works.').waitFor();
      await page.getByText('table1@example.com').first().waitFor();
      await assertAccessible('new-postgres');
      await create();
      await page.getByText('Connected', { exact: true }).first().waitFor();
      await page.getByText('Rows read').waitFor();
      await assertAccessible('source-postgres');
      const address = page.url();
      await openTimeline('table1@example.com');
      await page
        .getByText(/Placed an order|Order Placed/)
        .first()
        .waitFor();
      await db.query("INSERT INTO orders VALUES (3, 'table3@example.com', 3)");
      await page.goto(address);
      await page.getByRole('button', { name: 'Read now' }).click();
      await personWith('table3@example.com');
      await page.getByRole('button', { name: 'Change' }).click();
      await page.getByLabel('Connection URL of the database').waitFor();
      assert.equal(await page.getByLabel('Connection URL of the database').inputValue(), '', 'no secret comes back');
      await db.end();
    } finally {
      await theirs?.stop();
      rmSync(dir, { recursive: true, force: true });
    }
    await page.reload();
    await page.getByRole('button', { name: 'Save and connect' }).click();
    await page.getByText('Nothing listens at this address').waitFor();
    await page.getByText('Waiting', { exact: true }).first().waitFor();
    await assertAccessible('source-trouble');
  });

  it('a broker is listened to, and where a tag was read stands on a map', { skip: mosquittoIsMissing() }, async () => {
    const broker: Mosquitto = await startMosquitto();
    const sender = await connectAsync(broker.url);
    try {
      await newSource('Gates', /MQTT/);
      await page.getByLabel('Address of the broker').fill(broker.url);
      await choose('What sends', 'RFID gates');
      await assertAccessible('new-mqtt');
      await create();
      await page.getByText('Connected', { exact: true }).first().waitFor();
      assert.match(await page.getByLabel('Expression').inputValue(), /rfid/);
      await sender.publishAsync('gates/north/tags', JSON.stringify({ tag: 'TAG-7', direction: 'in' }), { qos: 1 });
      await openTimeline('TAG-7');
      await page.getByText('Gate passed').first().waitFor();
    } finally {
      await sender.endAsync(true);
      await broker.stop();
    }
  });

  it('a mail to the address of a source stands on its writer’s timeline', async () => {
    await newSource('Support mail', /E-mail/);
    await page.getByLabel('Further addresses').fill('support@shop.example');
    await create();
    await page.getByText('A mail provider can also post').waitFor();
    await page.getByText('support@shop.example').first().waitFor();
    await assertAccessible('source-mail');
    const mail = createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true });
    await mail.sendMail({
      from: 'Zofia Lis <zofia@example.com>',
      to: 'support@shop.example',
      subject: 'Where is my lantern?',
      text: 'I have been waiting for two weeks.',
    });
    await openTimeline('zofia@example.com');
    await page.getByText('Wrote an e-mail').first().waitFor();
    await page.getByText('Where is my lantern?').first().click();
    await page.getByText('I have been waiting for two weeks.').first().waitFor();
    await assertAccessible('mail-event');
  });

  it('the place of an event is shown on a map and in words, and a bad one is told', async () => {
    const key = await server.writeKey('field app');
    const send = (event: object) =>
      fetch(`${server.url}/v1/track`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
    await send({
      userId: 'traveller',
      event: 'Parcel Collected',
      context: { location: { latitude: 52.2297, longitude: 21.0122, accuracy: 40_000, city: 'Warsaw', country: 'PL' } },
    });
    await send({ userId: 'traveller', event: 'Parcel Lost', properties: { latitude: 152, longitude: 21 } });
    const id = await personWith('traveller');
    const stored = async () =>
      (await server.api<{ items: object[] }>('GET', `/api/people/${id}/timeline`)).items.length;
    await until(async () => (await stored()) === 2);
    await openTimeline('traveller');
    await page.getByText('Parcel collected').first().click();
    const map = page.getByRole('img', { name: /Map: Warsaw.*Poland.*52\.2297, 21\.0122.*within 40 km/ });
    // Land, borders, grid and accuracy.
    await map.locator('path').nth(3).waitFor({ state: 'attached' });
    await page.getByText('52.2297, 21.0122').waitFor();
    await map.scrollIntoViewIfNeeded();
    await assertAccessible('event-map');
    await page.getByText('Parcel lost').first().click();
    await page.getByText('latitude 152 is not between -90 and 90').waitFor();
    assert.deepEqual(problems, []);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as { port: number };
      listener.close(() => resolve(port));
    });
  });
}
