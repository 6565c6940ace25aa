import { el, icon, newId } from './dom.ts';
import { type Draw, type Field, type Kit, named } from './kit.ts';
import type { Question } from './model.ts';
import type { WordKey } from './say.ts';

export const STAR = 'M12 2.6l2.9 5.9 6.5.9-4.7 4.6 1.1 6.4-5.8-3-5.8 3 1.1-6.4L2.6 9.4l6.5-.9z';

/** A face whose mouth bends from sad to happy. */
export function face(share: number): SVGElement {
  const bend = (share - 0.5) * 7;
  const y = 15.4 - bend * 0.25;
  const svg = icon(
    'M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 1 0 0-19z',
    'M8.6 9v1.2',
    'M15.4 9v1.2',
    `M7.8 ${y}Q12 ${y + bend} 16.2 ${y}`,
  );
  return svg;
}

type Scale = Extract<Question, { kind: 'nps' | 'csat' | 'ces' | 'rating' }>;

/** Numbers, stars or faces from low to high, one of which is chosen. */
function scale(kit: Kit<Scale>, from: number, to: number, look: string): Field {
  const { question, say, text } = kit;
  const words = { nps: 'nps', csat: 'csat', ces: 'ces', rating: '' }[question.kind];
  const end = (side: 'low' | 'high') =>
    text(question[`${side}Label`]) || (words && say(`${words}${side === 'low' ? 'Low' : 'High'}` as WordKey));
  const [low, high] = [end('low'), end('high')];
  const name = newId();
  const inputs: HTMLInputElement[] = [];
  const cells: HTMLElement[] = [];
  const paint = () => {
    const at = inputs.findIndex((input) => input.checked);
    cells.forEach((cell, place) => {
      cell.classList.toggle('on', look === 'stars' ? place <= at : place === at);
    });
  };
  for (let n = from; n <= to; n++) {
    const label = look === 'stars' ? say('stars', { n, m: to }) : say('outOf', { n, m: to });
    const said = n === from && low ? `${label}: ${low}` : n === to && high ? `${label}: ${high}` : label;
    const input = el('input', { type: 'radio', name, value: n, 'aria-label': said, class: 'away' });
    input.checked = kit.given === n;
    const sign =
      look === 'stars'
        ? icon(STAR)
        : look === 'smileys'
          ? face((n - from) / (to - from))
          : n.toLocaleString(kit.language);
    inputs.push(input);
    cells.push(el('label', 'cell', input, el('span', { 'aria-hidden': 'true' }, sign)));
  }
  paint();
  const group = el('div', { class: `scale ${look}`, ...named(kit, 'radiogroup') }, ...cells);
  byPointer(group, (pointed) => {
    paint();
    kit.changed(pointed);
  });
  return {
    element: el(
      'div',
      { class: look === 'numbers' ? '' : 'fit' },
      group,
      (low || high) && el('div', { class: 'ends', 'aria-hidden': 'true' }, el('span', '', low), el('span', '', high)),
    ),
    value: () => {
      const chosen = inputs.find((input) => input.checked);
      return chosen ? Number(chosen.value) : null;
    },
  };
}

/** Tells each change, and whether a pointer made it: arrow keys choose on their way, and must not send the form on. */
export function byPointer(group: HTMLElement, changed: (pointed: boolean) => void): void {
  let pointed = false;
  group.addEventListener('pointerdown', () => {
    pointed = true;
  });
  group.addEventListener('keydown', () => {
    pointed = false;
  });
  group.addEventListener('change', () => changed(pointed));
}

export const nps: Draw<'nps'> = (kit) => scale(kit, 0, 10, 'numbers');
export const rated = (kit: Kit<Exclude<Scale, { kind: 'nps' }>>) =>
  scale(kit, 1, kit.question.scale, kit.question.look);
