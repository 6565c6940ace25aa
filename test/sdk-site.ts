import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A company's own site, on another origin than the server: pages by path, with their headers. */
export interface Site {
  url: string;
  pages: Record<string, { html: string; headers?: Record<string, string> }>;
  close(): Promise<void>;
}

export async function startSite(): Promise<Site> {
  const pages: Site['pages'] = {};
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const page =
      pages[pathname] ??
      (pathname.endsWith('.pdf') ? { html: '%PDF-1.4', headers: { 'content-type': 'application/pdf' } } : null);
    response.writeHead(page ? 200 : 404, {
      'content-type': pathname.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8',
      ...page?.headers,
    });
    response.end(page?.html);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    pages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
