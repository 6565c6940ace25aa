import type { Message, StartPart, Throughline } from '../types.ts';

/** Rows that are shown; the oldest goes. */
const ROWS = 100;

/** What a message is about, in a line. */
function lineOf({ type, event, name, userId, properties, traits }: Message): string {
  const what = event || name || userId || (properties && (properties.path as string)) || '';
  return `${type} ${what} ${JSON.stringify(event ? properties : traits || {})}`.slice(0, 300);
}

/**
 * The log of what was captured and what became of it: a panel over the page, or within the element
 * `[data-throughline-log]` where the page has one. Styles are set on elements, which a strict policy allows.
 */
const start: StartPart = (sdk, { past }) => {
  const rows = new Map<string, HTMLElement>();
  const place = document.querySelector('[data-throughline-log]');
  const panel = document.createElement('section');
  panel.setAttribute('data-tl-ignore', '');
  panel.setAttribute('aria-label', 'Throughline events');
  panel.style.cssText = `font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow:auto;color-scheme:light dark;${
    place
      ? 'max-height:420px'
      : 'position:fixed;inset:auto 8px 8px auto;width:440px;max-width:95vw;max-height:45vh;z-index:2147483647;background:#14171a;color:#e6e8eb;border:1px solid #3a4046;border-radius:8px;padding:8px 10px'
  }`;
  const list = document.createElement('ol');
  list.style.cssText = 'list-style:none;margin:0;padding:0';
  if (!place) {
    const close = document.createElement('button');
    close.textContent = '×';
    close.setAttribute('aria-label', 'Close the log');
    close.style.cssText = 'float:right;background:none;border:0;color:inherit;font-size:16px;cursor:pointer';
    close.onclick = () => panel.remove();
    panel.append(close);
  }
  panel.append(list);

  const mark = (ids: readonly string[], text: string) => {
    for (const id of ids) {
      const row = rows.get(id);
      if (row) row.textContent = text;
    }
  };
  const add = (message: Message) => {
    const row = document.createElement('li');
    row.style.cssText = 'padding:3px 0;border-bottom:1px solid #8883;overflow-wrap:anywhere';
    const state = document.createElement('b');
    state.textContent = 'waits';
    state.style.cssText = 'float:inline-end;font-weight:400;opacity:.75;margin-inline-start:8px';
    row.append(state, `${message.timestamp.slice(11, 19)} ${lineOf(message)}`);
    row.title = JSON.stringify(message, null, 2);
    rows.set(message.messageId, state);
    list.prepend(row);
    while (list.childElementCount > ROWS) list.lastElementChild!.remove();
  };
  for (const message of past) add(message);
  sdk.on('message', add as never);
  sdk.on('sent', ((ids: string[]) => mark(ids, 'sent')) as never);
  sdk.on('drop', ((ids: string[], why: unknown) => mark(ids, `dropped: ${why}`)) as never);
  (place || document.body).append(panel);
  return { close: () => panel.remove() };
};

(window as never as { throughline: Throughline }).throughline.register!('debug', start);
