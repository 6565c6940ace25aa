import { late } from '../../kit/late.tsx';
import { Stack } from '../../kit/layout.tsx';
import { EditingOf } from './editing.ts';
import { SurveyFrame } from './survey-frame.tsx';

const AskingEditor = late(() => import('./asking-editor.tsx').then((part) => part.AskingEditor));

/** Who is asked, where, when and how often. */
export function AskingPage() {
  return (
    <SurveyFrame part="asking">
      {({ draft, mayWrite }) => (
        <EditingOf
          value={{
            definition: draft.definition,
            change: mayWrite ? draft.change : () => {},
            language: draft.definition.defaultLanguage,
            locked: !mayWrite,
          }}
        >
          <Stack>
            <AskingEditor />
          </Stack>
        </EditingOf>
      )}
    </SurveyFrame>
  );
}
