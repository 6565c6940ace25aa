import { createHash } from 'node:crypto';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { HARD_MS, HEAP_BYTES, LOG_LINES, OUTPUT_CHARACTERS, STACK_BYTES, STARTUP_MS, WASM_PAGES } from '../limits.ts';
import { GLUE, TAKE } from './glue.ts';
import type { Failure, Place } from './protocol.ts';

const FILE = 'transformation.js';
/** Text given to `sha256`, in characters. */
const DIGEST_CHARACTERS = 64 * 1024;
const INITIAL_PAGES = 256;
/** Node's types do not know it; the libraries' do. */
const { Memory } = (
  globalThis as unknown as { WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => never } }
).WebAssembly;

export type Wrong = Omit<Failure, 'program'>;
/** The JSON of what came out, in a list; '' where the event is left out. */
export type Outcome = { out: string } | { wrong: Wrong };

/** CPU time of this thread so far, in microseconds: waiting for a processor does not count against a transformation. */
export function cpuMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/**
 * Runs the code of one transformation in an interpreter that is itself inside WebAssembly: the code sees the language and
 * what the glue gives it, nothing of this process. Each batch begins in a fresh context, so that nothing is carried from
 * one to the next. After a fault inside the interpreter (`broken`) it must be thrown away.
 */
export class Sandbox {
  broken = false;
  logs: string[] = [];
  readonly #code: string;
  readonly #module: QuickJSWASMModule;
  #runtime: QuickJSRuntime | null = null;
  #context: QuickJSContext | null = null;
  #run: QuickJSHandle | null = null;
  #wrong: Wrong | null = null;
  #deadline = 0;
  #interrupted = false;

  private constructor(module: QuickJSWASMModule, code: string) {
    this.#module = module;
    this.#code = code;
  }

  static async open(code: string): Promise<Sandbox> {
    const wasmMemory = new Memory({ initial: INITIAL_PAGES, maximum: WASM_PAGES });
    const bounded = newVariant(variant as unknown as QuickJSSyncVariant, { wasmMemory });
    return new Sandbox(await newQuickJSWASMModuleFromVariant(bounded), code);
  }

