import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--code-name)' },
  { tag: [tags.string, tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--ink-dim)', fontStyle: 'italic' },
]);

const look = EditorView.theme({
  '&': {
    backgroundColor: 'var(--code)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    fontSize: '0.8125rem',
    minHeight: '280px',
    maxHeight: '560px',
  },
  '&.cm-focused': { outline: '2px solid var(--accent-ink)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflow: 'auto', minHeight: '280px' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '10px 0' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-faint)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--accent-soft) !important' },
  '.cm-wrong': { backgroundColor: 'var(--bad-soft)', boxShadow: 'inset 3px 0 0 var(--bad)' },
});

const wrongLine = Decoration.line({ class: 'cm-wrong' });

function marked(line: number | null) {
  return EditorView.decorations.of((view) => {
    if (line === null || line < 1 || line > view.state.doc.lines) return Decoration.none;
    return Decoration.set([wrongLine.range(view.state.doc.line(line).from)]);
  });
}

/** An editor for JavaScript. Tab leaves it, as it does any field; `line` is marked as the one that failed. */
export function CodeEditor({
  label,
  value,
  line,
  readOnly,
  onChange,
}: {
  label: string;
  value: string;
  line: number | null;
  readOnly: boolean;
  onChange: (value: string) => void;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const mark = useRef(new Compartment());
  const told = useRef(onChange);
  told.current = onChange;
  const first = useRef(value);
  useEffect(() => {
    const editor = new EditorView({
      parent: holder.current!,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          javascript(),
          syntaxHighlighting(colours),
          look,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current(update.state.doc.toString());
          }),
          mark.current.of(marked(null)),
        ],
      }),
    });
    view.current = editor;
    editor.scrollDOM.tabIndex = -1;
    return () => editor.destroy();
  }, [label, readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: mark.current.reconfigure(marked(line)) });
  }, [line]);
  return <div ref={holder} dir="ltr" />;
}
