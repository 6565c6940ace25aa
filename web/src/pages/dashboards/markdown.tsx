import { Fragment, type ReactNode } from 'react';
import styles from './grid.module.css';

/** What a link may lead to: a page of the console, or the web, or a mail. */
const SAFE = /^(https?:\/\/|mailto:|\/(?!\/))/i;
const INLINE = /\*\*(.+?)\*\*|\*(.+?)\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

/**
 * A text tile: headings, lists, bold, italic, code and links of Markdown, made into elements. There is no HTML in it:
 * what looks like that is shown as it was written.
 */
export function Markdown({ text }: { text: string }) {
  return <div className={styles.words}>{blocksOf(text).map(block)}</div>;
}

type Lines = { kind: 'list' | 'numbers' | 'text'; lines: string[] };
type Block = { kind: 'heading'; level: number; text: string } | Lines;

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const kindOf = (mark: string | undefined, item: boolean): Lines['kind'] =>
    mark ? 'list' : item ? 'numbers' : 'text';
  let fresh = true;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^(#{1,3})\s+(.+)$/.exec(line);
    const item = /^\s*(?:([-*])|\d{1,3}[.)])\s+(.+)$/.exec(line);
    if (heading) blocks.push({ kind: 'heading', level: heading[1]!.length, text: heading[2]! });
    fresh ||= heading !== null || line.trim() === '';
    if (heading || line.trim() === '') continue;
    const kind = kindOf(item?.[1], item !== null);
    const said = item ? item[2]! : line;
    const last = blocks.at(-1);
    if (!fresh && last?.kind === kind) (last as Lines).lines.push(said);
    else blocks.push({ kind, lines: [said] });
    fresh = false;
  }
  return blocks;
}

function block(of: Block, index: number): ReactNode {
  // biome-ignore-start lint/suspicious/noArrayIndexKey: a text has places, not identities.
  if (of.kind === 'heading') {
    const Heading = (['h3', 'h4', 'h5'] as const)[of.level - 1]!;
    return <Heading key={index}>{inline(of.text)}</Heading>;
  }
  if (of.kind === 'text')
    return (
      <p key={index}>
        {of.lines.map((line, at) => (
          <Fragment key={at}>
            {at > 0 ? <br /> : null}
            {inline(line)}
          </Fragment>
        ))}
      </p>
    );
  const List = of.kind === 'list' ? 'ul' : 'ol';
  return (
    <List key={index}>
      {of.lines.map((line, at) => (
        <li key={at}>{inline(line)}</li>
      ))}
    </List>
  );
  // biome-ignore-end lint/suspicious/noArrayIndexKey: a text has places, not identities.
}

function inline(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, italic, code, label, to] = match;
    const key = match.index;
    parts.push(text.slice(from, key));
    from = key + whole.length;
    if (bold !== undefined) parts.push(<b key={key}>{inline(bold)}</b>);
    else if (italic !== undefined) parts.push(<em key={key}>{inline(italic)}</em>);
    else if (code !== undefined) parts.push(<code key={key}>{code}</code>);
    else if (SAFE.test(to!))
      parts.push(
        <a key={key} href={to} {...(to!.startsWith('/') ? {} : { target: '_blank', rel: 'noreferrer noopener' })}>
          {label}
        </a>,
      );
    else parts.push(whole);
  }
  parts.push(text.slice(from));
  return parts;
}
