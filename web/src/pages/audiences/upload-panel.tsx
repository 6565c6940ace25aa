import { IconFile, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, useRef, useState } from 'react';
import { formatBytes, formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { CodeField, SelectField, Switch } from '../../kit/field.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { type Audience, audiences } from './calls.ts';

/** The server takes no more. */
const BYTES_LIMIT = 10 * 1024 * 1024;
const KINDS = ['email', 'user_id', 'customer_id', 'phone', 'loyalty_card'] as const;
const NAMED = 'named';

/** Puts people on the list: a file, or what is pasted. */
export function UploadPanel({ audience, onClose }: { audience: Audience; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<{ name: string; content: string } | null>(null);
  const [pasted, setPasted] = useState('');
  const [kind, setKind] = useState<string>(NAMED);
  const [replace, setReplace] = useState(false);
  const [tooLarge, setTooLarge] = useState<number | null>(null);
  const content = file?.content ?? pasted;
  const upload = useMutation({
    mutationFn: () =>
      audiences.upload(audience.id, {
        format: /^\s*\[/.test(content) ? 'json' : 'csv',
        content,
        replace,
        ...(kind === NAMED ? {} : { kind }),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['audiences'] }),
  });
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.currentTarget.files?.[0];
    if (!chosen) return;
    setTooLarge(chosen.size > BYTES_LIMIT ? chosen.size : null);
    setFile(chosen.size > BYTES_LIMIT ? null : { name: chosen.name, content: await chosen.text() });
    upload.reset();
  };
  const done = upload.data;
  return (
    <SidePanel
      icon={<IconUpload size={20} aria-hidden />}
      title={t('audiences.uploadTitle')}
      sub={t('audiences.uploadHint')}
      onClose={onClose}
    >
      <div className={styles.form}>
        <div>
          <input
            ref={input}
            type="file"
            accept=".csv,.txt,.json,text/csv,application/json"
            hidden
            aria-label={t('audiences.chooseFile')}
            onChange={choose}
          />
          <Button icon={<IconFile size={16} />} onClick={() => input.current?.click()}>
            {file ? file.name : t('audiences.chooseFile')}
          </Button>
        </div>
        {tooLarge ? (
          <p role="alert" className={styles.hint}>
            {t('audiences.tooLarge', { size: formatBytes(tooLarge), limit: formatBytes(BYTES_LIMIT) })}
          </p>
        ) : null}
        {file ? null : (
          <CodeField
            label={t('audiences.paste')}
            placeholder={'email\nada@example.com'}
            value={pasted}
            rows={6}
            onChange={setPasted}
          />
        )}
        <SelectField
          label={t('audiences.listOf')}
          value={kind}
          choices={[
            { value: NAMED, label: t('audiences.namedColumns') },
            ...KINDS.map((one) => ({ value: one, label: t(`audiences.identifier.${one}`) })),
          ]}
          onChange={setKind}
        />
        <Switch
          label={t('audiences.replace')}
          hint={t('audiences.replaceHint')}
          checked={replace}
          onChange={setReplace}
        />
        {upload.error ? <Refusal title={t('audiences.uploadFailed')} error={upload.error} /> : null}
        {done ? (
          <p role="status" className={styles.hint}>
            {t('audiences.uploaded', { count: done.people, people: formatNumber(done.people) })}{' '}
            {done.unmatched > 0
              ? t('audiences.unmatched', {
                  count: done.unmatched,
                  lines: formatNumber(done.unmatched),
                  which: done.unmatchedLines.slice(0, 8).join(', '),
                })
              : ''}
          </p>
        ) : null}
        <div>
          <Button look="main" busy={upload.isPending} disabled={content.trim() === ''} onClick={() => upload.mutate()}>
            {t('audiences.upload')}
          </Button>
        </div>
      </div>
    </SidePanel>
  );
}
