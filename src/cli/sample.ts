import { Command } from 'commander';
import { type Connection, connect, withConnection } from './client.ts';
import { follow, type Import, report, sayHowToGoOn } from './import-progress.ts';
import { print } from './terminal.ts';

/** Loads the sample company and waits until it is there; a second time adds nothing. */
export const sampleCommand = withConnection(
  new Command('sample').description('load the sample company: a year of real orders, with visits made up around them'),
).action(async (options: Connection) => {
  const client = connect(options);
  sayHowToGoOn();
  const loading = await client.ask<Import>('POST', '/api/sample');
  if (loading.state === 'done') return report(loading, options);
  report(await follow(client, loading, options), options);
  if (!options.json)
    print(`Open ${client.url} and look at People, or ask for one: throughline person customer_id 17850`);
});
