import { parentPort, workerData } from 'node:worker_threads';
import { hashText } from '../../intake/incoming.ts';
import type { Step } from '../content.ts';
import { HARD_MS, OUTPUT_CHARACTERS, OUTPUT_EVENTS, SOFT_MS, TIMEOUTS_IN_A_ROW } from '../limits.ts';
import { compileSteps } from './declared.ts';
import {
  type Count,
  type Failure,
  type Input,
  newCount,
  PROGRESS,
  type Program,
  type Result,
  type RunAnswer,
  type RunRequest,
} from './protocol.ts';
import { cpuMicros, type Outcome, Sandbox } from './sandbox.ts';

/** Interpreters kept for the next batch. */
const KEPT = 40;
/** Results are handed over in parts of this size, so that little is done again after a hang. */
const PART = 250;
const TICK_MICROS = 4000;

/** One transformation, ready to run. */
interface Runnable {
  begin(): Promise<void>;
  run(text: string, input: Input, meta: string, logging: boolean): Promise<Outcome> | Outcome;
  logs(): string[];
  end(): void;
}

const sandboxes = new Map<string, Sandbox>();
const progress = new Int32Array(workerData as SharedArrayBuffer);

async function runnable(program: Program): Promise<Runnable> {
  const { content } = program;
  if (content.kind === 'steps') return declared(content.steps);
  let sandbox = await sandboxFor(program.key, content.code);
  return {
    async begin() {
      sandbox.begin();
    },
    async run(text, input, meta, logging) {
      const outcome = sandbox.transform(text, input.now, hashText(text), meta, logging);
      if (sandbox.broken) {
        sandboxes.delete(program.key);
        sandbox = await sandboxFor(program.key, content.code);
        sandbox.begin();
      }
      return outcome;
    },
    logs: () => sandbox.logs,
    end: () => sandbox.end(),
  };
}

async function sandboxFor(key: string, code: string): Promise<Sandbox> {
  const kept = sandboxes.get(key);
  sandboxes.delete(key);
  const sandbox = kept && !kept.broken ? kept : await Sandbox.open(code);
  if (sandboxes.size >= KEPT) sandboxes.delete(sandboxes.keys().next().value ?? '');
  sandboxes.set(key, sandbox);
  return sandbox;
}

function declared(steps: readonly Step[]): Runnable {
  let runs: ReturnType<typeof compileSteps> | null = null;
  let unreadable = '';
  try {
    runs = compileSteps(steps);
  } catch (error) {
    unreadable = (error as Error).message;
  }
  const wrong = (kind: Failure['kind'], message: string): Outcome => ({ wrong: { kind, message, place: null } });
  return {
    async begin() {},
    async run(text) {
      if (!runs) return wrong('error', unreadable);
      const event = JSON.parse(text) as Record<string, unknown>;
      const latest = cpuMicros() + HARD_MS * 1000;
      for (let i = 0; i < runs.length; i++) {
        try {
          if (await runs[i]!(event)) return { out: '' };
        } catch (error) {
          const { message, timeout } = error as Error & { timeout?: boolean };
          return wrong(timeout ? 'timeout' : 'error', `step ${i + 1}: ${message.slice(0, 500)}`);
        }
        if (cpuMicros() > latest) return wrong('timeout', `step ${i + 1}: it took longer than ${HARD_MS} ms`);
      }
      const out = JSON.stringify(event);
      if (out.length > OUTPUT_CHARACTERS) return wrong('output', 'the event became too large');
      return { out: `[${out}]` };
    },
    logs: () => [],
    end() {},
  };
}

/** Time on the clock, unless the thread had to wait for a processor: the account of CPU time may be kept in ticks of 4 ms. */
function spentSince(clock: number, cpu: number): number {
  return Math.round(Math.min((performance.now() - clock) * 1000, cpuMicros() - cpu + TICK_MICROS));
}

