import { pickElement } from '../feedback/pick.ts';
import { type Words, wordsIn } from '../feedback/words.ts';
import { palettesOf } from '../surveys/colour.ts';
import { CROSS, el, icon, newId } from '../surveys/dom.ts';
import { byPointer, face, STAR } from '../surveys/scales.ts';
import { addStyles, BUSY, dress, isDarkPage, POPOVER, STYLE } from '../surveys/style.ts';
import type { StartPart, Throughline } from '../types.ts';

interface Config {
  side: 'left' | 'right';
  color: string | null;
  scale: 'smileys' | 'stars' | 'none';
  picture: boolean;
  askEmail: boolean;
  texts: { button?: string; question?: string; thanks?: string };
}

const SCALE = 5;
const TEXT_CHARACTERS = 5000;
const ANSWER_MS = 20_000;
/** As the server takes them. */
const PICTURE_BYTES = 1024 * 1024;
const CSS = `
.tab{position:fixed;z-index:2147483646;inset-block-end:24px;inset-inline-end:24px;border:0;border-radius:999px;padding:.65em 1.15em;background:var(--main);color:var(--on);font:600 14px/1.3 inherit;font-family:inherit;cursor:pointer;box-shadow:0 4px 16px rgba(0,0,0,.22);pointer-events:auto}
.left .tab{inset-inline:24px auto}
.wide{inline-size:100%;border:1px solid var(--edge);border-radius:calc(var(--r)*.75);background:var(--back);padding:.6em .75em}
.wide::placeholder{color:var(--dim)}
.row{display:block;margin-block-start:.9em}
.row>span{display:block;font-weight:600;font-size:.9em;margin-block-end:.3em}
.tick-row{display:flex;gap:.55em;align-items:flex-start;margin-block-start:.9em;font-size:.9em;cursor:pointer}
.tick-row input{margin-block-start:.2em;accent-color:var(--main)}
.point{margin-block-start:.7em;margin-inline-start:0}
.done{padding:2.4em 1.4em;text-align:center;font-weight:600}
.hintbar{position:fixed;z-index:2147483647;inset-block-start:12px;inset-inline:0;margin-inline:auto;inline-size:fit-content;max-inline-size:90vw;background:var(--ink);color:var(--back);border-radius:8px;padding:.5em 1em;pointer-events:none}
`;

/**
 * The feedback button at the edge of the page: a rating and words about the page or about an element that the visitor
 * points at, with a picture of the page where they choose so.
 */
