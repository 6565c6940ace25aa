import type { RunningServer } from './server.ts';

/** Every address of the server that can be read, with what is there in the places of ids: `ids` by the word before each. */
export async function readable(server: RunningServer, ids: Record<string, string>): Promise<string[]> {
  const document = await server.api<{ paths: Record<string, Record<string, unknown>> }>('GET', '/api/openapi.json');
  const first = async (path: string) =>
    (await server.api<{ items: { id: string }[] }>('GET', path)).items[0]?.id ?? '1';
  const known: Record<string, string> = {
    quarantine: await first('/api/quarantine'),
    destinations: await first('/api/destinations'),
    requests: await first('/api/requests'),
    sources: '1',
    ...ids,
  };
  return Object.entries(document.paths)
    .filter(([path, methods]) => methods.get && !/live$/.test(path))
    .map(([path]) =>
      path
        .replace('/traits/{name}', '/traits/email')
        .replaceAll(/\/(\w+)\/\{\w+\}/g, (_, noun: string) => `/${noun}/${known[noun] ?? '1'}`),
    );
}
