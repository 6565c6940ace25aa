import { el, icon } from './dom.ts';
import type { Draw } from './kit.ts';
import { optionsInOrder } from './model.ts';

const GRIP = 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01';
const UP = 'M6 15l6-6 6 6';
const DOWN = 'M6 9l6 6 6-6';

/** A list to put in order: by dragging, or by the two buttons of each row. */
export const ranking: Draw<'ranking'> = (kit) => {
  const { question, say, text } = kit;
  const ids = (kit.given as string[]) || [];
  const options = optionsInOrder(question, kit.seed);
  const all = ids
    .map((id) => options.find((option) => option.id === id))
    .concat(options.filter(({ id }) => ids.indexOf(id) < 0));
  const places = Math.min(question.places || all.length, all.length);
  const told = el('div', { class: 'away', role: 'status' });
  const element = el('ol', { class: 'ranks', 'aria-labelledby': kit.labelledBy, 'aria-describedby': kit.describedBy });
  const rows: {
    id: string;
    row: HTMLElement;
    number: HTMLElement;
    label: string;
    up: HTMLButtonElement;
    down: HTMLButtonElement;
  }[] = [];
  // An order that nobody touched is no answer, unless one must be given: then going on agrees to it.
  let touched = ids.length > 0 || question.required;

  const arrange = () => {
    rows.forEach(({ row, number, up, down }, place) => {
      number.textContent = place < places ? (place + 1).toLocaleString(kit.language) : '–';
      row.classList.toggle('out', place >= places);
      up.disabled = place === 0;
      down.disabled = place === rows.length - 1;
    });
  };
  const move = (from: number, to: number) => {
    if (to < 0 || to >= rows.length || to === from) return;
    const [moved] = rows.splice(from, 1);
    rows.splice(to, 0, moved!);
    // The one that is moved stays where it is, so that it keeps the focus and the pointer.
    for (const { row } of rows.slice(0, to)) element.insertBefore(row, moved!.row);
    for (const { row } of rows.slice(to + 1)) element.append(row);
    touched = true;
    arrange();
    told.textContent = say('moved', { what: moved!.label, n: to + 1, m: rows.length });
    kit.changed();
  };

  for (const option of all) {
    const { id, label: texts } = option!;
    const label = text(texts);
    const step = (by: number, name: 'up' | 'down', path: string) =>
      el(
        'button',
        {
          type: 'button',
          class: 'icon',
          'aria-label': say(name, { what: label }),
          click: () => {
            const at = rows.findIndex((one) => one.id === id);
            move(at, at + by);
            const { up, down } = rows.find((one) => one.id === id)!;
            // A button that is disabled now would lose the focus.
            if (up.disabled) down.focus();
            else if (down.disabled) up.focus();
          },
        },
        icon(path),
      );
    const [up, down] = [step(-1, 'up', UP), step(1, 'down', DOWN)];
    const number = el('span', 'number');
    const grip = el('span', { class: 'grip', 'aria-hidden': 'true' }, icon(GRIP));
    const row = el('li', '', grip, number, el('span', 'what', label), up, down);
    row.addEventListener('pointerdown', (event) => {
      const on = event.target as Element;
      // By touch only the grip drags: the rest scrolls.
      if (on.closest('button') || (event.pointerType !== 'mouse' && !grip.contains(on))) return;
      event.preventDefault();
      row.setPointerCapture(event.pointerId);
      row.classList.add('held');
    });
    row.addEventListener('pointermove', ({ clientY }) => {
      if (!row.classList.contains('held')) return;
      // A pointer may pass several rows until a slow page hears of it.
      for (let by = 1; by; ) {
        const at = rows.findIndex((one) => one.id === id);
        const boxes = rows.map((one) => one.row.getBoundingClientRect());
        const half = (other: number) => Math.min(boxes[at]!.height, boxes[other]!.height) / 2;
        by = 0;
        if (at > 0 && clientY < boxes[at - 1]!.top + half(at - 1)) by = -1;
        else if (at < rows.length - 1 && clientY > boxes[at + 1]!.bottom - half(at + 1)) by = 1;
        move(at, at + by);
      }
    });
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'])
      row.addEventListener(end, () => row.classList.remove('held'));
    rows.push({ id, row, number, label, up, down });
    element.append(row);
  }
  arrange();
  const hint = places < all.length ? ` ${say('places', { n: places })}` : '';
  return {
    element: el('div', '', el('p', 'hint', say('rankHint') + hint), element, told),
    value: () => (touched ? rows.slice(0, places).map(({ id }) => id) : null),
  };
};
