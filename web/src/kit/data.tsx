import type { ReactNode } from 'react';
import { formatExact, formatMoney, formatNumber, formatRelative } from '../format.ts';
import { useText } from '../text.tsx';
import type { Money } from '../wire.ts';
import { CopyButton } from './button.tsx';
import styles from './data.module.css';
import { useNow } from './hooks.ts';

/** A moment, relative; the exact time with its zone on hover. */
export function Time({ at, children }: { at: string | null; children?: ReactNode }) {
  const now = useNow();
  const t = useText();
  if (!at) return <span>{t('kit.never')}</span>;
  return (
    <time className={styles.time} dateTime={at} title={formatExact(at)}>
      {children ?? formatRelative(at, now)}
    </time>
  );
}

export function Num({ value }: { value: number }) {
  return <span className={styles.time}>{formatNumber(value)}</span>;
}

/** Amounts by currency, the largest first; nothing is a dash that is read as “none”. */
export function Amounts({ of }: { of: Money[] }) {
  const t = useText();
  if (of.length === 0) {
    return (
      <span>
        <span aria-hidden>—</span>
        <span className="hidden-visually">{t('kit.none')}</span>
      </span>
    );
  }
  return (
    <span className={styles.amounts}>
      {of.map((money) => (
        <span key={money.currency}>{formatMoney(money)}</span>
      ))}
    </span>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

export function Tag({
  children,
  tone = 'plain',
  icon,
  title,
}: {
  children: ReactNode;
  tone?: Tone;
  icon?: ReactNode;
  title?: string;
}) {
  return (
    <span className={`${styles.tag} ${tone === 'plain' ? '' : styles[tone]}`} title={title}>
      {icon}
      {children}
    </span>
  );
}

export function Dot({ tone }: { tone: Tone }) {
  return <span className={`${styles.dot} ${styles[tone] ?? ''}`} aria-hidden />;
}

export function Avatar({ name, size = 28 }: { name: string; size?: number }) {
  const words = name.split(/[\s._@-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const initials = [words[0], words.length > 1 ? words[1] : undefined].map((word) => word?.[0] ?? '').join('');
  return (
    <span
      className={styles.avatar}
      style={{ inlineSize: size, blockSize: size, fontSize: Math.round(size * 0.38) }}
      aria-hidden
    >
      {initials.toUpperCase() || '?'}
    </span>
  );
}

export function Pairs({ rows }: { rows: [ReactNode, ReactNode][] }) {
  return (
    <dl className={styles.pairs}>
      {rows.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names may be elements; the order is fixed.
        <div key={index} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const TOKEN = /("(?:\\.|[^"\\])*"(?:\s*:)?)|\b(true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\b/g;

function coloured(json: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of json.matchAll(TOKEN)) {
    parts.push(json.slice(from, match.index));
    const [whole, text] = match;
    const className = text === undefined ? styles.literal : text.endsWith(':') ? styles.name : styles.string;
    parts.push(
      <span key={match.index} className={className}>
        {whole}
      </span>,
    );
    from = match.index + whole.length;
  }
  parts.push(json.slice(from));
  return parts;
}

/** Text to read and copy as it is. `json` colours its tokens. */
export function Code({ text, label, json }: { text: string; label: string; json?: boolean }) {
  const t = useText();
  return (
    <figure className={styles.code} aria-label={label} dir="ltr">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>
        <code>{json ? coloured(text) : text}</code>
      </pre>
      <div className={styles.codeCopy}>
        <CopyButton value={text} label={t('kit.copyNamed', { what: label })} />
      </div>
    </figure>
  );
}

/** A value that someone will paste elsewhere. */
export function Secret({ value, label }: { value: string; label: string }) {
  const t = useText();
  return (
    <div className={styles.secret} dir="ltr">
      <code title={value}>{value}</code>
      <CopyButton value={value} label={t('kit.copyNamed', { what: label })} />
    </div>
  );
}

export function Stat({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className={styles.stat}>
      <span className={styles.statLabel}>{label}</span>
      <span className={styles.statValue}>{value}</span>
      {note ? <span className={styles.statNote}>{note}</span> : null}
    </div>
  );
}

/** How far something is, from 0 to 1; null while that is not known. */
export function ProgressBar({ label, value }: { label: string; value: number | null }) {
  const share = value === null ? undefined : Math.max(0, Math.min(1, value));
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
    >
      <div className={styles.fill} style={{ inlineSize: `${(share ?? 0.15) * 100}%` }} />
    </div>
  );
}

/** The last values of something as a small line; the number beside it is what is read aloud. */
export function Spark({
  values,
  slots,
  width = 140,
  height = 32,
}: {
  values: number[];
  /** How many values the whole width holds; fewer stand at the end. */
  slots: number;
  width?: number;
  height?: number;
}) {
  const top = Math.max(1, ...values);
  const step = width / (slots - 1);
  const x = (index: number) => width - (values.length - 1 - index) * step;
  const y = (value: number) => height - 2 - (value / top) * (height - 4);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
      <line x1={0} x2={width} y1={height - 2} y2={height - 2} stroke="var(--line)" strokeWidth="1" />
      <polygon points={`${x(0)},${height} ${points} ${width},${height}`} fill="var(--accent-soft)" />
      <polyline points={points} fill="none" stroke="var(--accent-ink)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
