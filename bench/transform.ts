import vm from 'node:vm';
import { core } from '../src/core/index.ts';
import type { IncomingEvent } from '../src/core/intake/incoming.ts';
import { createSource } from '../src/core/sources/sources.ts';
import { append, openStream } from '../src/core/stream/testing.ts';
import { Engine, newStanding } from '../src/core/transformations/engine/engine.ts';
import { createTransformation } from '../src/core/transformations/transformations.ts';
import { publish } from '../src/core/transformations/versions.ts';
import { testContext } from '../src/kernel/testing.ts';

/** Masks an address, computes a property, leaves some events out: what most transformations do. */
const CODE = `function transform(event) {
  if (event.event === 'Health Check') return null;
  event.properties.email = event.properties.email.replace(/^[^@]*/, '***');
  event.properties.net = Math.round(event.properties.total * 100 / 1.2) / 100;
  return event;
}`;
/** Events given to the engine at once, as a batch of the stream is. */
const BATCH = 2000;

const eventOf = (n: number): IncomingEvent => ({
  type: 'track',
  messageId: `bench-${n}`,
  event: 'Order Completed',
  userId: `u-${n % 5000}`,
  anonymousId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  timestamp: '2026-03-01T12:00:00Z',
  properties: { total: 19.99, currency: 'GBP', email: `ada-${n}@example.com`, items: [{ sku: 'a', count: 2 }] },
  context: {
    page: { url: 'https://shop.example/checkout?x=1', path: '/checkout', title: 'Checkout' },
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
    locale: 'en-GB',
    library: { name: 'analytics.js', version: '2.0' },
  },
});

/** Events a second through the engine and through `node:vm`, and what the stream's step takes an event. */
export async function measureTransformations(events: number): Promise<{
  engine: number;
  vm: number;
  withMicros: number;
  withoutMicros: number;
  eventBytes: number;
}> {
  const many = Array.from({ length: events }, (_, n) => eventOf(n));
  const eventBytes = JSON.stringify(many[0]).length;
  const viaEngine = await throughEngine(many);
  const viaVm = throughVm(many);
  const [withoutMicros, withMicros] = await inStream(many.slice(0, Math.min(events, 50_000)));
  return { engine: viaEngine, vm: viaVm, withMicros, withoutMicros, eventBytes };
}

async function throughEngine(events: readonly IncomingEvent[]): Promise<number> {
  const engine = new Engine();
  const programs = [{ key: 'bench', content: { kind: 'javascript' as const, code: CODE } }];
  const run = async (part: readonly IncomingEvent[]) => {
    const inputs = part.map((event) => ({ text: JSON.stringify(event), now: 0 }));
    const { results } = await engine.run({ sourceId: 1, programs, inputs, standings: [newStanding()], logs: false });
    for (const result of results) for (const text of result.outputs) JSON.parse(text);
    if (results.some((result) => result.failure)) throw new Error(JSON.stringify(results.find((one) => one.failure)));
  };
  await run(events.slice(0, BATCH));
  const started = performance.now();
  for (let at = 0; at < events.length; at += BATCH) await run(events.slice(at, at + BATCH));
  const seconds = (performance.now() - started) / 1000;
  await engine.close();
  return events.length / seconds;
}

function throughVm(events: readonly IncomingEvent[]): number {
  const context = vm.createContext({});
  vm.runInContext(CODE, context);
  const transform = vm.runInContext('(text) => JSON.stringify(transform(JSON.parse(text)))', context) as (
    text: string,
  ) => string;
  for (const event of events.slice(0, BATCH)) transform(JSON.stringify(event));
  const started = performance.now();
  for (const event of events) JSON.parse(transform(JSON.stringify(event)));
  return events.length / ((performance.now() - started) / 1000);
}

/** Microseconds an event of the step, for a source without and for one with the transformation. */
async function inStream(events: readonly IncomingEvent[]): Promise<[number, number]> {
  const context = await testContext({ apps: core });
  const caller = {
    kind: 'local',
    id: '',
    name: 'bench',
    email: null,
    role: '',
    permissions: new Set<string>(),
  } as const;
  const taken: number[] = [];
  for (const transformed of [false, true]) {
    const { id } = await createSource(context, { name: 'bench', kind: 'server' });
    if (transformed) {
      const content = { kind: 'javascript' as const, code: CODE };
      const made = await createTransformation(context, id, { name: 'bench', content });
      await publish(context, caller, made.id, { untried: true });
    }
    const { pipeline, runner } = openStream(context);
    for (let at = 0; at < events.length; at += 500) {
      const part = events.slice(at, at + 500).map((event) => ({ ...event, messageId: `${id}-${event.messageId}` }));
      await append(context, part, { sourceId: id });
    }
    runner.start();
    while ((await context.log.state()).some((partition) => partition.lagEvents > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await runner.stop();
    const step = pipeline.counts.list().find(({ name }) => name === 'transform')!;
    taken.push((step.milliseconds * 1000) / step.events);
  }
  await context.close();
  return [taken[0]!, taken[1]!];
}
