import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiRefusal } from '../api.ts';
import { hasMessage, type MessageKey, type Translate, useText } from '../text.tsx';
import { Button, CopyButton } from './button.tsx';
import styles from './states.module.css';

/** A grey bar of the size of what will come. */
export function Skeleton({
  width = '100%',
  height = 12,
  round,
}: {
  width?: number | string;
  height?: number;
  round?: boolean;
}) {
  return (
    <span
      className={styles.skeleton}
      style={{ inlineSize: width, blockSize: height, ...(round ? { borderRadius: '50%', flex: 'none' } : {}) }}
    />
  );
}

/** Says to screen readers that something is on its way, while the eyes see its shape. */
export function Loading({ children }: { children: ReactNode }) {
  const t = useText();
  return (
    <div aria-busy="true">
      <span className="hidden-visually" role="status">
        {t('kit.loading')}
      </span>
      {children}
    </div>
  );
}

/** Why something was refused, in words for people. */
export function reasonOf(error: unknown, t: Translate): string {
  if (!(error instanceof ApiRefusal)) return error instanceof Error ? error.message : String(error);
  if (error.status === 0 && !navigator.onLine) return t('refusal.offline');
  if (error.status === 429) {
    return error.retryAfter ? t('refusal.tooManyWait', { count: error.retryAfter }) : t('refusal.tooMany');
  }
  if (error.message) return error.message;
  if (hasMessage(`refusal.${error.code}`)) return t(`refusal.${error.code}` as 'refusal.unreachable');
  return t('refusal.status', { status: error.status });
}

const DO = {
  0: 'refusal.do.connection',
  400: 'refusal.do.mend',
  401: 'refusal.do.signIn',
  403: 'refusal.do.askAdmin',
  404: 'refusal.do.goBack',
  409: 'refusal.do.reload',
  413: 'refusal.do.smaller',
  422: 'refusal.do.mend',
  429: 'refusal.do.wait',
  503: 'refusal.do.wait',
} as const satisfies Record<number, MessageKey>;

function whatToDo(error: unknown, t: Translate): string {
  if (!(error instanceof ApiRefusal)) return t('refusal.do.retry');
  if (error.status === 0 && !navigator.onLine) return t('refusal.do.online');
  return t(DO[error.status as keyof typeof DO] ?? 'refusal.do.retry');
}

/** A refusal where it happened: what happened (`title`), why, what to do, and the details to copy. */
export function Refusal({ title, error, onRetry }: { title: string; error: unknown; onRetry?: () => void }) {
  const t = useText();
  const details = {
    what: title,
    ...(error instanceof ApiRefusal
      ? { status: error.status, code: error.code, message: error.message, details: error.details }
      : { error: String(error) }),
    page: location.pathname + location.search,
    at: new Date().toISOString(),
  };
  return (
    <div className={styles.refusal} role="alert">
      <IconAlertTriangle size={18} className={styles.refusalIcon} aria-hidden />
      <div style={{ minInlineSize: 0 }}>
        <h2>{title}</h2>
        <p>
          {reasonOf(error, t)} {whatToDo(error, t)}
        </p>
        <div className={styles.refusalActions}>
          {onRetry ? (
            <Button small onClick={onRetry}>
              {t('kit.retry')}
            </Button>
          ) : null}
          <CopyButton
            small
            value={JSON.stringify(details, null, 2)}
            text={t('kit.copyDetails')}
            label={t('kit.copyDetails')}
          />
        </div>
      </div>
    </div>
  );
}

/**
 * What stands in the place of a query's answer until it is there: its outline (the children), or why it was refused and
 * a button to ask again. Nothing once it is there.
 */
export function UntilLoaded({
  query,
  failed,
  children,
}: {
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
  failed: string;
  children: ReactNode;
}) {
  if (query.isPending) return <Loading>{children}</Loading>;
  return query.error ? <Refusal title={failed} error={query.error} onRetry={() => query.refetch()} /> : null;
}

/** An empty page: what it is for, what it will look like (`preview`), one action and, beside it, the sample. */
export function Nothing({
  title,
  text,
  actions,
  preview,
}: {
  title: string;
  text: ReactNode;
  actions?: ReactNode;
  preview: ReactNode;
}) {
  return (
    <section className={styles.nothing}>
      <div>
        <h2>{title}</h2>
        <p>{text}</p>
        {actions}
      </div>
      <div className={styles.preview} aria-hidden inert>
        {preview}
      </div>
    </section>
  );
}

/** Nothing for now or nothing by these filters: a smaller word in the place of a list. */
export function NothingHere({
  title,
  text,
  action,
  icon,
}: {
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <section className={styles.small}>
      {icon}
      <h2>{title}</h2>
      {text ? <p>{text}</p> : null}
      {action}
    </section>
  );
}
