import { type Begun, type Body, type Line, openLine, type Response } from './line.ts';
import { type Answers, isEmpty, type Progress, type Survey, validateAnswer } from './model.ts';
import { type Open, openSurvey, type Stage } from './survey.ts';

/** Characters of answers in one call; a call may have 256 kB. */
const CALL_CHARACTERS = 60_000;

/** A survey that somebody is answering: what a reload must not lose. */
export interface Run {
  survey: Survey;
  progress: Progress;
  response?: Response;
  /** IDs of the questions whose answers the server has not taken yet. */
  unsent: Record<string, 1>;
  /** The server knows that it is at its end. */
  completed?: boolean;
}

/** Where and how it runs. */
export interface Surroundings {
  root: HTMLElement;
  heading: Stage['heading'];
  host: string;
  /** The call that begins the response. */
  begin(): [path: string, body: object];
  /** What goes with answers besides: who answers, where the server keeps that nowhere. */
  signed: object;
  /** Keeps it for a reload, where that is allowed. */
  keep(run: Run): unknown;
  /** The server's word as the response begins. */
  begun?(told: Begun): void;
  refused?(status: number): void;
  table?: Stage['table'];
  /** With it the visitor can close it. */
  close?(): void;
}

export interface Running {
  line: Line;
  open(): Open;
  /** Begins the response, and tries again where that fails. */
  begin(then: () => void): void;
  /** Sends what has changed. */
  push(): void;
  /** The page goes. */
  leave(): void;
}

export const newRun = (survey: Survey): Run => ({ survey, progress: newProgress(), unsent: {} });

/** At the beginning. The seed decides the order of what is shown in a random one. */
export const newProgress = (): Progress => ({ answers: {}, at: null, seed: Math.random().toString(36).slice(2) });

/** Joins a survey on the screen with its response on the server. */
export function runSurvey(run: Run, at: Surroundings): Running {
  const { survey, progress } = run;
  const { version, language } = survey;
  let shown: Open | undefined;
  let begins: (() => void) | undefined;
  // Without a prototype: an ID may be any word, "constructor" too.
  progress.answers = Object.assign(Object.create(null), progress.answers);
  run.unsent = Object.assign(Object.create(null), run.unsent);
  const line = openLine(
    at.host,
    {
      begin: at.begin,
      body: () => ({ ...bodyOf(run), version, language, ...at.signed }),
      begun(told) {
        const { responseId, secret, traits, fields } = told;
        run.response = { responseId, secret };
        Object.assign(survey, { traits, fields });
        at.begun?.(told);
        at.keep(run);
        begins?.();
        begins = undefined;
      },
      taken({ answers, complete }, { ending, closed }) {
        const now = bodyOf(run).answers;
        for (const id of Object.keys(answers))
          if (JSON.stringify(now[id]) === JSON.stringify(answers[id])) delete run.unsent[id];
        if (complete) run.completed = true;
        shown?.note();
        // A full quota may end it before the last question, or at another ending.
        if (closed) shown?.end(ending);
        at.keep(run);
        return !closed && hasMore(run);
      },
      failed: () => shown?.note('offline'),
      refused(status) {
        if (at.refused) at.refused(status);
        else shown?.note('over');
      },
    },
    run.response,
  );
  const push = () => {
    if (hasMore(run)) line.push();
  };
  return {
    line,
    open() {
      shown = openSurvey(at.root, {
        ...{ survey, progress, heading: at.heading, close: at.close, table: at.table, upload: line.upload },
        address: (picture) => (picture[0] === '/' ? at.host + picture : picture),
        kept(question) {
          if (question) run.unsent[question] = 1;
          at.keep(run);
        },
        given: push,
      });
      return shown;
    },
    begin(then) {
      begins = then;
      line.start();
    },
    push,
    leave() {
      if (hasMore(run)) line.leave();
    },
  };
}

const hasMore = (run: Run) => Object.keys(run.unsent).length > 0 || (!!run.progress.done && !run.completed);

/** What was not taken yet, as the server takes it: an answer that is not finished takes the one before it back. */
function bodyOf({ survey, progress, unsent }: Run): Body {
  const answers: Answers = {};
  let room = CALL_CHARACTERS;
  const rest = survey.definition.questions.filter((question) => {
    const answer = progress.answers[question.id];
    if (!unsent[question.id] || room < 0) return unsent[question.id];
    answers[question.id] = isEmpty(answer) || validateAnswer(question, answer) ? null : answer;
    room -= JSON.stringify(answers[question.id]).length;
    return false;
  });
  return { answers, complete: !!progress.done && !rest.length };
}
