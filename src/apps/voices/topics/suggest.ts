import { gently } from '../gently.ts';
import { HAN, stemOf, tokensOf } from './stem.ts';

/** A voice as suggestions are made of it. */
export interface Said {
  text: string;
  /** The person who said it. */
  who: number;
  negative: boolean;
  /** Whether a topic has it already. */
  sorted: boolean;
}

export interface Found {
  name: string;
  words: string[];
  voices: number;
  negative: number;
  lift: number;
}

/** Voices that must say a phrase, and how much more often the unhappy must say it. */
const LEAST_VOICES = 4;
/** What fewer people say, however often, may be what tells them: it would outlive their erasure in a suggestion. */
const LEAST_PEOPLE = 3;
const LEAST_LIFT = 1.5;
const PHRASES_KEPT = 200;
const FOUND_LIMIT = 20;
const WORDS_OF_ONE = 6;
/** Phrases that stand together in at least this share of their voices are about one thing. */
const TOGETHER = 0.4;
const READ = 1000;

/** Words that say nothing of what a text is about. */
const STOP: Record<string, string> = {
  en: 'a an and are as at be been but by can could did do does for from had has have he her his how i if in is it its just me my no not of on or our out she so that the their them then there they this to too up us very was we were what when which who will with would you your all am any because get got im ive dont didnt still only even more been after before again than also really one two now about into over',
  pl: 'a aby ale ani bardzo bez bo by był była było być byli co czy dla do gdy go i ich im ja jak jako je jego jej jest jestem już każdy kiedy ktoś która które którzy który lub ma mam mi mnie mój moja można my na nad nam nas nawet nic nie niż o od on ona ono oraz po pod przed przez przy sam są się ta tak także tam te tego tej ten też to tu tutaj tylko tym u w was we wszystko z za ze że żeby jeszcze potem nadal znowu mają będzie jeden dwa tych',
  it: 'a ad ai al alla alle anche ancora c che chi ci come con cosa cui da dal dalla dei del della delle di dopo e è era essere fa gli ha hai hanno ho i il in io l la le lei lo loro ma me mi mia mio molto ne nel nella nelle no noi non nostro o per perché più poi quando quello questa questo qui se sei si sia solo sono sta stato su sua sul sulla suo ti tra tu tutto un una uno vi già però dove due',
  ru: 'а без более бы был была были было быть в вам вас весь во вот все всё вы где да даже для до его ее её если есть еще ещё же за здесь и из или им их к как ко когда который кто ли мне мы на над нам нас не него нет ни но о об один он она они от очень по под при с со так также такой там те тем то того тоже той только том тот ты у уже хотя чего чем что чтобы эта эти это этот я меня мой мои после потом раз два снова',
  zh: '的 了 是 我 你 他 她 它 们 在 有 和 也 就 都 很 到 说 要 去 会 着 没有 看 好 自己 这 那 个 一 不 上 下 人 还 么 什么 吧 啊 呢 吗 把 被 给 但 但是 因为 所以 如果 我们 你们 他们 非常 太 真 再 又 才 能 可以 用 来 对 从 让',
};

interface Phrase {
  /** As most often written. */
  shown: Map<string, number>;
  voices: number[];
  negative: number;
  parts: number;
}

/**
 * What may be topics: phrases that the unhappy say more often than the others, gathered where they stand in the same voices;
 * within a group those come first that belong to it more than to the rest (class-based TF-IDF). `covered` says whether the
 * topics that there are find a phrase already.
 */
export async function suggestionsOf(
  said: readonly Said[],
  language: string,
  covered: (phrase: string) => boolean,
): Promise<Found[]> {
  const negatives = said.filter((one) => one.negative).length;
  const others = said.length - negatives;
  if (negatives < LEAST_VOICES) return [];
  const phrases = await phrasesOf(said, language);
  const liftOf = ({ voices, negative }: Phrase) =>
    (negative + 0.5) / (negatives + 1) / ((voices.length - negative + 0.5) / (others + 1));
  const ranked = [...phrases.values()]
    .filter((one) => one.negative >= LEAST_VOICES && liftOf(one) >= LEAST_LIFT && !covered(nameOf(one)))
    .map((phrase) => ({
      phrase,
      weight: Math.log(liftOf(phrase)) * Math.sqrt(phrase.negative) * (1 + 0.3 * (phrase.parts - 1)),
    }))
    .sort((a, b) => b.weight - a.weight || (nameOf(a.phrase) < nameOf(b.phrase) ? -1 : 1))
    .slice(0, PHRASES_KEPT)
    .map(({ phrase }) => phrase);
  const groups: Phrase[][] = [];
  for (const phrase of ranked) {
    const group = groups.find(([first]) => overlap(first!, phrase) >= TOGETHER);
    if (group) group.push(phrase);
    else groups.push([phrase]);
  }
  return groups.slice(0, FOUND_LIMIT).map((group) => {
    const voices = new Set(group.flatMap((phrase) => phrase.voices));
    const words = [...group]
      .sort((a, b) => classWeight(b, voices, said.length) - classWeight(a, voices, said.length))
      .map(nameOf);
    const negative = [...voices].filter((at) => said[at]!.negative).length;
    return {
      name: nameOf(group[0]!),
      words: [...new Set([nameOf(group[0]!), ...words])].slice(0, WORDS_OF_ONE),
      voices: voices.size,
      negative,
      lift: Math.min(
        100,
        Math.round(10 * ((negative + 0.5) / (negatives + 1) / ((voices.size - negative + 0.5) / (others + 1)))) / 10,
      ),
    };
  });
}

