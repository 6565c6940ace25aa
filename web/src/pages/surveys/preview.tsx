import {
  IconAppWindow,
  IconDeviceMobile,
  IconFileText,
  IconMail,
  IconMoon,
  IconRefresh,
  IconSun,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { formatLocaleName } from '../../format.ts';
import { IconButton } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Definition } from './draft.ts';
import styles from './surveys.module.css';

const DEVICES = { popover: IconAppWindow, page: IconFileText, mail: IconMail, mobile: IconDeviceMobile } as const;
type Device = keyof typeof DEVICES;
/** While somebody types, what they see follows after so long. */
const WAIT_MS = 120;

/**
 * The survey as customers will see it, drawn by the same code as in their pages, in a frame. It follows what is written; the
 * question that is edited is the one shown. Answers given in it are kept nowhere.
 */
export function Preview({
  definition,
  language,
  at,
  onSeen,
}: {
  definition: Definition;
  /** Of what is written; the preview can be in another. */
  language: string;
  /** What is edited: the preview goes there. */
  at: string;
  /** The question that the preview shows now. */
  onSeen: (questionId: string | null) => void;
}) {
  const t = useText();
  const url = useUrlState();
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(0);
  const said = url.get('device');
  const device: Device = said in DEVICES ? (said as Device) : 'popover';
  const dark = url.get('dark') === '1';
  const asked = url.get('shown');
  const shown = definition.languages.includes(asked) ? asked : language;
  const post = (message: object) => frame.current?.contentWindow?.postMessage(message, location.origin);

  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.origin !== location.origin || event.source !== frame.current?.contentWindow) return;
      const { type, questionId } = (event.data ?? {}) as { type?: unknown; questionId?: unknown };
      if (type === 'preview-ready') setReady((before) => before + 1);
      if (type === 'preview-question') onSeen(typeof questionId === 'string' ? questionId : null);
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [onSeen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: posted again whenever the frame is ready anew.
  useEffect(() => {
    if (ready === 0) return;
    const timer = setTimeout(
      () => post({ type: 'preview', definition, theme: definition.theme, language: shown, device, dark }),
      WAIT_MS,
    );
    return () => clearTimeout(timer);
  }, [definition, shown, device, dark, ready]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there once, when something else is opened.
  useEffect(() => {
    if (ready === 0 || !at) return;
    const timer = setTimeout(() => post({ type: 'preview-go', questionId: at }), WAIT_MS + 40);
    return () => clearTimeout(timer);
  }, [at, ready]);

  return (
    <section className={styles.preview} aria-label={t('surveyEdit.preview')}>
      <div className={styles.previewBar}>
        <div className={styles.devices}>
          {(Object.keys(DEVICES) as Device[]).map((one) => {
            const Icon = DEVICES[one];
            return (
              <IconButton
                key={one}
                small
                label={t(`surveyEdit.devices.${one}`)}
                pressed={device === one}
                onClick={() => url.set({ device: one === 'popover' ? null : one })}
              >
                <Icon size={17} />
              </IconButton>
            );
          })}
        </div>
        {definition.languages.length > 1 ? (
          <SelectField
            hideLabel
            label={t('surveyEdit.previewLanguage')}
            width={140}
            value={shown}
            choices={definition.languages.map((one) => ({ value: one, label: formatLocaleName(one) }))}
            onChange={(next) => url.set({ shown: next === language ? null : next })}
          />
        ) : null}
        <div className={styles.devices}>
          <IconButton
            small
            label={t('surveyEdit.previewDark')}
            pressed={dark}
            onClick={() => url.set({ dark: dark ? null : '1' })}
          >
            {dark ? <IconMoon size={17} /> : <IconSun size={17} />}
          </IconButton>
          <IconButton
            small
            label={t('surveyEdit.previewAgain')}
            onClick={() => frame.current?.contentWindow?.location.reload()}
          >
            <IconRefresh size={17} />
          </IconButton>
        </div>
      </div>
      <div className={styles.previewFrame} data-device={device} data-dark={dark || undefined}>
        <iframe ref={frame} src="/s/preview" title={t('surveyEdit.preview')} />
      </div>
      <p className={styles.dim}>{t('surveyEdit.previewHint')}</p>
    </section>
  );
}
