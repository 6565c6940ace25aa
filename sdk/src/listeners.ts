const listeners: Record<string, ((...args: never[]) => void)[]> = {};

/** Runs what is the SDK's own so that nothing of it breaks the page. */
export const safely =
  <A extends unknown[], R>(run: (...args: A) => R) =>
  (...args: A): R | undefined => {
    try {
      return run(...args);
    } catch (error) {
      console.warn('throughline:', error);
    }
  };

export function on(event: string, listener: (...args: never[]) => void): void {
  listeners[event] = (listeners[event] || []).concat(listener);
}

export function emit(event: string, ...details: unknown[]): void {
  if (event === 'drop') console.warn('throughline:', event, ...details);
  for (const listener of listeners[event] || []) safely(listener as (...args: unknown[]) => void)(...details);
}

export function listen<E extends Event>(types: string, listener: (event: E) => void): void {
  for (const type of types.split(' ')) addEventListener(type, safely(listener as (event: Event) => void), true);
}
