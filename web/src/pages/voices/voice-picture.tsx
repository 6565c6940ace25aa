import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import type { Picture } from '../heatmaps/calls.ts';
import { PictureLate } from '../heatmaps/picture-late.tsx';
import { voicesApi } from './api.ts';
import styles from './voices.module.css';

const PANEL_WIDTH = 440;

/** The page as the customer saw it while they wrote, in a frame in which nothing runs. */
export function VoicePicture({ id }: { id: string }) {
  const t = useText();
  const read = useQuery({
    queryKey: ['voices', 'picture', id],
    queryFn: ({ signal }) => voicesApi.picture(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const events = read.data?.events;
  const picture = useMemo(() => (events ? ({ events } as unknown as Picture) : null), [events]);
  if (read.error) return <Refusal title={t('voices.noPicture')} error={read.error} />;
  if (!picture) {
    return (
      <Loading>
        <Skeleton height={320} />
      </Loading>
    );
  }
  const { width, height } = sizeOf(events!);
  const scale = PANEL_WIDTH / width;
  return (
    <div className={styles.picture} role="img" aria-label={t('voices.pictureOf')}>
      <div style={{ inlineSize: width, blockSize: height, transform: `scale(${scale})`, transformOrigin: '0 0' }}>
        <PictureLate picture={picture} height={height} onDrawn={() => {}} />
      </div>
    </div>
  );
}

/** What the customer's window measured, as the recording says. */
function sizeOf(events: readonly unknown[]): { width: number; height: number } {
  const meta = events.find((event) => (event as { type?: unknown }).type === 4) as
    | { data?: { width?: unknown; height?: unknown } }
    | undefined;
  const side = (value: unknown, usual: number) =>
    typeof value === 'number' && value > 0 ? Math.min(value, 8000) : usual;
  return { width: side(meta?.data?.width, 1280), height: side(meta?.data?.height, 800) };
}
