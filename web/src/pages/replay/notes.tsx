import { IconNote, IconTrash } from '@tabler/icons-react';
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { WordsField } from '../../kit/words-field.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { calls, type Note } from './calls.ts';
import { Lines } from './player/beside.tsx';
import { clock } from './player/marks.ts';
import type { Playback } from './player/player.tsx';

/** What colleagues wrote, each at its moment; a new one is written at the moment that is shown. */
export function Notes({
  recordingId,
  notes,
  playback,
}: {
  recordingId: string;
  notes: UseQueryResult<{ items: Note[] }>;
  playback: Playback;
}) {
  const t = useText();
  const mayWrite = useMay('replay.write');
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [at, setAt] = useState<number | null>(null);
  const key = ['recording', recordingId, 'notes'];
  const add = useMutation({
    mutationFn: () => calls.addNote(recordingId, { atMs: Math.round(at ?? playback.at), text: text.trim() }),
    onSuccess: () => {
      setText('');
      setAt(null);
      return queries.invalidateQueries({ queryKey: key });
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => calls.removeNote(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  const error = notes.error ?? add.error ?? remove.error;
  return (
    <Stack gap={10}>
      {error ? <Refusal title={t('replay.noteFailed')} error={error} /> : null}
      {mayWrite ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) add.mutate();
          }}
        >
          <Stack gap={8}>
            <WordsField
              label={t('replay.noteAt', { at: clock((at ?? playback.at) - playback.span.from) })}
              value={text}
              rows={2}
              onChange={(value) => {
                // The note is of the moment at which its writer began.
                if (!text) {
                  setAt(playback.at);
                  playback.pause();
                }
                setText(value);
              }}
            />
            <div>
              <Button small type="submit" icon={<IconNote size={16} />} busy={add.isPending} disabled={!text.trim()}>
                {t('replay.addNote')}
              </Button>
            </div>
          </Stack>
        </form>
      ) : null}
      <Lines
        playback={playback}
        label={t('replay.notes')}
        none={t('replay.noNotes')}
        lines={(notes.data?.items ?? []).map((note) => ({
          id: note.id,
          at: note.atMs,
          icon: IconNote,
          words: (
            <>
              <bdi style={{ whiteSpace: 'pre-wrap' }}>{note.text}</bdi>
              <small>
                <bdi>{note.ownerName}</bdi>
              </small>
            </>
          ),
          tools:
            note.mine && mayWrite ? (
              <IconButton small label={t('replay.removeNote')} onClick={() => remove.mutate(note.id)}>
                <IconTrash size={15} />
              </IconButton>
            ) : null,
        }))}
      />
    </Stack>
  );
}
