import { type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { formatNumber } from '../../format.ts';
import { useChartTheme } from '../../kit/chart/theme.ts';
import { late } from '../../kit/late.tsx';
import { useText } from '../../text.tsx';
import type { HeatmapPart, HeatmapResult, Picture } from './calls.ts';
import { cellNear, drawBands, drawCells } from './drawing.ts';
import styles from './heatmaps.module.css';
import { Legend } from './legend.tsx';
import type { Drawn, PictureProps } from './picture-late.tsx';
import type { Asked } from './state.ts';

const PictureDrawn = late<PictureProps>(() => import('./picture-late.tsx').then((part) => part.PictureLate));

/** Pixels of a canvas: browsers draw nothing higher. */
const CANVAS_LIMIT = 16_000;
/** Elements that have their number on the page. */
const OUTLINED = 15;
const SHARES_SHOWN = [25, 50, 75, 100];

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The page with its map: as it looked where that is known, else as a blank of its size. */
export function PageMap({
  result,
  map,
  picture,
  pageHeight,
  outlined,
  label,
  onPart,
}: {
  result: HeatmapResult;
  map: Asked['map'];
  picture: Picture | null;
  /** Pixels: that of the higher one where two are compared. */
  pageHeight: number;
  outlined: boolean;
  label: string;
  onPart: (part: HeatmapPart) => void;
}) {
  const theme = useChartTheme();
  const [room, setRoom] = useState(0);
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [page, setPage] = useState<Drawn | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (!box) return;
    setRoom(box.clientWidth);
    const watch = new ResizeObserver(([entry]) => entry && setRoom(entry.contentRect.width));
    watch.observe(box);
    return () => watch.disconnect();
  }, [box]);
  const width = picture?.width || result.width || 1280;
  const scale = room ? Math.min(1, room / width) : 0;
  const height = Math.min(
    Math.max(pageHeight, result.viewportHeight, picture?.height ?? 0, 400),
    CANVAS_LIMIT / Math.max(scale, 0.1),
  );
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  useEffect(() => {
    const pen = canvas.current?.getContext('2d');
    if (!pen || size.width === 0) return;
    pen.clearRect(0, 0, size.width, size.height);
    if (map === 'scroll') {
      const shares = result.scroll.slice(1).map(({ share }) => share);
      drawBands(pen, shares, size, theme.scale);
    } else if (map === 'attention') {
      const most = Math.max(...result.attention.map(({ share }) => share), 0.0001);
      drawBands(
        pen,
        result.attention.map(({ share }) => (0.999 * share) / most),
        size,
        theme.scale,
      );
    } else drawCells(pen, result, { width: size.width, scale }, theme.scale);
  });
  const clicked = (event: MouseEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const part = cellNear(result, (event.clientX - left) / size.width, (event.clientY - top) / scale);
    if (part) onPart(part);
  };
  return (
    <figure className={styles.map}>
      <Legend result={result} map={map} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reached by the keyboard. */}
      <section className={styles.scroll} tabIndex={0} aria-label={label}>
        <div ref={setBox} className={styles.room}>
          <div className={styles.page} style={{ width: size.width, height: size.height }}>
            {picture && scale > 0 ? (
              <div className={styles.scaled} style={{ width, height, transform: `scale(${scale})` }}>
                <PictureDrawn picture={picture} height={height} onDrawn={setPage} />
              </div>
            ) : null}
            <div className={styles.veil} />
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the table beside it has the same for the keyboard. */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table beside it has the same for the keyboard. */}
            <div className={styles.over} onClick={clicked}>
              <canvas ref={canvas} width={size.width} height={size.height} aria-hidden />
            </div>
            {map === 'scroll' || map === 'attention' ? (
              <Bands result={result} map={map} height={size.height} />
            ) : outlined ? (
              <Outlines result={result} page={page?.page ?? null} scale={scale} width={width} onPart={onPart} />
            ) : null}
          </div>
        </div>
      </section>
    </figure>
  );
}

/** The numbers of the bands, where they lie. */
function Bands({ result, map, height }: { result: HeatmapResult; map: 'scroll' | 'attention'; height: number }) {
  const t = useText();
  const share = (value: number) => formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
  if (map === 'scroll')
    return SHARES_SHOWN.map((depth) => {
      const found = result.scroll.find((one) => one.depth === depth);
      return (
        <span
          key={depth}
          className={styles.band}
          data-last={depth === 100 || undefined}
          style={{ top: (height * depth) / 100 }}
        >
          {t('heatmaps.reached', { share: share(found?.share ?? 0) })}
        </span>
      );
    });
  return result.attention.map(({ seconds }, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: bands are their places.
    <span key={at} className={styles.band} data-plain style={{ top: (height * at) / result.attention.length }}>
      {t('heatmaps.seconds', { seconds: formatNumber(seconds, { maximumFractionDigits: 1 }) })}
    </span>
  ));
}

/** The most clicked elements with their numbers: where they stand on the picture, else where their clicks lie. */
function Outlines({
  result,
  page,
  scale,
  width,
  onPart,
}: {
  result: HeatmapResult;
  page: Document | null;
  scale: number;
  width: number;
  onPart: (part: HeatmapPart) => void;
}) {
  const t = useText();
  return result.elements.slice(0, OUTLINED).map(({ selector, label, clicks, x, y }, at) => {
    const found = boxOf(page, selector);
    const box = found ?? { left: x * width, top: y, width: 0, height: 0 };
    const name = `${at + 1}. ${label || selector}: ${t('heatmaps.clickCount', { count: clicks, number: formatNumber(clicks) })}`;
    return (
      <button
        key={selector}
        type="button"
        className={found ? styles.outline : styles.point}
        aria-label={name}
        title={name}
        style={{
          left: box.left * scale,
          top: box.top * scale,
          ...(found ? { width: box.width * scale, height: box.height * scale } : {}),
        }}
        onClick={() => onPart({ element: selector })}
      >
        <span className={styles.badge}>{at + 1}</span>
      </button>
    );
  });
}

/** Where an element stands in the picture; null where it does not, or where the selector is none. */
function boxOf(page: Document | null, selector: string): Box | null {
  try {
    const rect = page?.querySelector(selector)?.getBoundingClientRect();
    return rect && rect.width > 0 && rect.height > 0
      ? { left: rect.left, top: rect.top, width: rect.width, height: rect.height }
      : null;
  } catch {
    return null;
  }
}
