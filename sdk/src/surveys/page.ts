import { palettesOf } from './colour.ts';
import { el } from './dom.ts';
import { matrixTable } from './matrix-table.ts';
import { type Definition, isEmpty, optionsInOrder, type Survey, validateAnswer, walk } from './model.ts';
import { PAGE } from './page-style.ts';
import { newProgress, newRun, type Run, runSurvey } from './run.ts';
import { addStyles, dress, POPOVER, prefersDark, STYLE } from './style.ts';
import { type Open, openSurvey } from './survey.ts';
import { wordsIn } from './words.ts';

/** What the server puts into the page, as JSON in `#survey`. */
interface Given {
  survey: Omit<Survey, 'words' | 'colours'>;
  token: string;
  channel: string;
  company: string;
  /** The link is one person's, whose response the server knows. */
  personal: boolean;
  /** Names of the languages it can be read in, by their code. */
  languages: Record<string, string>;
}

/** From this width on, in pixels, a matrix is a table. */
const TABLE_WIDTH = 560;
const table = () => innerWidth >= TABLE_WIDTH && matrixTable;

/** The survey on a page of its own, or in a frame; in the preview what the console hands over, of which nothing is sent. */
const data = document.getElementById('survey');
if (data?.textContent) answer(JSON.parse(data.textContent) as Given);
else preview();

function answer({ survey: bare, token, channel, personal, company, languages }: Given): void {
  const { theme } = bare.definition;
  const survey: Survey = { ...bare, words: wordsIn(bare.language), colours: palettesOf(theme) };
  const { definition, language, version } = survey;
  const key = `tl_survey_${token}`;
  const framed = window.parent !== window;
  const root = el('main', { class: framed ? 'tl page framed' : 'tl page' });
  let run = newRun(survey);
  let fresh = true;
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) as string) as Run | null;
    // Who goes on by a personal link is told by the server, under a new secret.
    if (kept && kept.survey.version === version) {
      const { traits, fields } = kept.survey;
      Object.assign(survey, { traits, fields });
      fresh = false;
      run = { ...kept, survey, ...(personal && { response: undefined }) };
    }
  } catch {}
  let leaving = false;
  const query = new URLSearchParams(location.search);
  const fields: Record<string, string> = {};
  for (const name of definition.fields) if (query.has(name)) fields[name] = (query.get(name) as string).slice(0, 500);

  addStyles(document, STYLE + PAGE);
  const colour = () => dress(root, theme, survey.colours, prefersDark());
  colour();
  matchMedia('(prefers-color-scheme: dark)').onchange = colour;
  root.append(brand(definition, company, languages, language));
  document.body.append(root);
  const running = runSurvey(run, {
    ...{ root, heading: 'h1', host: '', signed: { token }, table },
    begin: () => [
      `/v1/surveys/${survey.id}/responses`,
      { token, version, language, channel: framed ? 'embed' : channel, fields },
    ],
    begun(told) {
      if (told.version !== version && !query.has('version')) {
        leaving = true;
        query.set('version', String(told.version));
        location.search = query.toString();
      }
      run.progress.answers = Object.assign(Object.create(null), told.answers, run.progress.answers);
    },
    keep(now) {
      try {
        const { traits, fields: handed } = survey;
        sessionStorage.setItem(key, JSON.stringify({ ...now, survey: { version, traits, fields: handed } }));
      } catch {}
    },
    refused(status) {
      const over = `${key}_over`;
      try {
        // Somebody else has it now, or it is over: the server's page says which, and is asked once.
        sessionStorage.removeItem(key);
        leaving = status !== 422 && !sessionStorage.getItem(over);
        sessionStorage.setItem(over, '1');
      } catch {}
      if (leaving) location.reload();
      else root.append(el('p', { class: 'note', role: 'alert' }, survey.words.over));
    },
  });
  const show = () => {
    if (leaving) return;
    if (fresh) {
      prefill(run);
      goOn(run);
    }
    const open = running.open();
    running.push();
    let wide = !!table();
    addEventListener('resize', () => {
      if (wide !== !!table() && run.progress.at !== null) open.go(run.progress.at);
      wide = !!table();
    });
    addEventListener('pagehide', running.leave);
    if (framed) tellHeight(root);
  };
  if (run.response) show();
  else running.begin(show);
}

