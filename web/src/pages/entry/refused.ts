import { useEffect, useState } from 'react';
import { ApiRefusal } from '../../api.ts';
import { hasMessage, type Translate } from '../../text.tsx';

const camel = (code: string) => code.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const keyOf = (code: string) => `refused.${camel(code)}`;

/** Whether the catalogue says what a refusal's code means. */
export const hasWords = (code: string): boolean => hasMessage(keyOf(code));

/** A refusal of a sign-in in the language of the page, where the catalogue has its code. */
export function inWords(error: unknown, t: Translate): unknown {
  if (!(error instanceof ApiRefusal) || error.status === 429) return error;
  const key = keyOf(error.code);
  if (!hasMessage(key)) return error;
  return new ApiRefusal(error.status, error.code, t(key as 'refused.invalidCode'), error.details, error.retryAfter);
}

/** Seconds until one may try again, counted down; 0 when one may. */
export function useWait(error: unknown): number {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!(error instanceof ApiRefusal) || error.status !== 429) return setUntil(0);
    setNow(Date.now());
    setUntil(Date.now() + (error.retryAfter ?? 1) * 1000);
  }, [error]);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [left]);
  return left;
}
