import { CHECK, el, icon, image, newId } from './dom.ts';
import { type Draw, type Field, type Kit, named } from './kit.ts';
import { type Option, optionsInOrder, type Question } from './model.ts';
import { byPointer } from './scales.ts';

/** Longest text beside "other", as the server takes it. */
const OTHER_CHARACTERS = 500;

type Given = { options?: string[]; other?: string };
type Choice = Extract<Question, { kind: 'single' | 'multiple' | 'picture' }>;

const givenOf = (kit: Kit) => (kit.given || {}) as Given;

/** For a text of one's own. */
function otherField(kit: Kit): HTMLInputElement {
  const label = kit.say('otherText');
  const field = el('input', { type: 'text', class: 'own', maxlength: OTHER_CHARACTERS, 'aria-label': label });
  field.placeholder = label;
  field.value = givenOf(kit).other || '';
  return field;
}

/** Options to tick or to choose one of, with or without pictures, and a text of one's own. */
function boxes(kit: Kit<Choice>, many: boolean, most: number): Field {
  const { question, say, text } = kit;
  const given = givenOf(kit);
  const chosen = given.options || [];
  const name = newId();
  const inputs: HTMLInputElement[] = [];
  const box = (value: string, checked: boolean, ...content: (Node | string)[]) => {
    const input = el('input', { type: many ? 'checkbox' : 'radio', name, value, class: 'away' });
    input.checked = checked;
    inputs.push(input);
    return el('label', 'option', input, el('span', { class: many ? 'tick' : 'tick dot' }, icon(CHECK)), ...content);
  };
  const option = ({ id, label, picture }: Option) =>
    box(id, chosen.indexOf(id) >= 0, ...(picture ? [image(kit.address(picture))] : []), el('span', '', text(label)));
  const options = optionsInOrder(question, kit.seed).map(option);
  const own = 'other' in question && question.other;
  const field = otherField(kit);
  let other: HTMLInputElement | undefined;
  if (own) {
    options.push(box('', !!given.other, el('span', '', text(own.label) || say('other'))));
    other = inputs[inputs.length - 1]!;
  }
  const element = el(
    'div',
    {
      class: question.kind === 'picture' ? 'options pictures' : 'options',
      ...named(kit, many ? 'group' : 'radiogroup'),
    },
    ...options,
    own && field,
  );
  const arrange = () => {
    field.hidden = !other?.checked;
    // What would be one too many cannot be chosen, rather than be complained about.
    const full = many && inputs.filter((input) => input.checked).length >= most;
    for (const input of inputs) input.disabled = full && !input.checked;
  };
  arrange();
  byPointer(element, (pointed) => {
    const was = field.hidden;
    arrange();
    if (was && !field.hidden && pointed) field.focus();
    kit.changed(pointed && !many && !!field.hidden);
  });
  field.addEventListener('input', () => kit.changed());
  return {
    element,
    value: () => {
      const picked = inputs.filter((input) => input.checked && input !== other).map((input) => input.value);
      const said = other?.checked ? field.value.trim() : '';
      return picked.length || said ? { options: picked, ...(said && { other: said }) } : null;
    },
  };
}

/** A list to open, for many options. */
function list(kit: Kit<Extract<Question, { kind: 'single' }>>): Field {
  const { question, say, text } = kit;
  const given = givenOf(kit);
  const own = question.other;
  const select = el(
    'select',
    named(kit),
    el('option', { value: '' }, say('choose')),
    ...optionsInOrder(question, kit.seed).map(({ id, label }) => el('option', { value: `=${id}` }, text(label))),
    own && el('option', { value: 'other' }, text(own.label) || say('other')),
  );
  const field = otherField(kit);
  select.value = given.other ? 'other' : given.options ? `=${given.options[0]}` : '';
  const arrange = () => {
    field.hidden = select.value !== 'other';
  };
  arrange();
  const element = el('div', 'options', select, field);
  element.addEventListener('input', () => {
    arrange();
    kit.changed();
  });
  return {
    element,
    value: () => {
      if (select.value !== 'other') return select.value ? { options: [select.value.slice(1)] } : null;
      return field.value.trim() ? { options: [], other: field.value.trim() } : null;
    },
  };
}

export const single: Draw<'single'> = (kit) => (kit.question.list ? list(kit) : boxes(kit, false, 1));
export const multiple: Draw<'multiple'> = (kit) => boxes(kit, true, kit.question.max || Number.POSITIVE_INFINITY);
export const picture: Draw<'picture'> = (kit) => boxes(kit, kit.question.max > 1, kit.question.max);
