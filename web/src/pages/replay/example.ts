import type { ListedRecording } from './calls.ts';

const EXAMPLES: [name: string, page: string, minutes: number, signals: Partial<ListedRecording['signals']>][] = [
  ['Anna Nowak', '/checkout', 6, { errors: 2, rages: 1 }],
  ['Luca Rossi', '/cart', 4, { abandoned: 1, deads: 2 }],
  ['Mei Chen', '/products', 11, { uturns: 1 }],
];

/** What the list will look like. */
export const exampleRecordings = (): ListedRecording[] =>
  EXAMPLES.map(([personName, path, minutes, signals], n) => ({
    ...{ id: String(n), sourceId: 1, anonymousId: '', userId: null, sessionStart: null, personId: null, personName },
    startedAt: new Date(Date.now() - (n + 1) * 2_700_000).toISOString(),
    ...{ endedAt: '', expiresAt: '', durationMs: minutes * 60_000, activeMs: minutes * 30_000 },
    ...{ url: path, path, title: path, width: 1280, height: 800, browser: 'Chrome', os: 'Windows', device: 'desktop' },
    ...{ country: 'PL', masked: 'inputs' as const, chunks: 1, events: 1, pages: n + 3, clicks: 12 - n, inputs: 2 },
    ...{ errors: 0, rages: 0, deads: 0, dropped: 0, rawBytes: 0, storedBytes: 0 },
    ...{ state: 'finished' as const, playable: true, tellsSignals: true, stopped: null, score: 0 },
    signals: { errors: 0, rages: 0, abandoned: 0, deads: 0, uturns: 0, slow: 0, ...signals },
  }));
