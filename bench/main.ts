import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { details, type Line, lines, options, root } from './figures.ts';
import { heatmap, player, recorder, replayIntake, replayStorage, sdk, surveyScore } from './figures-behaviour.ts';
import { access, catalogueList, consolePage, erasure, search, timeline } from './figures-console.ts';
import { batches, destinations, disk, fileImport, requests, start, transform } from './figures-intake.ts';

/** The parts, in the order in which they run; `--only=player,sdk` runs some of them. */
const parts = {
  start,
  transform,
  'replay-storage': replayStorage,
  'replay-intake': replayIntake,
  player,
  'survey-score': surveyScore,
  batches,
  requests,
  timeline,
  search,
  erasure,
  destinations,
  import: fileImport,
  disk,
  console: consolePage,
  catalogue: catalogueList,
  sdk,
  recorder,
  access,
  heatmap,
};
const wanted = options.only?.split(',');
for (const [name, run] of Object.entries(parts)) if (!wanted || wanted.includes(name)) await run();

const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const date = new Date().toISOString().slice(0, 10);
const width = (column: keyof Line) => Math.max(column.length, ...lines.map((line) => (line[column] ?? '').length));
console.log(`\n${date}, ${machine}, load generator beside the server${options.quick ? ', a tenth of the size' : ''}\n`);
for (const line of [{ what: 'what', measured: 'measured', reach: 'reach', beside: 'beside' }, ...lines]) {
  console.log(
    (['what', 'measured', 'reach', 'beside'] as const)
      .map((column) => (line[column] ?? '').padEnd(width(column)))
      .join('  '),
  );
}
const out = join(root, 'bench/out');
mkdirSync(out, { recursive: true });
const file = join(out, `${date}.json`);
writeFileSync(file, `${JSON.stringify({ date, machine, lines, details }, null, 2)}\n`);
console.log(`\n${pathToFileURL(file)}`);
