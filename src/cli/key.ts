import { Command } from 'commander';
import { CommandError, type Connection, connect, withConnection } from './client.ts';
import { paint, print, printJson } from './terminal.ts';
import type { Key, Page } from './wire.ts';

const create = withConnection(
  new Command('create')
    .description('create an API key and print it')
    .requiredOption('--role <role>', 'admin, analyst, agent, marketer, seller or viewer, or a role of your own')
    .option('--name <name>', 'what the key is for')
    .option('--permission <permission...>', 'only this part of what the role may do')
    .option('--days <days>', 'stops working after so many days'),
).action(async (options: Connection & { role: string; name?: string; permission?: string[]; days?: string }) => {
  const { role, name, permission: permissions, days } = options;
  const expiresAt = days === undefined ? undefined : new Date(Date.now() + Number(days) * 86_400_000);
  if (expiresAt && Number.isNaN(expiresAt.getTime())) throw new CommandError(`--days ${days} is not a number.`);
  const body = { role, name, permissions, expiresAt: expiresAt?.toISOString() };
  const key = await connect(options).ask<{ id: string; apiKey: string }>('POST', '/api/keys', body);
  if (options.json) return printJson({ id: key.id, apiKey: key.apiKey });
  print(`An API key with the role ${role}. It is shown only now:`);
  print(paint('bold', key.apiKey));
});

const list = withConnection(new Command('list').description('all API keys, without the keys themselves')).action(
  async (options: Connection) => {
    const client = connect(options);
    const keys: Key[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page<Key> = await client.ask('GET', `/api/keys?limit=200${cursor ? `&cursor=${cursor}` : ''}`);
      keys.push(...page.items);
      cursor = page.nextCursor;
    }
    if (options.json) return printJson(keys);
    if (keys.length === 0) return print('There is no API key.');
    for (const key of keys) {
      const facts = [
        key.role + (key.permissions ? ` (${key.permissions.join(', ')})` : ''),
        key.createdBy ? `by ${key.createdBy.name}` : null,
        key.lastUsedAt ? `last used ${key.lastUsedAt.slice(0, 16).replace('T', ' ')}` : 'never used',
        key.expiresAt ? `until ${key.expiresAt.slice(0, 10)}` : null,
        key.works ? null : 'does not work',
      ];
      print(
        `${key.id.padStart(4)}  ${key.prefix}…  ${paint('bold', key.name ?? '—')}  ${facts.filter(Boolean).join(', ')}`,
      );
    }
  },
);

const revoke = withConnection(
  new Command('revoke').description('end an API key at once').argument('<id>', 'as `key list` shows it'),
).action(async (id: string, options: Connection) => {
  const gone = await connect(options).ask<{ id: string }>('DELETE', `/api/keys/${encodeURIComponent(id)}`);
  if (options.json) return printJson(gone);
  print(`The API key ${gone.id} does not work any more.`);
});

export const keyCommand = new Command('key')
  .description('API keys: how programs get in')
  .addCommand(create)
  .addCommand(list)
  .addCommand(revoke);
