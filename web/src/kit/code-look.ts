import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { Decoration, EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.definitionKeyword, tags.controlKeyword, tags.operatorKeyword, tags.typeName],
    color: 'var(--code-name)',
  },
  { tag: [tags.string, tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--ink-dim)', fontStyle: 'italic' },
]);

/** How editors of code look: colours from tokens, and room between the given heights. */
export function codeLook(least: string, most: string): Extension {
  return [
    syntaxHighlighting(colours),
    EditorView.theme({
      '&': {
        backgroundColor: 'var(--code)',
        color: 'var(--ink)',
        border: '1px solid var(--line)',
        borderRadius: '8px',
        fontSize: '0.8125rem',
        minHeight: least,
        maxHeight: most,
      },
      '&.cm-focused': { outline: '2px solid var(--accent-ink)', outlineOffset: '1px' },
      '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflow: 'auto', minHeight: least },
      '.cm-content': { caretColor: 'var(--ink)', padding: '10px 0' },
      '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-faint)', border: 'none' },
      '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
      '.cm-cursor': { borderLeftColor: 'var(--ink)' },
      '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
        backgroundColor: 'var(--accent-soft) !important',
      },
      '.cm-wrong': { backgroundColor: 'var(--bad-soft)', boxShadow: 'inset 3px 0 0 var(--bad)' },
    }),
  ];
}

/** What marks the line at fault. */
export const wrongLine = Decoration.line({ class: 'cm-wrong' });
