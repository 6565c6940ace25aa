import type { Sequence, Walk, Walker } from '../walk/walk.ts';

export const QUESTIONS = ['nps', 'csat', 'ces'] as const;

export interface MapOptions {
  /** The stage of each touchpoint. */
  stageOf: number[];
  stages: number;
  /** Milliseconds. */
  attributed: number;
  /** Collects people in place of counting, those after the given one. */
  collect?: {
    stage: number;
    touchpoint: number | null;
    outcome: 'wentOn' | 'stayed' | null;
    after: number;
    limit: number;
  };
}

export interface TouchpointVoices {
  /** Answers by question, in the order of QUESTIONS: how many, their sum, and of NPS promoters (9, 10) and detractors (to 6). */
  answers: { count: number; sum: number; promoters: number; detractors: number }[];
  contacts: number;
}

export interface MapCounts {
  stages: { people: number; wentOn: number; medianMs: number | null }[];
  touchpoints: TouchpointVoices[];
  collected: number[];
}

/**
 * An event's code: twice the place of its touchpoint (the number of touchpoints where it is none), and one more for a
 * contact; or that of an answer, whose score and question are the extras `score` and `question`.
 */
export const answerCode = (touchpoints: number) => 2 * touchpoints + 2;

export const journeyMapWalk: Walk<MapOptions, MapCounts> = { begin: (options) => new MapWalker(options) };

class MapWalker implements Walker<MapCounts> {
  readonly #options: MapOptions;
  readonly #counts: MapCounts;
  readonly #waits: number[][];
  readonly #firsts: Float64Array;
  readonly #nexts: Float64Array;

  constructor(options: MapOptions) {
    this.#options = options;
    this.#counts = {
      stages: Array.from({ length: options.stages }, () => ({ people: 0, wentOn: 0, medianMs: null })),
      touchpoints: options.stageOf.map(() => ({
        answers: QUESTIONS.map(() => ({ count: 0, sum: 0, promoters: 0, detractors: 0 })),
        contacts: 0,
      })),
      collected: [],
    };
    this.#waits = Array.from({ length: options.stages }, () => []);
    this.#firsts = new Float64Array(options.stages);
    this.#nexts = new Float64Array(options.stages);
  }

  subject(of: Sequence): void {
    const { stageOf, stages, attributed, collect } = this.#options;
    const [firsts, nexts] = [this.#firsts.fill(-1), this.#nexts.fill(-1)];
    let [touched, last, lastAt] = [false, -1, 0];
    for (let index = 0; index < of.length; index++) {
      const [code, at] = [of.codes[index]!, of.times[index]!];
      const answer = code === answerCode(stageOf.length);
      if (!collect && last >= 0 && at - lastAt <= attributed) {
        if (answer) this.#answered(last, of, index);
        else if (code % 2 === 1) this.#counts.touchpoints[last]!.contacts++;
      }
      const place = code >> 1;
      if (answer || place === stageOf.length) continue;
      const stage = stageOf[place]!;
      if (firsts[stage]! < 0) firsts[stage] = at;
      // Going on is reaching the next stage after the first touch of this one.
      if (stage > 0 && firsts[stage - 1]! >= 0 && firsts[stage - 1]! < at && nexts[stage - 1]! < 0)
        nexts[stage - 1] = at;
      if (place === collect?.touchpoint) touched = true;
      [last, lastAt] = [place, at];
    }
    if (collect) {
      this.#collect(of, touched);
      return;
    }
    for (let stage = 0; stage < stages; stage++) {
      if (firsts[stage]! < 0) continue;
      const counts = this.#counts.stages[stage]!;
      counts.people++;
      if (nexts[stage]! < 0) continue;
      counts.wentOn++;
      this.#waits[stage]!.push(nexts[stage]! - firsts[stage]!);
    }
  }

  #answered(touchpoint: number, of: Sequence, index: number): void {
    const voices = this.#counts.touchpoints[touchpoint]!;
    const score = of.extras.score![index]!;
    const answers = voices.answers[of.extras.question![index]!];
    if (!answers || Number.isNaN(score)) return;
    answers.count++;
    answers.sum += score;
    if (score >= 9) answers.promoters++;
    if (score <= 6) answers.detractors++;
  }

  #collect(of: Sequence, touched: boolean): void {
    const { stage, touchpoint, outcome, after } = this.#options.collect!;
    if (of.id <= after || (touchpoint !== null ? !touched : this.#firsts[stage]! < 0)) return;
    if (outcome !== null && this.#nexts[stage]! >= 0 !== (outcome === 'wentOn')) return;
    this.#counts.collected.push(of.id);
  }

  result(): MapCounts {
    const { stages, collected } = this.#counts;
    stages.forEach((stage, index) => {
      stage.medianMs = median(this.#waits[index]!);
    });
    collected.sort((a, b) => a - b).splice(this.#options.collect?.limit ?? 0);
    return this.#counts;
  }
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
