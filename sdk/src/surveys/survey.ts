import { CHECK, CROSS, el, icon, image, newId } from './dom.ts';
import { KINDS } from './kinds.ts';
import type { Draw, Field, Kit } from './kit.ts';
import {
  type Answers,
  directionOf,
  type Facts,
  isEmpty,
  nextQuestion,
  type Progress,
  previousQuestion,
  progressAt,
  type Question,
  type Reason,
  type Survey,
  type Texts,
  say as textOf,
  validateAnswer,
  walk,
} from './model.ts';
import { type Say, sayIn, type WordKey } from './say.ts';

/** So long a choice is seen before the next question comes, in milliseconds. */
const SEEN_MS = 260;

export interface Stage {
  survey: Survey;
  /** Changed in place. */
  progress: Progress;
  /** A heading of the page itself, or one beside others. */
  heading: 'h1' | 'h2';
  /** The address of a picture of the definition. */
  address(picture: string): string;
  /** Something was typed or chosen, in the question where one is named; a reload must not lose it. */
  kept(question?: string): void;
  /** The visitor went on or back; with `done`, to the end. */
  given(): void;
  upload(question: string, file: File): Promise<{ id: string; name: string }>;
  /** With it there is a button to close, and Escape does it. */
  close?(): void;
  shown?(question: string | null): void;
  /** How a matrix is drawn where there is room for a table. */
  table?(): Draw<'matrix'> | false;
}

export interface Open {
  /** The ending that the server decided on; nothing happens where the answers led to it already. */
  end(ending?: string | null): void;
  /** A word below the question, for what is wrong with the line. */
  note(key?: WordKey): void;
  go(question: string | null): void;
}

