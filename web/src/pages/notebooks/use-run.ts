import { useEffect, useRef, useState } from 'react';
import { ApiRefusal } from '../../api.ts';
import { calls, type Result } from './calls.ts';

export interface Run {
  state: 'idle' | 'running' | 'done' | 'failed';
  result: Result | null;
  error: unknown;
  /** The SQL that was run last. */
  sql: string;
  start: (sql: string) => void;
  cancel: () => void;
}

/** Runs the SQL of one cell, one at a time; leaving the page ends it on the server too. */
export function useRun(period: { from: string; to: string }): Run {
  const [now, setNow] = useState<Pick<Run, 'state' | 'result' | 'error' | 'sql'>>({
    ...{ state: 'idle', result: null, error: null, sql: '' },
  });
  const current = useRef<{ id: string; control: AbortController } | null>(null);
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
      current.current?.control.abort();
    };
  }, []);
  const start = async (sql: string) => {
    if (current.current) return;
    const id = crypto.randomUUID();
    const control = new AbortController();
    current.current = { id, control };
    setNow((before) => ({ ...before, state: 'running', sql }));
    try {
      const result = await calls.run({ id, sql, ...period }, control.signal);
      setNow({ state: 'done', result, error: null, sql });
    } catch (error) {
      if (isOpen.current) setNow({ state: 'failed', result: null, error: control.signal.reason ?? error, sql });
    } finally {
      if (current.current?.id === id) current.current = null;
    }
  };
  const cancel = () => {
    const running = current.current;
    // The query's own answer says that it was cancelled; where the server knows of none yet, leaving ends it.
    if (running) calls.cancel(running.id).catch(() => running.control.abort(new ApiRefusal(499, 'cancelled', '')));
  };
  return { ...now, start, cancel };
}
