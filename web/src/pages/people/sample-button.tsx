import { IconDatabaseImport } from '@tabler/icons-react';
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { ProgressBar } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import type { Import } from '../../wire.ts';

const ASK_EVERY_MS = 700;
/** So many calls in a row that fail, each after a longer wait, end the following. */
const MOST_FAILURES = 6;
/** Waits before what pages show is asked again; the last one again and again, half an hour at most. */
const ASK_AGAIN_MS = [0, 1_500, 2_500, 5_000, 10_000, 20_000] as const;
const MOST_LOOKS = 90;

function share(state: Import): number | null {
  if (state.state === 'done') return 1;
  if (state.progress !== undefined) return state.progress;
  if (state.linesTotal) return state.linesRead / state.linesTotal;
  return state.size > 0 && state.uploadedBytes < state.size ? state.uploadedBytes / state.size : null;
}

const wait = (milliseconds: number | undefined) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * The last events are still on their way through the stream when the file has been read: what pages show is asked again
 * until they are there, and once more, for people are put together a little later.
 */
async function askAgain(queries: QueryClient): Promise<void> {
  let stored = false;
  for (let look = 0; look < MOST_LOOKS; look++) {
    await wait(ASK_AGAIN_MS[look] ?? ASK_AGAIN_MS.at(-1));
    const last = stored;
    stored = await api.stream().then(
      ({ partitions }) => partitions.every(({ lagEvents }) => lagEvents === 0),
      () => false,
    );
    await queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'imports' });
    if (last) return;
  }
}

/**
 * Follows the import to its end and has the pages ask again. It goes on without the button, which goes as soon as there is
 * something to show: that may be long before the last event.
 */
async function follow(queries: QueryClient, started: Import, words: { done: string; failed: string }): Promise<void> {
  const queryKey = ['imports', started.id];
  let state = started;
  for (let failures = 0; state.state !== 'done' && state.state !== 'failed' && failures < MOST_FAILURES; ) {
    await wait(ASK_EVERY_MS * 2 ** failures);
    try {
      state = await api.import(started.id);
      queries.setQueryData(queryKey, state);
      failures = 0;
    } catch {
      failures++;
    }
  }
  if (state.state === 'done') toast(words.done);
  else if (!queries.getQueryCache().find({ queryKey })?.isActive()) toast(words.failed, { bad: true });
  await askAgain(queries);
}

/** Loads the sample company and shows how far it is, so that every page has something to look at. */
export function SampleButton({ look = 'plain' }: { look?: 'plain' | 'main' }) {
  const t = useText();
  const queries = useQueryClient();
  const mayLoad = useMay('imports.write');
  const load = useMutation({
    mutationFn: api.loadSample,
    onSuccess: (started) => {
      void follow(queries, started, { done: t('sample.done'), failed: t('sample.failed') });
    },
  });
  const importId = load.data?.id;
  const progress = useQuery({
    queryKey: ['imports', importId],
    queryFn: () => api.import(importId ?? ''),
    enabled: importId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const state = progress.data ?? load.data;
  const done = state?.state === 'done';

  if (!mayLoad) return null;
  const failure = load.error ?? progress.error ?? (state?.state === 'failed' ? new Error(state.error ?? '') : null);
  if (failure) {
    return (
      <Refusal
        title={t('sample.failed')}
        error={failure}
        onRetry={() => {
          load.reset();
          load.mutate();
        }}
      />
    );
  }
  if (state) {
    const value = share(state);
    return (
      <Stack gap={6} style={{ flex: '1 1 220px', maxInlineSize: 320 }}>
        <ProgressBar label={t('sample.loading')} value={value} />
        <span role="status" style={{ fontSize: '0.8125rem', color: 'var(--ink-dim)' }}>
          {done
            ? t('sample.done')
            : t('sample.progress', {
                count: state.eventsAccepted,
                rate: formatNumber(Math.round(state.ratePerSecond)),
              })}
        </span>
      </Stack>
    );
  }
  return (
    <Button look={look} icon={<IconDatabaseImport size={16} />} busy={load.isPending} onClick={() => load.mutate()}>
      {t('sample.load')}
    </Button>
  );
}