/** One event through all transformations. */
async function passThrough(
  input: Input,
  programs: readonly Runnable[],
  counts: readonly Count[],
  meta: string,
  logging: boolean,
): Promise<Result> {
  let texts = [input.text];
  const result: Result = { outputs: [], failure: null, droppedBy: null, micros: 0 };
  if (logging) result.logs = [];
  for (let at = 0; at < programs.length; at++) {
    const program = programs[at]!;
    const count = counts[at]!;
    progress[PROGRESS.program] = at;
    const next: string[] = [];
    for (const text of texts) {
      const begun = [performance.now(), cpuMicros()] as const;
      const outcome = await program.run(text, input, meta, logging);
      const micros = spentSince(...begun);
      count.events++;
      count.micros += micros;
      result.micros += micros;
      if (micros > SOFT_MS * 1000) count.slow++;
      if (logging) result.logs!.push(...program.logs());
      if ('wrong' in outcome) {
        count.failed++;
        result.failure = { program: at, ...outcome.wrong };
        return result;
      }
      if (outcome.out === '') count.dropped++;
      // One event that came of one is the rule, and needs no look inside.
      else if (at === programs.length - 1) next.push(outcome.out);
      else for (const event of JSON.parse(outcome.out) as unknown[]) next.push(JSON.stringify(event));
    }
    if (next.length === 0) {
      result.droppedBy = at;
      return result;
    }
    texts = next;
  }
  const last = programs.length - 1;
  for (const list of texts) {
    const events = JSON.parse(list) as unknown[];
    if (events.length === 1 && texts.length === 1) result.outputs.push(list.slice(1, -1));
    else for (const event of events) result.outputs.push(JSON.stringify(event));
  }
  if (result.outputs.length > OUTPUT_EVENTS) {
    const message = `${result.outputs.length} events came out; up to ${OUTPUT_EVENTS} may`;
    counts[last]!.failed++;
    return { ...result, outputs: [], failure: { program: last, kind: 'output', message, place: null } };
  }
  return result;
}

async function run(request: RunRequest, tell: (answer: RunAnswer) => void): Promise<void> {
  const { id, inputs, standings, logs } = request;
  const counts = request.programs.map(newCount);
  const meta = JSON.stringify({ sourceId: String(request.sourceId) });
  const programs: Runnable[] = [];
  let results: Result[] = [];
  let paused: (RunAnswer & { kind: 'done' })['paused'] = null;
  for (const program of request.programs) programs.push(await runnable(program));
  progress[PROGRESS.event] = 0;
  Atomics.store(progress, PROGRESS.run, id);
  for (let at = 0; at < programs.length; at++) {
    progress[PROGRESS.program] = at;
    await programs[at]!.begin();
  }
  for (let i = 0; i < inputs.length && !paused; i++) {
    Atomics.store(progress, PROGRESS.event, i);
    const before = counts.map((count) => ({ ...count }));
    const result = await passThrough(inputs[i]!, programs, counts, meta, logs);
    results.push(result);
    paused = judge(result, counts, before, standings);
    if (results.length >= PART) {
      tell({ kind: 'part', id, results });
      results = [];
    }
  }
  for (const program of programs) program.end();
  tell({ kind: 'done', id, results, counts, standings, paused });
}

/** Keeps account of time-outs in a row and of the time that is left; says which transformation has gone too far. */
function judge(
  { failure }: Result,
  counts: readonly Count[],
  before: readonly Count[],
  standings: RunRequest['standings'],
): (RunAnswer & { kind: 'done' })['paused'] {
  for (let at = 0; at < counts.length; at++) {
    const standing = standings[at]!;
    const used = counts[at]!.micros - before[at]!.micros;
    if (failure?.program === at && failure.kind === 'timeout') standing.timeouts++;
    else if (counts[at]!.events > before[at]!.events) standing.timeouts = 0;
    standing.leftMicros -= used;
    if (standing.timeouts >= TIMEOUTS_IN_A_ROW) return { program: at, why: 'timeouts' };
    if (standing.leftMicros < 0) return { program: at, why: 'slow' };
  }
  return null;
}

const port = parentPort;
if (port) {
  const tell = (answer: RunAnswer) => port.postMessage(answer);
  port.on('message', (request: RunRequest) => run(request, tell));
  // The first interpreter takes longest: it is made before anybody waits for it.
  const first = await Sandbox.open('function transform(event) { return event }');
  first.begin();
  first.end();
  tell({ kind: 'ready' });
}
