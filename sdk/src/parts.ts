import type { StartPart, Throughline } from './types.ts';

/** Names of files and their integrity, by part; put in by the build. */
declare const SDK_PARTS: Record<string, { file: string; integrity: string }>;

/**
 * The loader of parts, at /sdk/parts.js: the SDK fetches it when a part is first asked for, so that a page that needs
 * none does not carry it. It is never cached without asking, and so knows the files that the server has now.
 */
const sdk = (window as never as { throughline: Throughline }).throughline;
const { src } = document.currentScript as HTMLScriptElement;
const starts: Record<string, StartPart> = {};
const loaded: Record<string, Promise<unknown>> = {};

sdk.register = (name, start) => {
  starts[name] = start;
};
sdk.part = (name, inside) => {
  loaded[name] ||= new Promise((done, fail) => {
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
  return loaded[name];
};
