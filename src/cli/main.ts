import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { CommandError } from './client.ts';
import { doctorCommand } from './doctor.ts';
import { importCommand } from './import.ts';
import { keyCommand } from './key.ts';
import { personCommand } from './person.ts';
import { sampleCommand } from './sample.ts';
import { sourceCommand } from './source.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('throughline')
  .description('Every interaction of every customer on one timeline. The commands talk to the running server.')
  .version(version)
  .addCommand(sourceCommand)
  .addCommand(keyCommand)
  .addCommand(sampleCommand)
  .addCommand(importCommand)
  .addCommand(personCommand)
  .addCommand(doctorCommand);

// A reader that has seen enough, such as head, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof CommandError ? error.message : error);
  process.exitCode = 1;
}
