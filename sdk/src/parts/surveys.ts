import { el } from '../surveys/dom.ts';
import type { Survey } from '../surveys/model.ts';
import { newRun, type Run, type Running, runSurvey } from '../surveys/run.ts';
import { addStyles, BUSY, dress, isDarkPage, POPOVER, STYLE } from '../surveys/style.ts';
import { type Came, watch } from '../surveys/targeting.ts';
import type { Message, StartPart, Throughline } from '../types.ts';

/** The survey that is open in this tab, so that the next page goes on with it. */
const KEPT = 'tl_survey';
/** What happened in this tab that a survey waits for. */
const CAME = 'tl_survey_came';
/** As the server takes them. */
const TRAIT_CHARACTERS = 500;

/**
 * Surveys over the page: the server hands out those that this visitor may be asked, with what must hold in the page; one
 * at a time is shown, each once. It has a shadow root of its own, outside the page's flow, so that neither moves or
 * changes the other.
 */
const start: StartPart = (sdk, inside) => {
  const { options } = inside;
  const host = options.host as string;
  const surveys = ((inside.config || {}) as { surveys?: Survey[] }).surveys || [];
  /** As the visitor closes it, and without a word to anybody. */
  let dismiss: (() => void) | undefined;
  let closeNow: (() => void) | undefined;
  let running: Running | undefined;
  let stopped = inside.gate() < 0;

  /** What the page told of its visitor, for the texts and conditions that name it. */
  const traits: Record<string, unknown> = {};
  const listen = (message: Message) => Object.assign(traits, message.traits);
  const traitsFor = ({ definition }: Survey) => {
    const text = JSON.stringify(definition);
    const used: Record<string, unknown> = {};
    for (const name of Object.keys(traits)) {
      const value = traits[name];
      if (typeof value !== 'object' && (text.includes(`trait:${name}`) || text.includes(`"trait":"${name}"`)))
        used[name] = typeof value === 'string' ? value.slice(0, TRAIT_CHARACTERS) : value;
    }
    return used;
  };

  const who = () => inside.session().anonymousId;
  const put = (name: string, value?: object) => {
    try {
      if (options.storage === 'none') return;
      if (value && inside.gate() > 0) sessionStorage.setItem(name, JSON.stringify({ ...value, who: who() }));
      else sessionStorage.removeItem(name);
    } catch {}
  };
  const store = (run?: Run) => put(KEPT, run);
  /** Only of the same visitor: somebody else may have signed in. */
  const stored = <Value>(name: string): Value | undefined => {
    try {
      const value = options.storage !== 'none' && JSON.parse(sessionStorage.getItem(name) as string);
      return value && value.who === who() ? value : undefined;
    } catch {}
  };

  /** Shows it once the server has taken it down as shown, so that no other tab or page shows it too. */
  async function open(run: Run, into?: Element): Promise<void> {
    const { survey, progress } = run;
    const { position = 'bottomEnd' } = survey.definition.popover || {};
    const outer = el('div', { 'data-tl-ignore': true });
    const root = el('div', { class: into ? 'tl inline' : `tl popover ${position}`, role: 'dialog', 'aria-label': '' });
    let before: Element | null = null;
    const close = () => {
      const within = outer.shadowRoot!.activeElement;
      outer.remove();
      dismiss = closeNow = running = undefined;
      store();
      if (within && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
    const around = {
      ...{ root, host, heading: 'h2' as const },
      // What is sent after it was closed must not bring it back.
      keep: (now: Run) => running === mine && store(now),
      signed: { anonymousId: who() },
      begin: (): [string, object] => [
        `/v1/surveys/${survey.id}/responses`,
        {
          ...{ writeKey: options.writeKey, ...inside.session(), version: survey.version, language: survey.language },
          ...{
            channel: into ? 'embed' : 'popover',
            page: location.origin + location.pathname,
            traits: traitsFor(survey),
          },
        },
      ],
      close() {
        if (!progress.done) mine.line.dismiss();
        close();
      },
    };
    const mine: Running = runSurvey(run, around);
    running = mine;
    if (!into) dismiss = around.close;
    closeNow = () => {
      mine.line.stop();
      close();
    };
    try {
      await mine.line.begin();
    } catch (error) {
      if (running === mine) dismiss = closeNow = running = undefined;
      throw error;
    }
    if (stopped || running !== mine) return;
    const shadow = outer.attachShadow({ mode: 'open' });
    addStyles(shadow, STYLE + POPOVER);
    // Nothing that the page says of its own elements reaches it.
    outer.style.setProperty('all', 'initial', 'important');
    outer.style.setProperty('display', 'block', 'important');
    dress(root, survey.definition.theme, survey.colours, isDarkPage());
    root.setAttribute('aria-label', survey.words.survey);
    const told = el('p', { class: 'away', role: 'status' });
    shadow.append(root, told);
    root.addEventListener('focusin', ({ relatedTarget }) => {
      if (!root.contains(relatedTarget as Node)) before = (relatedTarget as Element) || before;
    });
    (into || document.documentElement).append(outer);
    mine.open();
    // Said to those who do not see it come, once the place where it is said is known.
    setTimeout(() => {
      told.textContent = `${survey.words.survey}: ${root.querySelector('.title')!.textContent}`;
    }, 300);
  }

  const begin = (survey: Survey, into?: Element) => open(newRun(survey), into);

  const targets = surveys
    .filter(({ definition }) => definition.popover)
    .map((survey) => ({
      id: survey.id,
      popover: survey.definition.popover!,
      open() {
        if (running || stopped) return false;
        // Who writes to us of their own accord is not interrupted.
        if (document.querySelector(`[${BUSY}]`)) return;
        // A refusal is the server's last word for this page; a line that is down, too.
        begin(survey).catch(String);
        return true;
      },
    }));
  inside.past.forEach(listen);
  const kept = stored<Run>(KEPT);
  if (kept && !stopped && !kept.progress.done) open(kept).catch(String);
  const watching = watch(stopped ? [] : targets, inside.past, stored<Came>(CAME) || {}, (came) => put(CAME, came));

  const end = () => {
    stopped = true;
    watching.stop();
    if (closeNow) closeNow();
    store();
    put(CAME);
  };
  sdk.on('message', ((message: Message) => {
    listen(message);
    if (!stopped) watching.message(message);
    // The message of a withdrawal comes before it is written down.
    setTimeout(() => !stopped && inside.gate() < 0 && end());
  }) as never);
  const leave = () => running?.leave();
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', leave);
  document.addEventListener('keydown', ({ key, target, defaultPrevented }) => {
    if (key === 'Escape' && !defaultPrevented && target === document.body) dismiss?.();
  });

  return {
    /** Shows a survey that this visitor may be asked now, whatever its targeting; within an element, where one is given. */
    async show(id: string, into?: Element): Promise<void> {
      const survey = surveys.find((one) => `${one.id}` === `${id}`);
      if (stopped || running || !survey) throw new Error(`Survey ${id} is not to be shown now.`);
      await begin(survey, into);
    },
    /** Closes the one that is open. */
    close: () => dismiss?.(),
    stop: end,
  };
};

(window as never as { throughline: Throughline }).throughline.register!('surveys', start);