  /** Begins a batch. What is wrong with the code itself is told for each event. */
  begin(): void {
    this.end();
    try {
      this.#runtime = this.#module.newRuntime();
      this.#runtime.setMemoryLimit(HEAP_BYTES);
      this.#runtime.setMaxStackSize(STACK_BYTES);
      this.#runtime.setInterruptHandler(() => {
        if (cpuMicros() < this.#deadline) return false;
        this.#interrupted = true;
        return true;
      });
      this.#wrong = this.#load(this.#runtime.newContext());
    } catch (error) {
      this.#wrong = this.#break(error);
    }
  }

  /** Transforms one event. */
  transform(text: string, now: number, seed: number, meta: string, logging: boolean): Outcome {
    this.logs = [];
    if (this.#wrong) return { wrong: this.#wrong };
    const context = this.#context!;
    this.#allow(HARD_MS);
    const given = [text, meta].map((one) => context.newString(one));
    try {
      const [event, about] = given as [QuickJSHandle, QuickJSHandle];
      const numbers = [context.newNumber(now), context.newNumber(seed)] as const;
      const answer = context.callFunction(
        this.#run!,
        context.undefined,
        event,
        ...numbers,
        about,
        logging ? context.true : context.false,
      );
      for (const one of numbers) one.dispose();
      if (answer.error) return { wrong: this.#uncaught(context, answer.error, HARD_MS) };
      const out = context.getString(answer.value);
      answer.value.dispose();
      if (out.startsWith('!')) return { wrong: toldBy(out.slice(1)) };
      if (out.length > OUTPUT_CHARACTERS) {
        const most = OUTPUT_CHARACTERS.toLocaleString('en');
        return { wrong: { kind: 'output', message: `more than ${most} characters came out`, place: null } };
      }
      return { out };
    } catch (error) {
      this.#wrong = this.#break(error);
      return { wrong: this.#wrong };
    } finally {
      if (!this.broken) for (const one of given) one.dispose();
    }
  }

  /** Ends a batch: all that it left in memory is gone. */
  end(): void {
    if (!this.broken) {
      try {
        this.#run?.dispose();
        this.#context?.dispose();
        this.#runtime?.dispose();
      } catch {
        this.broken = true;
      }
    }
    this.#run = null;
    this.#context = null;
    this.#runtime = null;
  }

  #load(context: QuickJSContext): Wrong | null {
    this.#context = context;
    const log = context.newFunction('log', (line) => {
      if (this.logs.length < LOG_LINES) this.logs.push(context.getString(line));
    });
    const digest = context.newFunction('digest', (value) => {
      const text = context.getString(value);
      if (text.length > DIGEST_CHARACTERS) throw new RangeError('sha256: the text is too long');
      return context.newString(createHash('sha256').update(text).digest('hex'));
    });
    this.#allow(STARTUP_MS);
    const glue = context.unwrapResult(context.evalCode(GLUE, 'glue.js'));
    const made = context.unwrapResult(context.callFunction(glue, context.undefined, log, digest));
    const runner = context.getProp(made, 'run');
    for (const one of [glue, made, log, digest]) one.dispose();
    this.#allow(STARTUP_MS);
    const loaded = context.evalCode(this.#code, FILE, { type: 'global', strict: true });
    if (loaded.error) {
      runner.dispose();
      return this.#uncaught(context, loaded.error, STARTUP_MS);
    }
    loaded.value.dispose();
    const taken = context.unwrapResult(context.evalCode(TAKE, 'glue.js'));
    if (context.typeof(taken) !== 'function') {
      taken.dispose();
      runner.dispose();
      return { kind: 'error', message: 'the code has no function transform(event)', place: null };
    }
    this.#run = context.unwrapResult(context.callFunction(runner, context.undefined, taken));
    taken.dispose();
    runner.dispose();
    return null;
  }

  #allow(milliseconds: number): void {
    this.#interrupted = false;
    this.#deadline = cpuMicros() + milliseconds * 1000;
  }

  /** What could not be caught inside: a stop by the interrupt, or no memory left even to tell of it. */
  #uncaught(context: QuickJSContext, error: QuickJSHandle, milliseconds: number): Wrong {
    const stopped = this.#interrupted;
    this.#allow(HARD_MS);
    let told: unknown;
    try {
      told = context.dump(error);
    } catch {
      told = null;
    }
    error.dispose();
    const wrong = toldBy(JSON.stringify(told ?? {}) ?? '{}');
    if (!stopped) return wrong;
    return { kind: 'timeout', message: `it took longer than ${milliseconds} ms`, place: wrong.place };
  }

  #break(error: unknown): Wrong {
    this.broken = true;
    const message = String((error as Error)?.message ?? error);
    if (/call stack/.test(message)) return { kind: 'error', message: 'it nests too deeply', place: null };
    if (/memory/.test(message)) return outOfMemory(null);
    return { kind: 'error', message: `the interpreter failed: ${message.slice(0, 200)}`, place: null };
  }
}

const outOfMemory = (place: Place | null): Wrong => ({
  kind: 'memory',
  message: `it needs more than ${HEAP_BYTES / 1024 / 1024} MB of memory`,
  place,
});

/** Reads what the glue, or the interpreter, said of an error. Nothing in it is to be trusted but its being text. */
function toldBy(json: string): Wrong {
  const { name, message, stack } = JSON.parse(json) as Record<string, unknown>;
  const said = String(message ?? 'it failed').slice(0, 500);
  const place = placeIn(String(stack ?? ''));
  if (name === 'output') return { kind: 'output', message: said, place: null };
  if (name === 'InternalError' && /out of memory|string too long/.test(said)) return outOfMemory(place);
  return { kind: 'error', message: name ? `${String(name).slice(0, 100)}: ${said}` : said, place };
}

function placeIn(stack: string): Place | null {
  const found = /transformation\.js:(\d+)(?::(\d+))?/.exec(stack);
  return found ? { line: Number(found[1]), column: found[2] ? Number(found[2]) : null } : null;
}
