import type { Inside, Message, Throughline } from '../types.ts';

/** Who comes back from a page within this time has not found it there. */
const U_TURN_MS = 10_000;
const SLOW_MS = 4000;
const FORM_FIELDS = 50;
const VIEWS = 'tl_views';
const IGNORED = '[data-tl-ignore],.tl-ignore,[data-tl-block],.tl-block';

interface View {
  path: string;
  at: number;
}

/** Tells of visits that went badly, also where nothing is recorded. Gives what ends it. */
export function watchSignals(sdk: Throughline, { options, describe, past }: Inside): () => void {
  const may = options.storage !== 'none';
  let views: View[] = [];
  try {
    views = may ? JSON.parse(sessionStorage[VIEWS] || '[]') : [];
  } catch {}
  let stopped = false;
  const forms = new Map<Element, { fields: string[]; last: string }>();

  const track = (name: string, properties: Record<string, unknown>) => {
    if (!stopped) sdk.track(name, properties);
  };

  const abandoned = () => {
    const left = Array.from(forms);
    forms.clear();
    for (const [form, { fields, last }] of left) {
      track('Form Abandoned', { form: nameOf(form), lastField: last, fields: fields.slice(0, FORM_FIELDS) });
    }
  };

  const viewed = (at: number) => {
    const path = location.pathname;
    const [before, left] = views.slice(-2);
    if (left && left.path === path) return;
    views = views.slice(-1).concat({ path, at });
    try {
      if (may) sessionStorage[VIEWS] = JSON.stringify(views);
    } catch {}
    abandoned();
    if (left && before && before.path === path && at - left.at <= U_TURN_MS) {
      track('U-Turned', { from: path, to: left.path, ms: at - left.at });
    }
  };

  const slow = () => {
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const ms = Math.round(entry?.loadEventEnd || performance.now());
    if (ms > SLOW_MS) track('Slow Page', { path: location.pathname, ms });
  };
  const loaded = () => setTimeout(slow);

  const nameOf = (element: Element) => {
    const { name, id, path } = describe(element);
    return `${name || id || path || ''}`;
  };

  const written = (event: Event) => {
    const field = event.composedPath()[0] as HTMLInputElement;
    if (!event.isTrusted || !field.closest || field.closest(IGNORED)) return;
    const form = field.closest('form');
    if (!form) return;
    const name = nameOf(field);
    const kept = forms.get(form) || { fields: [], last: '' };
    if (!kept.fields.includes(name)) kept.fields.push(name);
    kept.last = name;
    forms.set(form, kept);
  };
  // A script's own form.submit() tells of its data only.
  const submitted = ({ target }: Event) => forms.delete(target as Element);
  const left = () => {
    if (document.readyState !== 'complete') slow();
    abandoned();
  };

  addEventListener('input', written, true);
  addEventListener('submit', submitted, true);
  addEventListener('formdata', submitted, true);
  addEventListener('pagehide', left, true);
  if (document.readyState === 'complete') loaded();
  else addEventListener('load', loaded);
  sdk.on('message', (({ type }: Message) => type === 'page' && !stopped && viewed(Date.now())) as never);
  const first = past.filter(({ type }) => type === 'page').pop();
  // Once all is in place, since what it tells is heard here, too.
  Promise.resolve().then(() => viewed(first ? Date.parse(first.timestamp) : Date.now()));

  return () => {
    stopped = true;
    removeEventListener('input', written, true);
    removeEventListener('submit', submitted, true);
    removeEventListener('formdata', submitted, true);
    removeEventListener('pagehide', left, true);
    forms.clear();
  };
}
