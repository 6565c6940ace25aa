import { Command, Option } from 'commander';
import { type Connection, connect, withConnection } from './client.ts';
import { paint, plain, print, printJson, table } from './terminal.ts';
import type { Page, Source } from './wire.ts';

const KINDS = ['browser', 'server', 'mobile', 'webhook', 'file', 'cloudevents', 'mail'];

const create = withConnection(
  new Command('create')
    .description('create a source and print its write key')
    .argument('<name>', 'what the source is called')
    .addOption(new Option('--kind <kind>', 'what sends the events').choices(KINDS).makeOptionMandatory()),
).action(async (name: string, options: Connection & { kind: string }) => {
  const source = await connect(options).ask<Source>('POST', '/api/sources', { name, kind: options.kind });
  if (options.json) return printJson({ id: source.id, name: source.name, writeKey: source.writeKey });
  print(`The source "${plain(source.name)}" (${source.kind}, ${source.id}) sends with this write key:`);
  print(paint('bold', source.writeKey));
});

const list = withConnection(new Command('list').description('all sources, with what they sent')).action(
  async (options: Connection) => {
    const client = connect(options);
    const sources: Source[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page<Source> = await client.ask('GET', `/api/sources?limit=200${cursor && `&cursor=${cursor}`}`);
      sources.push(...page.items);
      cursor = page.nextCursor;
    }
    if (options.json) return printJson(sources);
    if (sources.length === 0) return print('There is no source yet: throughline source create <name> --kind browser');
    const rows = sources.map((source) => [
      source.id,
      source.name,
      source.kind,
      source.enabled ? 'on' : 'off',
      source.eventCount.toLocaleString('en'),
      source.lastEventAt?.replace('T', ' ').slice(0, 19) ?? 'never',
      source.writeKey,
    ]);
    print(table(['ID', 'NAME', 'KIND', '', 'EVENTS', 'LAST RECEIVED (UTC)', 'WRITE KEY'], rows));
  },
);

export const sourceCommand = new Command('source')
  .description('sources: where events come from')
  .addCommand(create)
  .addCommand(list);
