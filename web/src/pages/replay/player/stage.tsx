import { type ReactNode, type RefObject, useEffect, useState } from 'react';
import styles from './player.module.css';

/** Where the page is drawn, as large as there is room, never larger than it was. */
export function Stage({
  frame,
  width,
  height,
  children,
}: {
  frame: RefObject<HTMLDivElement | null>;
  width: number;
  height: number;
  children?: ReactNode;
}) {
  const [room, setRoom] = useState({ width: 0, height: 0 });
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (!box) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setRoom({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    watch.observe(box);
    return () => watch.disconnect();
  }, [box]);
  const scale = width && height && room.width ? Math.min(1, room.width / width, room.height / height) : 1;
  return (
    <div className={styles.stage} ref={setBox}>
      <div className={styles.sized} style={{ width: width * scale, height: height * scale }}>
        <div
          ref={frame}
          className={styles.frame}
          style={{ width, height, transform: `scale(${scale})` }}
          data-scale={scale}
        />
      </div>
      {children}
    </div>
  );
}
