import type { FromCore, Inside, StartPart, Throughline } from './types.ts';

/** Names of files and their integrity, by part; put in by the build. */
declare const SDK_PARTS: Record<string, { file: string; integrity: string }>;

/** The settings of a page view are those of the last minute, so that a visit asks for them now and then only. */
const CONFIG_SECONDS = 60;

/**
 * The loader of parts, at /sdk/parts.js: the SDK fetches it once something was sent, so that a page that needs none does
 * not carry it. It is never cached without asking, and so knows the files that the server has now. The part without a
 * name is what the company switched on in the console: the loader asks for it and starts each.
 */
const sdk = (window as never as { throughline: Throughline }).throughline;
const { src } = document.currentScript as HTMLScriptElement;
const starts: Record<string, StartPart> = {};
const loaded: Record<string, Promise<unknown>> = {};

sdk.register = (name, start) => {
  starts[name] = start;
};
sdk.part = async (name, core) => {
  // What is switched on gets its settings: a page that asks for it by itself waits for them, where they are on their way.
  if (name) await loaded['']?.catch(String);
  loaded[name] ||= name ? load(name, insideOf(core)) : startAll(core);
  return loaded[name];
};

const insideOf = ({ options, past, describe, read }: FromCore, config?: unknown): Inside => ({
  ...{ options, past, describe, config },
  gate() {
    const { c } = read();
    // What the company switched on starts once something may be sent; then only the visitor's own word ends it.
    return c && c.analytics != null ? (c.analytics ? 1 : -1) : 1;
  },
  session() {
    const { a, u, s } = read();
    return { anonymousId: a as string, userId: u, sessionStart: s };
  },
});

const load = (name: string, inside: Inside) =>
  new Promise((done, fail) => {
    const part = SDK_PARTS[name];
    if (!part) throw new Error(`Throughline has no part "${name}".`);
    const script = document.createElement('script');
    script.src = src.replace(/parts\.js.*/, part.file);
    script.integrity = part.integrity;
    script.crossOrigin = 'anonymous';
    script.onerror = () => {
      delete loaded[name];
      fail(new Error(`Throughline's part "${name}" could not be loaded.`));
    };
    script.onload = () => done(starts[name]!(sdk, inside));
    document.head.append(script);
  });

/** Starts what the company switched on for this visitor. A part that fails leaves the others. */
async function startAll(core: FromCore): Promise<void> {
  const settings = core.options.writeKey ? await settingsNow(core) : {};
  for (const name in settings) {
    if (!SDK_PARTS[name] || loaded[name] !== undefined) continue;
    loaded[name] = load(name, insideOf(core, settings[name]));
    loaded[name].catch((error) => console.warn('throughline:', error));
  }
}

async function settingsNow(core: FromCore): Promise<Record<string, unknown>> {
  const { options } = core;
  const { anonymousId, userId } = insideOf(core).session();
  const kept =
    options.storage === 'none' ? undefined : keptSettings(options.writeKey as string, `${anonymousId} ${userId}`);
  if (kept?.now) return kept.now;
  const query = new URLSearchParams({
    writeKey: options.writeKey as string,
    anonymousId,
    url: location.origin + location.pathname,
    language: navigator.language,
  });
  if (userId) query.set('userId', userId);
  const answer = await fetch(`${options.host}/v1/sdk/config?${query}`, { credentials: 'omit' });
  if (!answer.ok) return {};
  const settings = (await answer.json()) as Record<string, unknown>;
  if (kept) kept.keep(settings);
  return settings;
}

/** What was answered to this visitor within the last minute in this tab. */
function keptSettings(key: string, visitor: string) {
  const name = `tl_config_${key}`;
  try {
    const { at, of, is } = JSON.parse(sessionStorage.getItem(name) || '{}');
    return {
      now: of === visitor && Date.now() - at < CONFIG_SECONDS * 1000 ? (is as Record<string, unknown>) : undefined,
      keep(settings: Record<string, unknown>) {
        try {
          sessionStorage.setItem(name, JSON.stringify({ at: Date.now(), of: visitor, is: settings }));
        } catch {}
      },
    };
  } catch {}
}
