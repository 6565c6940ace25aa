import type { Destination, DestinationInput } from './calls.ts';

export const KINDS = ['webhook', 'folder', 's3'] as const;

/** What the form holds, as it was typed. */
export interface FormDraft {
  kind: (typeof KINDS)[number];
  name: string;
  /** Names of events, one a line. */
  names: string;
  condition: string;
  purposes: string[];
  url: string;
  concurrency: string;
  perSecond: string;
  tellErasures: boolean;
  path: string;
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  format: 'ndjson' | 'parquet';
  every: 'hour' | 'day';
  zone: string;
}

/** An empty form, or one that says what a destination is now. */
export function draftOf(destination: Destination | undefined): FormDraft {
  const { webhook, files } = destination ?? {};
  const place = files?.place;
  return {
    kind: files ? files.place.kind : 'webhook',
    name: destination?.name ?? '',
    names: (destination?.filter.names ?? []).join('\n'),
    condition: destination?.condition ?? '',
    purposes: destination?.purposes ?? [],
    url: webhook?.url ?? '',
    concurrency: String(webhook?.concurrency ?? 10),
    perSecond: webhook?.perSecond ? String(webhook.perSecond) : '',
    tellErasures: webhook?.tellErasures ?? true,
    path: place?.kind === 'folder' ? place.path : (place?.prefix ?? ''),
    endpoint: place?.kind === 's3' ? place.endpoint : '',
    bucket: place?.kind === 's3' ? place.bucket : '',
    region: place?.kind === 's3' ? place.region : 'us-east-1',
    accessKeyId: place?.kind === 's3' ? place.accessKeyId : '',
    secretAccessKey: '',
    format: files?.format ?? 'parquet',
    every: files?.every ?? 'hour',
    zone: files?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** What the server is told. What the form does not show stays as it was. */
export function inputOf(draft: FormDraft, before: Destination | undefined): DestinationInput {
  const names = draft.names
    .split('\n')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const { names: _, ...rest } = before?.filter ?? {};
  const common = {
    name: draft.name.trim(),
    filter: names.length > 0 ? { ...rest, names } : rest,
    condition: draft.kind === 'webhook' && draft.condition.trim() !== '' ? draft.condition : null,
    purposes: draft.purposes,
  };
  if (draft.kind === 'webhook') {
    return {
      ...common,
      webhook: {
        ...before?.webhook,
        url: draft.url.trim(),
        concurrency: Number(draft.concurrency),
        perSecond: draft.perSecond.trim() === '' ? null : Number(draft.perSecond),
        tellErasures: draft.tellErasures,
      },
    };
  }
  return {
    ...common,
    ...(draft.secretAccessKey ? { secretAccessKey: draft.secretAccessKey } : {}),
    files: {
      format: draft.format,
      every: draft.every,
      zone: draft.zone.trim(),
      rowsPerFile: before?.files?.rowsPerFile ?? 100_000,
      place:
        draft.kind === 'folder'
          ? { kind: 'folder', path: draft.path.trim() }
          : {
              kind: 's3',
              endpoint: draft.endpoint.trim(),
              bucket: draft.bucket.trim(),
              region: draft.region.trim(),
              prefix: draft.path.trim(),
              accessKeyId: draft.accessKeyId.trim(),
            },
    },
  };
}