/** How often a phrase is said in the group, times the logarithm of how seldom it is said in all. */
function classWeight(phrase: Phrase, group: ReadonlySet<number>, all: number): number {
  const inside = phrase.voices.filter((at) => group.has(at)).length;
  return (inside / group.size) * Math.log(1 + all / phrase.voices.length);
}

function overlap(a: Phrase, b: Phrase): number {
  const set = new Set(a.voices);
  const both = b.voices.filter((at) => set.has(at)).length;
  return both / Math.min(a.voices.length, b.voices.length);
}

function nameOf({ shown }: Phrase): string {
  let best = '';
  let most = 0;
  for (const [name, count] of shown)
    if (count > most || (count === most && name < best)) {
      best = name;
      most = count;
    }
  return best;
}

async function phrasesOf(said: readonly Said[], language: string): Promise<Map<string, Phrase>> {
  const stop = new Set((STOP[language] ?? '').split(' ').map((word) => tokensOf(word)[0] ?? word));
  const phrases = new Map<string, Phrase>();
  const add = (key: string, shown: string, at: number, parts: number) => {
    const phrase: Phrase = phrases.get(key) ?? { shown: new Map(), voices: [], negative: 0, parts };
    phrases.set(key, phrase);
    phrase.shown.set(shown, (phrase.shown.get(shown) ?? 0) + 1);
    // One voice counts once, however often it says it.
    if (phrase.voices.at(-1) === at) return;
    phrase.voices.push(at);
    if (said[at]!.negative) phrase.negative++;
  };
  await gently(said, ({ text, sorted }, at) => {
    // What a topic has found already is not news, but counts for how often others say it.
    if (sorted && said[at]!.negative) return;
    const tokens = tokensOf(text.slice(0, READ));
    if (language === 'zh') addHan(tokens, stop, (gram) => add(gram, gram, at, gram.length - 1));
    else addWords(tokens, stop, language, (key, shown, parts) => add(key, shown, at, parts));
  });
  for (const [key, { voices }] of phrases)
    if (voices.length < LEAST_VOICES || new Set(voices.map((at) => said[at]!.who)).size < LEAST_PEOPLE)
      phrases.delete(key);
  return phrases;
}

function addHan(tokens: readonly (string | null)[], stop: ReadonlySet<string>, add: (gram: string) => void): void {
  for (const token of tokens) {
    if (token === null || !HAN.test(token)) continue;
    const characters = [...token];
    for (let length = 2; length <= 4; length++)
      for (let at = 0; at + length <= characters.length; at++) {
        const gram = characters.slice(at, at + length);
        if (!stop.has(gram[0]!) && !stop.has(gram.at(-1)!) && !stop.has(gram.join(''))) add(gram.join(''));
      }
  }
}

function addWords(
  tokens: readonly (string | null)[],
  stop: ReadonlySet<string>,
  language: string,
  add: (key: string, shown: string, parts: number) => void,
): void {
  const says = (token: string | null | undefined): token is string =>
    typeof token === 'string' && token.length > 2 && !stop.has(token) && !/\p{N}/u.test(token);
  for (let at = 0; at < tokens.length; at++) {
    if (!says(tokens[at])) continue;
    for (let length = 1; length <= 3 && at + length <= tokens.length; length++) {
      const words = tokens.slice(at, at + length);
      // Numbers are somebody's, not a topic.
      const whole = words.filter((word) => word !== null && !/\p{N}/u.test(word)) as string[];
      if (whole.length < length) break;
      if (says(whole.at(-1))) add(whole.map((word) => stemOf(word, language)).join(' '), whole.join(' '), length);
    }
  }
}
