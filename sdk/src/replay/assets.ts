import type { Packer } from './pack.ts';
import { urlsIn } from './scrub.ts';

const MOST = 100;
const MOST_WANTED = 2000;
/** Addresses are gathered for so long, so that one question is about many; short, as visitors leave pages within a second. */
const GATHER_MS = 300;

export interface Keeping {
  host: string;
  writeKey: string;
  packer: Packer;
  tell(tag: string, payload: object): void;
}

export interface Assets {
  want(url: string): void;
  /** Addresses that are not told yet: a page that is left early leaves them to the next one. */
  left(): string[];
  /** What an earlier page of the tab loaded and left. */
  take(left: readonly string[]): void;
  stop(): void;
}

/** Pictures, fonts and stylesheets that the page shows, kept once for all recordings, under the hash of their content. */
export function openAssets({ host, writeKey, packer, tell }: Keeping): Assets {
  /** Only what the page itself has loaded, and so is in the browser's cache: no visitor loads anything for a recording. */
  const loaded = new Set<string>();
  const wanted = new Set<string>();
  const seen = new Set<string>();
  const open = new Set<string>();
  /** Sites whose files could not be read: asking again would only fill the page's console. */
  const closed = new Set<string>();
  const waiting: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const call = (path: string, more: RequestInit) =>
    fetch(`${host}/v1/recordings/assets/${path}?writeKey=${encodeURIComponent(writeKey)}`, {
      credentials: 'omit',
      ...more,
    });

  const keep = async () => {
    timer = undefined;
    const found = [];
    for (const url of waiting.splice(0)) {
      const { origin } = new URL(url);
      if (stopped) return;
      try {
        const asset = closed.has(origin) ? null : await packer.fetchAsset(url);
        if (asset) found.push({ url, asset });
        else open.delete(url);
        if (asset?.text) urlsIn(asset.text, (inner) => want(new URL(inner, url).href));
      } catch {
        open.delete(url);
        if (origin !== location.origin) closed.add(origin);
      }
    }
    if (!found.length || stopped) return;
    const hashes = found.map(({ asset }) => asset.hash);
    const answer = await call('known', { method: 'POST', body: JSON.stringify({ hashes }) });
    const { missing } = (answer.ok ? await answer.json() : { missing: [] }) as { missing: string[] };
    for (const { url, asset } of answer.ok ? found : []) {
      if (stopped) return;
      const there =
        !missing.includes(asset.hash) ||
        (await call(asset.hash, { method: 'PUT', headers: { 'content-type': asset.type }, body: asset.bytes })).ok;
      if (there) tell('tl-asset', { url, hash: asset.hash });
      open.delete(url);
    }
  };

  const fetchSoon = (url: string) => {
    if (stopped || seen.size >= MOST || seen.has(url) || !self.crypto || !crypto.subtle) return;
    seen.add(url);
    open.add(url);
    waiting.push(url);
    timer = timer || setTimeout(() => keep().catch(() => undefined), GATHER_MS);
  };

  const want = (given: string) => {
    try {
      const { protocol, href } = new URL(given, document.baseURI);
      if (!/^http/.test(protocol)) return;
      if (wanted.size < MOST_WANTED) wanted.add(href);
      if (loaded.has(href)) fetchSoon(href);
    } catch {}
  };

  const observer = new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      if (loaded.size < MOST_WANTED) loaded.add(name);
      if (wanted.has(name)) fetchSoon(name);
    }
  });
  try {
    observer.observe({ type: 'resource', buffered: true });
  } catch {}

  return {
    want,
    left: () => Array.from(open),
    take: (left) => left.forEach(fetchSoon),
    stop() {
      stopped = true;
      observer.disconnect();
      clearTimeout(timer);
    },
  };
}
