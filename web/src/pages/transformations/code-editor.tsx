import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { codeLook, wrongLine } from '../../kit/code-look.ts';

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
          codeLook('280px', '560px'),
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
