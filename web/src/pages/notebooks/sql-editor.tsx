import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { StandardSQL, sql } from '@codemirror/lang-sql';
import { bracketMatching } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { codeLook, wrongLine } from '../../kit/code-look.ts';

function marked(position: number | null) {
  return EditorView.decorations.of((view) => {
    if (position === null || position > view.state.doc.length) return Decoration.none;
    return Decoration.set([wrongLine.range(view.state.doc.lineAt(position).from)]);
  });
}

/** Puts text where the caret stands in an editor. */
export type Insert = (text: string) => void;

/** An editor for SQL. Ctrl+Enter runs, Tab leaves it, as it does any field; the line of `wrong` is marked. */
export function SqlEditor({
  label,
  value,
  wrong,
  onChange,
  onRun,
  onFocus,
}: {
  label: string;
  value: string;
  wrong: number | null;
  onChange: (value: string) => void;
  onRun: () => void;
  onFocus: (insert: Insert) => void;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const mark = useRef(new Compartment());
  const told = useRef({ onChange, onRun, onFocus });
  told.current = { onChange, onRun, onFocus };
  const first = useRef(value);
  useEffect(() => {
    const run = () => {
      told.current.onRun();
      return true;
    };
    const editor = new EditorView({
      parent: holder.current!,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          sql({ dialect: StandardSQL }),
          codeLook('96px', '420px'),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.onChange(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({
            focus: (_, on) => {
              told.current.onFocus((text) => {
                on.dispatch(on.state.replaceSelection(text));
                on.focus();
              });
            },
          }),
          mark.current.of(marked(null)),
        ],
      }),
    });
    view.current = editor;
    editor.scrollDOM.tabIndex = -1;
    return () => editor.destroy();
  }, [label]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: mark.current.reconfigure(marked(wrong)) });
  }, [wrong]);
  return <div ref={holder} dir="ltr" />;
}
