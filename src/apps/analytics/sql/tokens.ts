/** A piece of SQL as the engine writes it: no comments, texts in single quotes, quoted names in backquotes. */
export interface Token {
  kind: 'word' | 'name' | 'text' | 'number' | 'sign';
  text: string;
}

const TOKEN =
  /(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<name>`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*")|(?<text>'(?:[^'\\]|\\[\s\S])*')|(?<number>\d[\w.]*)|(?<sign>\S)/gu;

export function tokensOf(sql: string): Token[] {
  return [...sql.matchAll(TOKEN)].map(({ groups }) => {
    const [kind, text] = Object.entries(groups!).find(([, value]) => value !== undefined)!;
    return { kind: kind as Token['kind'], text: text! };
  });
}

/** Whether `AS (` or `AS MATERIALIZED (` stands there, which only follows a name that WITH or WINDOW defines. */
export function isOpeningOfName(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text !== 'AS') return false;
  const next = tokens[at + 1]?.text;
  return (
    next === '(' || (/^(NOT|MATERIALIZED)$/.test(next ?? '') && /^(MATERIALIZED|\()$/.test(tokens[at + 2]?.text ?? ''))
  );
}

/** The name that a token is, without its quotes; null for what is none. */
export function nameOf(token: Token | undefined): string | null {
  if (token?.kind === 'word') return token.text;
  return token?.kind === 'name' ? token.text.slice(1, -1) : null;
}