/** Draws a survey into an element, one question at a time, and leads through it. */
export function openSurvey(root: HTMLElement, stage: Stage): Open {
  const { survey, progress } = stage;
  const { definition, language } = survey;
  const { answers } = progress;
  const facts: Facts = { answers, traits: survey.traits || {}, fields: survey.fields || {}, language };
  const words = sayIn(language, survey.words);
  const own = definition.words as Record<string, Texts | undefined>;
  const say: Say = (key, values) => text(own[key]) || words(key, values);
  const text = (texts: Texts | undefined) => textOf(definition, texts, facts);
  const question = () => definition.questions.find(({ id }) => id === progress.at);

  let welcome = !!definition.welcome && progress.at === null && !progress.done && !Object.keys(answers).length;
  let ending: string | undefined;
  let field: Field | undefined;
  let keyed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  root.lang = language;
  root.dir = directionOf(language);
  const bar = el('i');
  const track = el('div', { class: 'bar', role: 'progressbar', 'aria-label': say('progress') }, bar);
  const form = el('form', { novalidate: true });
  const note = el('p', { class: 'note', role: 'status' });
  const close =
    stage.close &&
    el('button', { type: 'button', class: 'icon close', 'aria-label': say('close'), click: stage.close }, icon(CROSS));
  // The question comes first for those who go by the keyboard.
  root.append(track, form, note, ...(close ? [close] : []));

  const next = (after: string | null) => nextQuestion(definition, facts, after);
  const hasFocus = () => {
    const { activeElement } = root.getRootNode() as ShadowRoot;
    return !!activeElement && root.contains(activeElement);
  };

  function read(): void {
    if (field && progress.at !== null) answers[progress.at] = field.value();
  }

  /** Shows where it stands now. The focus follows if it was within; else it stays where the visitor has it. */
  function draw(): void {
    const focused = hasFocus();
    const asked = question();
    field = undefined;
    form.textContent = '';
    if (asked) drawQuestion(asked);
    else if (welcome) drawWelcome();
    else drawEnding();
    const share = Math.round((welcome ? 0 : progressAt(definition, facts, progress.at)) * 100);
    track.hidden = !definition.progress || welcome;
    track.setAttribute('aria-valuenow', String(share));
    bar.style.inlineSize = `${share}%`;
    if (focused) focusStep();
    if (stage.shown) stage.shown(progress.at);
  }

  function focusStep(): void {
    const control =
      keyed &&
      form.querySelector<HTMLElement>(
        '.field :checked,.field input:not([disabled]),.field textarea,.field select,.field button:not([disabled])',
      );
    (control || form.querySelector<HTMLElement>('.title') || form).focus({ preventScroll: true });
  }

  function titled(id: string | null, title: string, help: string, picture?: string, more?: Node | false) {
    return [
      picture && image(stage.address(picture), 'hero'),
      el(stage.heading, { class: 'title', id, tabindex: -1 }, title, ' ', more),
      help && el('div', 'help', help),
    ];
  }

  function drawQuestion(asked: Question): void {
    const [title, description] = [newId(), newId()];
    const first = !previousQuestion(definition, facts, asked.id);
    const forward = el('button', 'main');
    const complaint = el('p', { class: 'bad', role: 'alert' });
    const name = () => {
      const empty = isEmpty(answers[asked.id]) && !asked.required && asked.kind !== 'statement';
      const key = !next(asked.id) ? 'submit' : empty ? 'skip' : 'next';
      if (forward.textContent !== say(key)) forward.textContent = say(key);
    };
    const kit: Kit = {
      ...{ question: asked, given: answers[asked.id], say, text, language, seed: progress.seed },
      ...{ labelledBy: title, describedBy: description, address: stage.address, upload: stage.upload },
      changed(chosen) {
        // Also of what came when another question was shown already.
        answers[asked.id] = own.value();
        complaint.textContent = '';
        name();
        stage.kept(asked.id);
        clearTimeout(timer);
        if (chosen) timer = setTimeout(() => progress.at === asked.id && forth(), SEEN_MS);
      },
    };
    const table = asked.kind === 'matrix' && stage.table?.();
    const own = ((table || KINDS[asked.kind]) as (kit: Kit) => Field)(kit);
    field = own;
    const optional = !asked.required && asked.kind !== 'statement' && el('span', 'optional', say('optional'));
    const hint = limitOf(asked, say);
    form.append(
      el(
        'div',
        'step',
        ...titled(title, text(asked.title), '', asked.picture, optional),
        el('div', { id: description, class: 'help' }, text(asked.description), hint && el('div', '', hint)),
        el('div', 'field', field.element, complaint),
      ),
      foot(!first || !!definition.welcome, forward),
    );
    name();
    const forth = () => {
      clearTimeout(timer);
      complaint.textContent = own.waits?.() || '';
      if (complaint.textContent) return;
      const before = JSON.stringify(answers[asked.id]);
      read();
      // An order that was only agreed to is an answer, too.
      if (JSON.stringify(answers[asked.id]) !== before) stage.kept(asked.id);
      const wrong = validateAnswer(asked, answers[asked.id]);
      if (wrong) {
        complaint.textContent = complain(asked, wrong, answers, say, language);
        complaint.scrollIntoView({ block: 'nearest' });
        focusStep();
        return;
      }
      const following = next(asked.id);
      progress.at = following ? following.id : null;
      progress.done = !following;
      stage.kept();
      stage.given();
      draw();
    };
    onSubmit = forth;
  }

  function drawWelcome(): void {
    const { title, description, picture } = definition.welcome!;
    form.append(
      el('div', 'step', ...titled(null, text(title), text(description), picture)),
      foot(false, el('button', 'main', say('start'))),
    );
    onSubmit = () => {
      welcome = false;
      begin();
    };
  }

  function drawEnding(): void {
    const found = definition.endings.find(({ id }) => id === ending) || walk(definition, facts).ending;
    const { link } = found || {};
    form.append(
      el(
        'div',
        'step done',
        el('div', 'mark', icon(CHECK)),
        ...titled(null, found ? text(found.title) : say('thanks'), found ? text(found.description) : say('thanksText')),
      ),
      el(
        'div',
        'foot',
        link && el('a', { class: 'main', href: link.url }, text(link.label) || link.url),
        !link && stage.close && el('button', 'main', say('close')),
      ),
    );
    onSubmit = () => stage.close?.();
  }

  function foot(backward: boolean, forward: HTMLElement): HTMLElement {
    const goBack = () => {
      clearTimeout(timer);
      read();
      const before = previousQuestion(definition, facts, progress.at);
      progress.at = before ? before.id : null;
      welcome = !before;
      stage.kept();
      stage.given();
      draw();
    };
    return el(
      'div',
      'foot',
      // In this order for the keyboard; the styles put them where the eye looks for them.
      forward,
      backward && definition.back && el('button', { type: 'button', class: 'quiet', click: goBack }, say('back')),
    );
  }

  /** To the first question, or to the end of a survey without any. */
  function begin(): void {
    const first = next(null);
    progress.at = first ? first.id : null;
    progress.done = !first;
    draw();
  }

  let onSubmit = begin;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onSubmit();
  });
  root.addEventListener('pointerdown', () => {
    keyed = false;
  });
  // Keys are the survey's while the focus is in it: shortcuts of the page must not act on what is typed.
  for (const type of ['keydown', 'keypress', 'keyup']) root.addEventListener(type, (event) => event.stopPropagation());
  root.addEventListener('keydown', (event) => {
    keyed = true;
    if (event.key === 'Escape' && stage.close) stage.close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      // What the key would do besides, it would do in the next question.
      event.preventDefault();
      onSubmit();
    }
  });

  if (progress.at !== null && !question()) progress.at = null;
  if (welcome || progress.at !== null || progress.done) draw();
  else begin();

  return {
    end(id) {
      const reached = walk(definition, facts).ending;
      if (progress.done && (id || undefined) === (reached ? reached.id : undefined)) return;
      ending = id || undefined;
      progress.at = null;
      progress.done = true;
      draw();
    },
    note(key) {
      note.textContent = key ? say(key) : '';
    },
    go(id) {
      welcome = id === null;
      progress.at = id;
      progress.done = false;
      draw();
    },
  };
}

/** How many may be chosen, where that is not all. */
function limitOf(asked: Question, say: Say): string | false {
  if (asked.kind !== 'multiple' && asked.kind !== 'picture') return false;
  const { max, options } = asked;
  return !!max && max < options.length && (asked.kind === 'multiple' || max > 1) && say('upTo', { n: max });
}

const REASONS: Partial<Record<Reason, WordKey>> = {
  shape: 'wrong',
  unknownOption: 'wrong',
  range: 'number',
  rowsMissing: 'rows',
};

/** What is wrong with an answer, and what to do, in words. */
function complain(asked: Question, reason: Reason, answers: Answers, say: Say, language: string): string {
  const { min, max, places, rows, earliest, latest } = asked as {
    min?: number;
    max?: number;
    places?: number;
    rows?: unknown[];
    earliest?: string;
    latest?: string;
  };
  const count = reason === 'tooFew' || reason === 'tooShort' ? min || places : max || places;
  const missing = rows ? rows.length - Object.keys(answers[asked.id] || {}).length : 0;
  const day = reason === 'tooEarly' ? earliest : latest;
  return say(REASONS[reason] || (reason as WordKey), {
    n: reason === 'rowsMissing' ? missing : count || 1,
    day: day
      ? new Date(`${day}T00:00:00Z`).toLocaleDateString(language, { timeZone: 'UTC', dateStyle: 'long' } as object)
      : '',
  });
}
