import { CHECK, CROSS, el, icon } from './dom.ts';
import { type Draw, type Field, type Kit, named } from './kit.ts';
import type { Question } from './model.ts';

/** As the server takes them; what a question asks for may be less. */
const EMAIL_CHARACTERS = 320;
const PHONE_CHARACTERS = 40;
const FILE_MEGABYTES = 10;
/** How much is left is said once so much is written. */
const COUNTED_SHARE = 0.8;
/** The console's kinds of files, as a browser's file dialog knows them. */
const ACCEPT: Record<string, string> = {
  image: 'image/*',
  pdf: 'application/pdf',
  text: 'text/plain,text/csv',
  sound: 'audio/*',
  video: 'video/*',
  office: '.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp',
};
const CLIP = 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4';

function line(kit: Kit, attributes: Record<string, string | number | null | undefined>): Field {
  const element = el('input', { ...attributes, ...named(kit) });
  element.value = typeof kit.given === 'string' ? kit.given : '';
  element.addEventListener('input', () => kit.changed());
  return { element, value: () => element.value.trim() || null };
}

const hintOf = (kit: Kit<Extract<Question, { placeholder?: unknown }>>) => kit.text(kit.question.placeholder) || null;

export const shortText: Draw<'shortText'> = (kit) =>
  line(kit, { type: 'text', maxlength: kit.question.max, placeholder: hintOf(kit) });
export const email: Draw<'email'> = (kit) =>
  line(kit, {
    ...{ type: 'email', autocomplete: 'email', maxlength: EMAIL_CHARACTERS, placeholder: hintOf(kit), dir: 'ltr' },
  });
export const phone: Draw<'phone'> = (kit) =>
  line(kit, { type: 'tel', autocomplete: 'tel', maxlength: PHONE_CHARACTERS, placeholder: hintOf(kit), dir: 'ltr' });
export const date: Draw<'date'> = (kit) =>
  line(kit, { type: 'date', min: kit.question.earliest, max: kit.question.latest });

export const longText: Draw<'longText'> = (kit) => {
  const { max } = kit.question;
  const area = el('textarea', { rows: 4, maxlength: max, placeholder: hintOf(kit), ...named(kit) });
  const left = el('p', { class: 'hint', role: 'status' });
  area.value = typeof kit.given === 'string' ? kit.given : '';
  const count = () => {
    const { length } = area.value;
    left.textContent = length > max * COUNTED_SHARE ? kit.say('left', { n: max - length }) : '';
  };
  count();
  area.addEventListener('input', () => {
    count();
    kit.changed();
  });
  return { element: el('div', '', area, left), value: () => area.value.trim() || null };
};

export const consent: Draw<'consent'> = (kit) => {
  const { question } = kit;
  const input = el('input', {
    type: 'checkbox',
    class: 'away',
    'aria-describedby': kit.describedBy,
    'aria-required': question.required ? 'true' : null,
  });
  input.checked = kit.given === true;
  input.addEventListener('change', () => kit.changed());
  const label = el('label', 'option', input, el('span', 'tick', icon(CHECK)), el('span', '', kit.text(question.label)));
  const link =
    question.link &&
    el(
      'a',
      { href: question.link, target: '_blank', rel: 'noopener noreferrer' },
      question.link.replace(/^https?:\/\//, ''),
    );
  return { element: el('div', 'options', label, link), value: () => input.checked || null };
};

export const statement: Draw<'statement'> = () => ({ element: el('div'), value: () => null });

export const file: Draw<'file'> = (kit) => {
  const { question, say } = kit;
  const kept = ((kit.given as { id: string; name: string }[]) || []).slice();
  const list = el('ul', 'files');
  let waits: string | undefined;
  const told = el('p', { class: 'ends', role: 'status' });
  const input = el('input', {
    type: 'file',
    accept: question.accept.map((kind) => ACCEPT[kind]).join(),
    multiple: question.max > 1,
    ...named(kit),
  });
  const drop = el(
    'label',
    'drop',
    input,
    icon(CLIP),
    el('span', '', el('b', '', say('files', { n: question.max })), ' ', el('span', 'dim', say('drop'))),
  );
  const arrange = () => {
    list.textContent = '';
    for (const one of kept) {
      const remove = () => {
        kept.splice(kept.indexOf(one), 1);
        arrange();
        input.focus();
        kit.changed();
      };
      const label = say('remove', { what: one.name });
      const button = el('button', { type: 'button', class: 'icon', 'aria-label': label, click: remove }, icon(CROSS));
      list.append(el('li', '', el('span', 'what', one.name), button));
    }
    input.disabled = kept.length >= question.max;
    drop.hidden = input.disabled;
  };
  const take = async (files: File[]) => {
    let held: boolean | undefined;
    // What comes later moves nothing.
    element.style.minBlockSize = `${element.offsetHeight}px`;
    for (const one of files.slice(0, question.max - kept.length)) {
      const what = one.name;
      if (one.size > FILE_MEGABYTES * 1e6) {
        told.textContent = say('fileLarge', { what, n: FILE_MEGABYTES });
        continue;
      }
      told.textContent = waits = say('uploading', { what });
      try {
        kept.push(await kit.upload(question.id, one));
        told.textContent = '';
      } catch (error) {
        told.textContent = say((error as { status?: number }).status === 415 ? 'fileKind' : 'fileFailed', { what });
      }
      waits = undefined;
      held = (element.getRootNode() as ShadowRoot).activeElement === input;
      arrange();
      kit.changed();
    }
    // What is hidden now would lose the focus, if it has it.
    if (held && input.disabled) list.querySelector('button')!.focus();
  };
  let turn = Promise.resolve();
  input.addEventListener('change', () => {
    const files = Array.from(input.files || []);
    input.value = '';
    // After those that are on their way: they count.
    turn = turn.then(() => take(files));
  });
  arrange();
  const element = el('div', '', drop, list, told);
  return { element, value: () => (kept.length ? kept.slice() : null), waits: () => waits };
};
