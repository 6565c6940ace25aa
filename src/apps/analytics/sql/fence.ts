import { type Events, QueryFault, QueryLimit } from '../../../kernel/events.ts';
import { type Refusal, refuse } from '../../../kernel/refusal.ts';
import { isStorable } from '../../../kernel/storable.ts';
import { isAllowedFunction } from './functions.ts';
import { tableNames } from './tables.ts';
import { isOpeningOfName, nameOf, type Token, tokensOf } from './tokens.ts';

/**
 * What keeps members' SQL to reading what it is meant to read. The engine has no user to run it as (the embedded one knows
 * no users), and its `readonly` stops neither files nor addresses, so nothing passes but what is known to be harmless:
 *
 *   1. The engine parses the text and writes it anew. From here on only what it wrote counts: one statement, no comments.
 *   2. The engine's syntax tree of that, node by node, may have nothing but the kinds of nodes, tables, table functions and
 *      functions listed here. What is not listed is refused, also what ClickHouse will learn later.
 *   3. Each table is one of ours (`tables.ts`), which are put before the query as WITH, or a name that its own WITH defines
 *      and that no stored table has: such a name cannot mean a stored table wherever it stands.
 */

/** Characters of SQL text; ClickHouse's own limit is four times that. */
export const SQL_LIMIT = 64 * 1024;
const CHECK = { seconds: 5, memoryBytes: 200 * 1024 * 1024 };

/** A query that may run. */
export interface CheckedSql {
  /** As the engine wrote it: goes between parentheses as it is. */
  sql: string;
  /** Which of our tables it names. */
  tables: string[];
}

/** ClickHouse's kinds of nodes that only compute or read what other nodes name. */
const NODES = new Set(
  `SelectWithUnionQuery SelectIntersectExceptQuery SelectQuery ExpressionList Subquery WithElement TablesInSelectQuery
   TablesInSelectQueryElement TableExpression TableJoin ArrayJoin TableIdentifier Identifier Literal Function DataType
   NameTypePair Asterisk QualifiedAsterisk ColumnsRegexpMatcher ColumnsListMatcher QualifiedColumnsRegexpMatcher
   QualifiedColumnsListMatcher ColumnsTransformerList ColumnsExceptTransformer ColumnsReplaceTransformer
   ColumnsReplaceTransformer::Replacement OrderByElement InterpolateElement WindowDefinition WindowListElement`.split(
    /\s+/,
  ),
);
const TABLE_FUNCTIONS = new Set(['numbers', 'zeros', 'generateSeries', 'generate_series', 'values']);
/** Functions whose right side may name a table. */
const MEMBERSHIP = /^(global)?(not)?(null)?in(ignoreset)?$/i;

/** Checks a member's SQL; refuses with 400 what it may not do, saying what and where. `params` are what it may name. */
export async function checkSql(
  events: Events,
  text: string,
  params: Record<string, string>,
  signal?: AbortSignal,
): Promise<CheckedSql> {
  if (text.length > SQL_LIMIT)
    throw refuse.invalid(`The query is longer than ${SQL_LIMIT.toLocaleString('en')} characters.`);
  if (!isStorable(text)) throw refuse.invalid('The query has characters that cannot be read.');
  if (text.trim() === '')
    throw refuse.invalid('There is no query yet. Write one, for example: SELECT count() FROM events');
  const options = signal ? { ...CHECK, signal } : CHECK;
  const sql = await written(events, text, options);
  const tokens = tokensOf(sql);
  checkTokens(tokens, text);
  const tree = await treeOf(events, sql, text, params, options);
  const own = namesInWith(tokens);
  await checkOwnNames(events, own, text, options);
  const tables = new Set<string>();
  for (const node of tree) {
    const table = checkNode(node, own, text);
    if (table) tables.add(table);
  }
  return { sql, tables: [...tables] };
}

/** The text as the engine writes it. */
async function written(events: Events, text: string, options: object): Promise<string> {
  try {
    const [row] = await events.query<{ sql: string }>('SELECT formatQuery({text:String}) AS sql', { text }, options);
    return row!.sql;
  } catch (error) {
    throw wrongSql(error, text);
  }
}

