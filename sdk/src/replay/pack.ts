/** A single event that is longer is not sent: nothing that plays is. */
const LONGEST_EVENT = 4_000_000;
/** Of a picture, a font or a stylesheet that is kept. */
const LARGEST_ASSET = 1_048_576;
const START_MS = 4000;

export interface Packed {
  bytes: ArrayBuffer;
  /** Characters of events that were left out for their length. */
  cut: number;
}

export interface Asset {
  hash: string;
  type: string;
  bytes: ArrayBuffer;
  /** Of a stylesheet. */
  text?: string;
}

interface Tools {
  /** `head` is a JSON object, to which the events are added. */
  pack(head: string, events: readonly unknown[], longest: number): Promise<Packed>;
  fetchAsset(url: string, largest: number): Promise<Asset | null>;
}

/** What costs time, for a worker of its own: its source is sent there, so it may use nothing from outside of it. */
function makeTools(): Tools {
  return {
    async pack(head, events, longest) {
      let cut = 0;
      const texts: string[] = [];
      for (const event of events) {
        const text = JSON.stringify(event);
        if (text.length > longest) cut += text.length;
        else texts.push(text);
      }
      const body = new Blob([`${head.slice(0, -1)},"events":[${texts.join(',')}]}`]);
      const stream = body.stream().pipeThrough(new CompressionStream('gzip'));
      return { bytes: await new Response(stream).arrayBuffer(), cut };
    },
    async fetchAsset(url, largest) {
      const answer = await fetch(url, { cache: 'force-cache', priority: 'low' } as RequestInit);
      const type = (answer.headers.get('content-type') || '').split(';')[0]!.trim();
      if (!answer.ok || !/^(image|font)\/|^text\/css$|font|octet-stream/.test(type)) return null;
      if (Number(answer.headers.get('content-length')) > largest) return null;
      const bytes = await answer.arrayBuffer();
      if (!bytes.byteLength || bytes.byteLength > largest) return null;
      let hash = '';
      new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).forEach((byte) => {
        hash += (256 + byte).toString(16).slice(1);
      });
      return { hash, type, bytes, text: type === 'text/css' ? new TextDecoder().decode(bytes) : undefined } as Asset;
    },
  };
}

export interface Packer {
  pack(head: object, events: readonly unknown[]): Promise<Packed>;
  fetchAsset(url: string): Promise<Asset | null>;
  close(): void;
}

/** Packs in a worker; on the page itself, where its policy refuses one or it does not answer. */
export function openPacker(): Packer {
  const here = makeTools();
  const jobs = new Map<number, { run(): void; done(value: unknown): void }>();
  let worker: Worker | undefined;
  let number = 0;
  let answered = false;
  let begun = false;

  const giveUp = () => {
    if (worker) worker.terminate();
    worker = undefined;
    for (const job of Array.from(jobs.values())) job.run();
    jobs.clear();
  };
  const begin = () => {
    begun = true;
    try {
      const source = `const tools=(${makeTools})();onmessage=({data:[id,name,given]})=>tools[name](...given).then(value=>postMessage([id,value],value?[value.bytes]:[]),()=>postMessage([id]))`;
      const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      worker = new Worker(url);
      worker.onerror = giveUp;
      worker.onmessage = ({ data: [id, value] }) => {
        answered = true;
        const job = jobs.get(id);
        jobs.delete(id);
        if (job) job.done(value);
      };
      setTimeout(() => URL.revokeObjectURL(url), START_MS);
    } catch {
      worker = undefined;
    }
  };

  const ask = <T>(name: keyof Tools, given: unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = () =>
        (here[name] as (...given: unknown[]) => Promise<unknown>)(...given).then(resolve as never, reject);
      if (!begun) begin();
      if (!worker) return run();
      const id = ++number;
      jobs.set(id, {
        run,
        done: (value) => (value === undefined ? reject(new Error(name)) : resolve(value as T)),
      });
      worker.postMessage([id, name, given]);
      if (!answered) setTimeout(() => !answered && giveUp(), START_MS);
    });

  return {
    pack: (head, events) => ask<Packed>('pack', [JSON.stringify(head), events, LONGEST_EVENT]),
    fetchAsset: (url) => ask<Asset | null>('fetchAsset', [url, LARGEST_ASSET]),
    close: giveUp,
  };
}
