import { existsSync } from 'node:fs';
import { partsOf, readSets } from '../scripts/sentiment/data.ts';
import { MODEL_LANGUAGES } from '../src/apps/voices/models/features.ts';
import { languageOfText } from '../src/apps/voices/models/language.ts';
import { moodOf, sentimentOf } from '../src/apps/voices/models/sentiment.ts';

/**
 * How right the shipped models are on texts of public sets that they were not trained on, and how quick:
 *   node bench/voices.ts <folder with the clones that scripts/sentiment/data.ts names>
 */
interface Accuracy {
  language: string;
  set: string;
  /** Of texts that are positive or negative, the share whose side is told right. */
  two: number;
  texts: number;
  /** With neutral ones, where the set has some. */
  three: number | null;
  allTexts: number;
  /** The share whose language is told right, without a hint. */
  languageRight: number;
}

function measureAccuracy(folder: string): Accuracy[] {
  const sets = readSets(folder);
  return MODEL_LANGUAGES.flatMap((language) =>
    sets[language].map((set) => {
      const said = partsOf(set).test.map(({ text, mood }) => ({ text, mood, told: sentimentOf(text, language) ?? 0 }));
      const clear = said.filter((one) => one.mood !== 0.5);
      const words = { positive: 1, neutral: 0.5, negative: 0 };
      return {
        language,
        set: set.name,
        two: clear.filter((one) => one.told > 0 === (one.mood === 1)).length / clear.length,
        texts: clear.length,
        three:
          clear.length < said.length
            ? said.filter((one) => words[moodOf(one.told)] === one.mood).length / said.length
            : null,
        allTexts: said.length,
        languageRight: said.filter((one) => languageOfText(one.text) === language).length / said.length,
      };
    }),
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

if (import.meta.main) {
  const folder = process.argv[2] ?? '../shared/data/sentiment';
  if (!existsSync(folder)) console.log(`Accuracy of voices: skipped, there are no clones at ${folder}.`);
  else {
    const started = performance.now();
    const lines = measureAccuracy(folder);
    const texts = lines.reduce((sum, line) => sum + line.allTexts, 0);
    console.log(
      '| language | public set, the part not trained on | positive or negative | three moods | language told |',
    );
    console.log('| --- | --- | --- | --- | --- |');
    for (const { language, set, two, texts, three, allTexts, languageRight } of lines)
      console.log(
        `| ${language} | ${set} | ${percent(two)} of ${texts} | ${three === null ? '–' : `${percent(three)} of ${allTexts}`} | ${percent(languageRight)} |`,
      );
    console.log(`${Math.round(texts / ((performance.now() - started) / 1000))} texts a second, reading included.`);
  }
}