function brand(
  definition: Definition,
  company: string,
  languages: Record<string, string>,
  language: string,
): HTMLElement {
  const { logo } = definition.theme;
  const codes = Object.keys(languages);
  const choose = el('select', { 'aria-label': wordsIn(language).language });
  for (const code of codes) {
    const option = el('option', { value: code, lang: code }, languages[code]);
    option.selected = code === language;
    choose.append(option);
  }
  choose.addEventListener('change', () => {
    const query = new URLSearchParams(location.search);
    query.set('lang', choose.value);
    location.search = query.toString();
  });
  return el(
    'header',
    'brand',
    logo ? el('img', { src: logo, alt: company }) : el('span', '', company),
    codes.length > 1 && el('div', 'languages', choose),
  );
}

/**
 * A link in a mail may hold the answer that was clicked: `?question=q1&answer=9`. It is put in here and goes to the server as
 * any answer does, by a call of this page, so that whatever only follows links answers nothing.
 */
function prefill({ survey, progress, unsent }: Run): void {
  const query = new URLSearchParams(location.search);
  const value = query.get('answer');
  const { definition } = survey;
  const question = definition.questions.find(({ id }) => id === query.get('question')) || definition.questions[0];
  if (value == null || value === '' || !question) return;
  const chosen = optionsInOrder(question, '').some(({ id }) => id === value);
  const answer = chosen ? { options: [value] } : Number(value);
  if (isEmpty(answer) || validateAnswer(question, answer)) return;
  progress.answers[question.id] = answer;
  unsent[question.id] = 1;
}

/** To the first question that is not answered yet, where some are: by a mail, or by the same person elsewhere. */
function goOn({ survey, progress }: Run): void {
  const { definition, language, traits = {}, fields = {} } = survey;
  const { answers } = progress;
  const { questions } = walk(definition, { answers, traits, fields, language });
  const asked = questions.filter(({ kind }) => kind !== 'statement');
  const open = asked.find(({ id }) => isEmpty(answers[id])) || asked[asked.length - 1];
  if (open && questions.some(({ id }) => !isEmpty(answers[id]))) progress.at = open.id;
}

/** A frame is as high as what it shows, once the page around it listens. */
function tellHeight(root: HTMLElement): void {
  const tell = () =>
    window.parent.postMessage(
      { type: 'throughline-survey', height: Math.ceil(root.getBoundingClientRect().height) },
      '*',
    );
  if ('ResizeObserver' in window) new ResizeObserver(tell).observe(root);
  tell();
}

interface Previewed {
  type: string;
  definition: Definition;
  theme?: Definition['theme'];
  language: string;
  device?: 'popover' | 'page' | 'mail' | 'mobile';
  dark?: boolean;
  questionId?: string | null;
}

/** What the builder in the console has now; the place in the survey stays from one to the next. */
function preview(): void {
  let progress = newProgress();
  let open: Open | undefined;
  let last: Previewed | undefined;
  let root = el('main');
  const tell = (message: object) => window.parent.postMessage(message, location.origin);
  addStyles(document, STYLE + PAGE + POPOVER);

  function draw({ definition, theme, language, device, dark }: Previewed): void {
    const over = device === 'popover' || device === 'mobile';
    const { position = 'bottomEnd' } = definition.popover || {};
    root.remove();
    // A name of its own: the console around the frame has a main part too.
    root = el('main', { class: over ? `tl popover ${position}` : 'tl page', 'aria-label': definition.name });
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
    document.body.append(root);
    const look = theme || definition.theme;
    const colours = palettesOf(look);
    dress(root, look, colours, !!dark);
    const survey: Survey = { id: '', version: 0, language, definition, words: wordsIn(language), colours };
    open = openSurvey(root, {
      ...{ survey, progress, heading: 'h1', address: String },
      ...(over ? { close: again } : { table }),
      kept() {},
      given() {},
      upload: async (_, file) => ({ id: '00000000-0000-4000-8000-000000000000', name: file.name }),
      shown: (questionId) => tell({ type: 'preview-question', questionId }),
    });
  }
  function again(): void {
    progress = newProgress();
    if (last) draw(last);
  }

  addEventListener('message', ({ origin, source, data: message }: MessageEvent<Previewed>) => {
    if (origin !== location.origin || source !== window.parent || !message) return;
    if (message.type === 'preview-go' && last) {
      if (message.questionId == null) again();
      else open?.go(message.questionId);
    }
    if (message.type !== 'preview') return;
    last = message;
    if (progress.done) again();
    else draw(message);
  });
  tell({ type: 'preview-ready' });
}