function checkTokens(tokens: readonly Token[], text: string): void {
  const first = tokens.find((token) => token.text !== '(');
  if (first?.kind !== 'word' || !['SELECT', 'WITH'].includes(first.text)) {
    throw refused(
      `Only queries that read are run here: begin with SELECT or WITH, not with ${first?.text ?? 'nothing'}.`,
      text,
      first?.text,
    );
  }
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'name' && /[\\`\p{Cc}]/u.test(token.text.slice(1, -1)))
      throw refused('A quoted name has a backslash, a quote or a control character, which is not taken here.', text);
    if (token.text === '{' && !PARAMS.has(tokens[i + 1]?.text ?? '')) throw unknownParam(text);
    if (token.kind === 'sign' && token.text === ';') throw refused('Only one query at a time can be run.', text, ';');
    if (token.kind !== 'word') {
      if (token.kind === 'text' && /aggregatefunction/i.test(token.text)) throw noStates(text);
      continue;
    }
    if (/^aggregatefunction$/i.test(token.text)) throw noStates(text);
    const next = tokens[i + 1];
    if (token.text === 'SETTINGS' && next && tokens[i + 2]?.text === '=') {
      throw refused('Settings are ours to choose: take SETTINGS out.', text, 'SETTINGS');
    }
    if (token.text === 'FORMAT' && next?.kind === 'word' && isEnd(tokens[i + 2])) {
      throw refused(
        'The result always comes as a table: take FORMAT out, and export it from below the result.',
        text,
        'FORMAT',
      );
    }
    if (token.text === 'INTO' && next?.text === 'OUTFILE') {
      throw refused('A query cannot write files: take INTO OUTFILE out, and export the result instead.', text, 'INTO');
    }
  }
}

const isEnd = (token: Token | undefined) => token === undefined || token.text === ')' || token.text === 'SETTINGS';
const PARAMS = new Set(['from', 'to']);
const unknownParam = (text: string) =>
  refused(
    'A parameter of the query is not known. There are {from:DateTime} and {to:DateTime}, the period chosen above.',
    text,
    '{',
  );
const noStates = (text: string) =>
  refused('States of aggregate functions cannot be made from text.', text, 'AggregateFunction');

interface Node {
  kind: string;
  /** What stands behind the kind: a name, a value. */
  text: string;
  children: Node[];
  parent: Node | null;
}

/** All nodes of the query's syntax tree. */
async function treeOf(
  events: Events,
  sql: string,
  text: string,
  params: Record<string, string>,
  options: object,
): Promise<Node[]> {
  let lines: string[];
  try {
    // In parentheses nothing but a SELECT is a query.
    const asked = `EXPLAIN AST SELECT * FROM (\n${sql}\n)`;
    lines = (await events.bytes(asked, 'TSVRaw', params, options)).toString().split('\n');
  } catch (error) {
    throw wrongSql(error, text);
  }
  const start = lines.findIndex((line) => /^ *Subquery /.test(line));
  if (start < 0) throw refuse.invalid('The query cannot be read.');
  const depth = (line: string) => line.length - line.trimStart().length;
  const outside = depth(lines[start]!);
  const nodes: Node[] = [];
  const open: { node: Node; depth: number }[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line === '' || depth(line) <= outside) break;
    while (open.length > 0 && open.at(-1)!.depth >= depth(line)) open.pop();
    const [, kind = '', rest = ''] = /^ *(\S+) ?(.*)$/.exec(line) ?? [];
    const node: Node = {
      ...{ kind, text: rest.replace(/ ?\(children \d+\)$/, '').replace(/ ?\(alias .*\)$/, '') },
      ...{ children: [], parent: open.at(-1)?.node ?? null },
    };
    node.parent?.children.push(node);
    nodes.push(node);
    open.push({ node, depth: depth(line) });
  }
  return nodes;
}

/** Refuses what a node may not be; gives the name of ours that it reads. */
function checkNode(node: Node, own: ReadonlySet<string>, text: string): string | null {
  if (node.kind === 'Set') throw refused('Settings are ours to choose: take SETTINGS out.', text, 'SETTINGS');
  if (!NODES.has(node.kind)) {
    throw refused(`The query uses something that is not taken here (${node.kind}). Write it another way.`, text);
  }
  if (node.kind === 'TableIdentifier') return checkTable(node.text, own, text);
  if (node.kind !== 'Function') return null;
  if (node.parent?.kind === 'TableExpression') {
    if (TABLE_FUNCTIONS.has(node.text)) return null;
    throw refused(
      `The table function ${node.text} is not one of those that can be used here: read ${[...tableNames].join(', ')}.`,
      text,
      node.text,
    );
  }
  if (!isAllowedFunction(node.text)) {
    throw refused(`The function ${node.text} is not one of those that can be used here.`, text, node.text);
  }
  const right = MEMBERSHIP.test(node.text) ? node.children[0]?.children[1] : undefined;
  // A bare name on the right of IN is a table before it is a column.
  if (right?.kind === 'Identifier') return checkTable(right.text, own, text);
  return null;
}

function checkTable(name: string, own: ReadonlySet<string>, text: string): string | null {
  if (own.has(name)) return null;
  if (tableNames.has(name)) return name;
  throw refused(
    `There is no table ${name} here. The tables are ${[...tableNames].join(', ')}.`,
    text,
    name.split('.').at(-1),
  );
}

/** The names that the query's own WITH (or WINDOW) defines: what stands before `AS (`. */
function namesInWith(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (let i = 0; i < tokens.length; i++) {
    if (!isOpeningOfName(tokens, i)) continue;
    let at = i - 1;
    // A list of columns stands between: c (a, b) AS (
    if (tokens[at]?.text === ')') {
      for (let depth = 0; at >= 0; at--) {
        if (tokens[at]!.text === ')') depth++;
        if (tokens[at]!.text === '(' && --depth === 0) break;
      }
      at--;
    }
    const name = nameOf(tokens[at]);
    if (name !== null) names.add(name);
  }
  return names;
}

/** A name that a stored table has would mean that table wherever the WITH does not reach. */
async function checkOwnNames(events: Events, own: ReadonlySet<string>, text: string, options: object): Promise<void> {
  const ours = [...own].find((name) => tableNames.has(name));
  if (ours) throw refused(`The name ${ours} is that of a table here: give what you define another name.`, text, ours);
  if (own.size === 0) return;
  const [taken] = await events.query<{ name: string }>(
    `SELECT name FROM (SELECT name FROM system.tables WHERE database = currentDatabase()
       UNION ALL SELECT name FROM system.dictionaries WHERE database = currentDatabase())
     WHERE name IN {names:Array(String)} LIMIT 1`,
    { names: [...own] },
    options,
  );
  if (taken) throw refused(`The name ${taken.name} is taken: give what you define another name.`, text, taken.name);
}

/** Refuses with where in the text the reason stands, as far as it can be told. */
function refused(message: string, text: string, word?: string): Refusal {
  const at = word ? text.toLowerCase().indexOf(word.toLowerCase()) : -1;
  return refuse.invalid(message, { reason: 'refused', position: at < 0 ? null : at });
}

/** What the engine said of a member's query, as a refusal; faults that are not the query's stay what they are. */
export function wrongSql(error: unknown, text: string): unknown {
  if (error instanceof QueryLimit || !(error instanceof QueryFault)) return error;
  if (error.code === 456) return unknownParam(text);
  const message = error.message
    .replace(/^Code: \d+\. DB::\w+: /, '')
    .replace(/(: In scope|: While processing|: while executing|\. Stack trace)[\s\S]*$/i, '')
    .replace(/ \([A-Z_]+\)\s*$/, '')
    .slice(0, MESSAGE_LIMIT);
  const told = /failed at position (\d+)/.exec(message)?.[1];
  const named = /(?:identifier|Function|name) [`']?([\w.]+)[`']?/.exec(message)?.[1];
  const found = told ? Number(told) - 1 : named ? text.indexOf(named) : -1;
  return refuse.invalid(message, { reason: 'wrong', position: found < 0 ? null : Math.min(found, text.length) });
}

const MESSAGE_LIMIT = 600;
