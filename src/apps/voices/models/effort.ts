import { normalized } from './features.ts';
import type { Rating } from './sentiment.ts';

/** Words by which customers tell that something cost them effort, and that it did not. Beginnings of words, or phrases. */
const HARD: Record<string, RegExp> = {
  en: /\b(?:had to (?:call|ask|wait|explain|repeat|go|write|contact|try)|(?:called|asked|tried|wrote|contacted|waited) (?:\w+ ){0,3}(?:times|twice|hours|weeks|days)|(?:several|three|four|five|many|multiple) times|over and over|again and again|still waiting|for hours|for weeks|complicated|difficult|hard to|confus\w*|could ?n['o]?t find|can['’]?t find|cannot find|too many steps|hassle|struggl\w*|no ?(?:one|body) (?:answers?|answered|replied)|kept (?:waiting|asking|transferring)|passed around|effort)\b/gu,
  pl: /(?:musia[łl][ae]?m|kilka razy|wiele razy|trzy razy|ci[ąa]gle|wielokrotnie|nadal czekam|czeka[łl][ae]?m|godzinami|tygodniami|skomplikowan|trudn|nie mog[ęe] znale|nie mog[łl][ae]?m|nie da si[ęe]|zawi[łl]|nieczyteln|odsy[łl]a|nikt nie odpowiada|nie mo[żz]na si[ęe] dodzwoni|ucia[żz]liw|uci[ąa][żz]liw|m[ęe]cz[ąa]c)/gu,
  it: /(?:ho dovuto|abbiamo dovuto|pi[ùu] volte|tre volte|tante volte|ancora aspett|sto aspettando|aspett(?:o|ato) (?:da |per )?(?:ore|giorni|settimane|mesi)|per ore|complicat|difficil|non (?:riesco|trovo|sono riuscit)|impossibile|troppi passaggi|confus|poco chiar|rimbalzat|nessuno risponde|fatic)/gu,
  ru: /(?:пришлось|несколько раз|много раз|три раза|снова и снова|до сих пор жд|ждал|часами|неделями|сложн|запутан|трудн|не могу найти|не мог(?:у|ла)? |невозможно|не дозвон|гоняют|отправляют от|никто не отвеча|непонятн|мучени|замучил)/gu,
  zh: /(?:不得不|好几次|多次|三次|反复|一直等|还在等|等了|复杂|繁琐|困难|很难|找不到|麻烦|折腾|费劲|费力|步骤太多|没人回复|联系不上|打不通|来回)/gu,
};
const EASY: Record<string, RegExp> = {
  en: /\b(?:easy|easily|effortless\w*|simple|quick(?:ly)?|no hassle|hassle[- ]free|without (?:any )?(?:problems?|effort)|straight ?forward|smooth\w*|intuitive|in (?:a|two|five) minutes?)\b/gu,
  pl: /(?:[łl]atw|prost[eayo]|szybko|bez problem|sprawnie|intuicyjn|wygodn|bezproblemow|od r[ęe]ki)/gu,
  it: /(?:facil|semplic|veloc|rapid|senza problemi|senza intoppi|intuitiv|comod|in un attimo)/gu,
  ru: /(?:легко|прост[оы]|быстро|без проблем|удобн|интуитивн|в два клика)/gu,
  zh: /(?:简单|容易|方便|快捷|轻松|顺利|很快|省事|一下就)/gu,
};
/** An ease that is denied is effort: "not easy", "nie jest łatwo". */
const DENIED =
  /(?:\b(?:not|isn['’]?t|wasn['’]?t|never|nie|nie jest|nie było|non|non è|не)\s+(?:\S{1,12}\s+){0,1}|不|没那么)$/u;

/**
 * How much effort the customer tells of, 0 to 1: by a score for effort where one was given (CES: the top of the scale is
 * "easy"), otherwise by counting words. Null where neither tells anything, which is so for most texts. It finds what is
 * said in these words, not what is meant.
 */
export function effortTold(text: string, language: string, rating: Rating | null): number | null {
  if (rating?.kind === 'ces' && rating.scale > 1 && rating.score >= 1 && rating.score <= rating.scale)
    return 1 - (rating.score - 1) / (rating.scale - 1);
  const clean = normalized(text);
  let hard = (HARD[language] && clean.match(HARD[language])?.length) || 0;
  let easy = 0;
  for (const found of EASY[language] ? clean.matchAll(EASY[language]) : []) {
    if (DENIED.test(clean.slice(Math.max(0, found.index - 24), found.index))) hard++;
    else easy++;
  }
  if (hard + easy === 0) return null;
  return (hard + 0.25) / (hard + easy + 0.5);
}