const start: StartPart = (sdk, inside) => {
  const { options } = inside;
  const config = (inside.config || {}) as Config;
  const language = document.documentElement.lang || navigator.language;
  const words: Words = { ...wordsIn(language), ...config.texts };
  const outer = el('div', { 'data-tl-ignore': true });
  const shadow = outer.attachShadow({ mode: 'open' });
  const root = el('div', `tl ${config.side === 'left' ? 'left' : ''}`);
  const accent = config.color || '#4a48d4';
  const theme = {
    ...{ mode: 'auto', radius: 10, font: 'system', fontSize: 15 },
    light: { background: '#ffffff', text: '#17191f', accent },
    dark: { background: '#1b1d23', text: '#edeff3', accent },
  };
  addStyles(shadow, STYLE + POPOVER + CSS);
  outer.style.setProperty('all', 'initial', 'important');
  outer.style.setProperty('display', 'block', 'important');
  dress(root, theme as never, palettesOf(theme as never), isDarkPage());
  root.lang = language;
  root.dir = getComputedStyle(document.documentElement).direction;
  const tab = el('button', { type: 'button', class: 'tab', 'aria-haspopup': 'dialog' }, words.button);
  root.append(tab);
  shadow.append(root);
  document.documentElement.append(outer);

  let panel: HTMLElement | undefined;
  let element: Element | undefined;
  const close = () => {
    if (panel) panel.remove();
    panel = element = undefined;
    outer.removeAttribute(BUSY);
    tab.hidden = false;
    tab.focus({ preventScroll: true });
  };

  tab.addEventListener('click', () => {
    tab.hidden = true;
    outer.setAttribute(BUSY, '');
    panel = draw();
    root.append(panel);
    panel.querySelector<HTMLElement>('input,textarea')!.focus({ preventScroll: true });
  });

  function draw(): HTMLElement {
    const problem = el('p', { class: 'bad', role: 'alert' });
    const rating = config.scale === 'none' ? undefined : drawScale(config.scale, words);
    const text = el('textarea', { class: 'wide', rows: 4, maxlength: TEXT_CHARACTERS, name: 'text' });
    const email = el('input', { class: 'wide', type: 'email', maxlength: 254, name: 'email', autocomplete: 'email' });
    const picture = el('input', { type: 'checkbox', name: 'picture' });
    const pointed = el('span', { role: 'status' });
    const point = el(
      'button',
      {
        type: 'button',
        class: 'quiet point',
        async click() {
          root.hidden = true;
          const bar = el('div', { class: 'hintbar', role: 'status' }, words.pointing);
          const around = el('div', 'tl');
          around.style.cssText = root.style.cssText;
          around.append(bar);
          shadow.append(around);
          element = await pickElement(outer);
          around.remove();
          root.hidden = false;
          pointed.textContent = element ? words.pointed : '';
          point.focus();
        },
      },
      words.point,
    );
    const send = el('button', { type: 'submit', class: 'main' }, words.send);
    const form = el(
      'form',
      {
        novalidate: true,
        async submit(event: Event) {
          event.preventDefault();
          const score = rating?.value();
          const said = text.value.trim();
          problem.textContent = '';
          if (!said && score == null) problem.textContent = words.needed;
          else if (email.value && !email.checkValidity()) problem.textContent = email.validationMessage;
          if (problem.textContent) return;
          send.disabled = true;
          try {
            await post({
              ...{ text: said, score: score == null ? undefined : score, scale: score == null ? undefined : SCALE },
              email: email.value || undefined,
              element: element && String(inside.describe(element).path || ''),
              picture: picture.checked ? await takePicture() : undefined,
            });
            form.replaceWith(el('p', { class: 'done', role: 'status', tabindex: -1 }, words.thanks));
            setTimeout(() => panel?.querySelector('.done') && close(), 4000);
          } catch {
            problem.textContent = words.failed;
            send.disabled = false;
          }
        },
      },
      el(
        'div',
        'step',
        el('h2', 'title', words.question),
        rating && el('div', 'field', rating.element),
        el('label', 'row', el('span', '', words.text), text),
        config.askEmail && el('label', 'row', el('span', '', words.email), email),
        el('p', '', point, ' ', pointed),
        config.picture && el('label', 'tick-row', picture, el('span', '', words.picture)),
        problem,
      ),
      el('div', 'foot', send),
    );
    const position = config.side === 'left' ? 'bottomStart' : 'bottomEnd';
    return el(
      'div',
      {
        class: `tl popover ${position}`,
        role: 'dialog',
        'aria-label': words.question,
        keydown(event: KeyboardEvent) {
          if (event.key === 'Escape') close();
        },
      },
      el('button', { type: 'button', class: 'icon close', 'aria-label': words.close, click: close }, icon(CROSS)),
      form,
    );
  }

  async function post(said: object): Promise<void> {
    const { origin, pathname } = location;
    const { anonymousId, userId } = inside.session();
    const answer = await fetch(`${options.host}/v1/feedback`, {
      method: 'POST',
      // As text: a browser need not ask first.
      headers: { 'content-type': 'text/plain' },
      credentials: 'omit',
      signal: AbortSignal.timeout ? AbortSignal.timeout(ANSWER_MS) : null,
      body: JSON.stringify({
        ...{ writeKey: options.writeKey, feedbackId: crypto.randomUUID ? crypto.randomUUID() : undefined },
        ...{ anonymousId, userId, url: origin + pathname, path: pathname, title: document.title.slice(0, 500) },
        language: language.slice(0, 35),
        ...said,
      }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
  }

  /** Undefined where the page cannot be taken, or is too large: the words go without it. */
  async function takePicture(): Promise<string | undefined> {
    try {
      const take = (await sdk.load('picture')) as () => unknown[];
      const packed = await new Response(
        new Blob([JSON.stringify({ events: take() })]).stream().pipeThrough(new CompressionStream('gzip')),
      ).arrayBuffer();
      if (packed.byteLength > PICTURE_BYTES) return;
      let text = '';
      for (const byte of new Uint8Array(packed)) text += String.fromCharCode(byte);
      return btoa(text);
    } catch {}
  }

  sdk.on('message', () => {
    if (inside.gate() < 0) outer.remove();
  });
  return { open: () => tab.click(), close };
};

/** Faces or stars of which one is chosen. */
function drawScale(look: 'smileys' | 'stars', words: Words) {
  const name = newId();
  const inputs: HTMLInputElement[] = [];
  const cells: HTMLElement[] = [];
  for (let n = 1; n <= SCALE; n++) {
    const label = words.of.replace('{n}', String(n)).replace('{m}', String(SCALE));
    const input = el('input', { type: 'radio', name, value: n, 'aria-label': label, class: 'away' });
    inputs.push(input);
    cells.push(
      el(
        'label',
        'cell',
        input,
        el('span', { 'aria-hidden': 'true' }, look === 'stars' ? icon(STAR) : face((n - 1) / (SCALE - 1))),
      ),
    );
  }
  const element = el('div', { class: `scale ${look}`, role: 'radiogroup', 'aria-label': words.rate }, ...cells);
  byPointer(element, () => {
    const at = inputs.findIndex((input) => input.checked);
    cells.forEach((cell, place) => {
      cell.classList.toggle('on', look === 'stars' ? place <= at : place === at);
    });
  });
  return {
    element,
    value: () => {
      const at = inputs.findIndex((input) => input.checked);
      return at < 0 ? undefined : at + 1;
    },
  };
}

(window as never as { throughline: Throughline }).throughline.register!('feedback', start);
