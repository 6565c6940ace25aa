import { Command } from 'commander';
import { type Connection, connect, withConnection } from './client.ts';
import { paint, print, printJson } from './terminal.ts';

const create = withConnection(
  new Command('create')
    .description('create an API key and print it')
    .requiredOption('--role <role>', 'admin, analyst, agent, marketer, seller or viewer')
    .option('--name <name>', 'what the key is for'),
).action(async (options: Connection & { role: string; name?: string }) => {
  const { role, name } = options;
  const key = await connect(options).ask<{ id: string; apiKey: string }>('POST', '/api/keys', { role, name });
  if (options.json) return printJson({ id: key.id, apiKey: key.apiKey });
  print(`An API key with the role ${role}. It is shown only now:`);
  print(paint('bold', key.apiKey));
});

export const keyCommand = new Command('key').description('API keys: how programs get in').addCommand(create);
