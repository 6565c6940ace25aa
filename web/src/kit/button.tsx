import { ActionIcon, Button as MantineButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useText } from '../text.tsx';

type Look = 'main' | 'plain' | 'quiet' | 'danger';
const VARIANT = { main: 'filled', plain: 'default', quiet: 'subtle', danger: 'light' } as const;

type ButtonProps = {
  children: ReactNode;
  look?: Look;
  small?: boolean;
  icon?: ReactNode;
  busy?: boolean;
  disabled?: boolean;
  wide?: boolean;
  type?: 'button' | 'submit';
  onClick?: (event: MouseEvent) => void;
};

export function Button({ look = 'plain', small, icon, busy, wide, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <MantineButton
      variant={VARIANT[look]}
      {...(look === 'danger' ? { color: 'red', c: 'var(--bad)', bg: 'var(--bad-soft)' } : {})}
      {...(look === 'quiet' ? { c: 'var(--ink-dim)', color: 'gray' } : {})}
      size={small ? 'compact-sm' : 'sm'}
      fw={550}
      leftSection={icon}
      loading={busy ?? false}
      fullWidth={wide ?? false}
      type={type}
      {...rest}
    >
      {children}
    </MantineButton>
  );
}

export function LinkButton({
  to,
  look = 'plain',
  small,
  icon,
  children,
}: {
  to: string;
  look?: Look;
  small?: boolean;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <MantineButton
      component={Link}
      to={to}
      variant={VARIANT[look]}
      size={small ? 'compact-sm' : 'sm'}
      fw={550}
      leftSection={icon}
    >
      {children}
    </MantineButton>
  );
}

/** A button that is an icon: `label` is its name for screen readers and its tooltip. A menu may open from it. */
export function IconButton({
  label,
  children,
  onClick,
  pressed,
  small,
  ...rest
}: {
  label: string;
  children: ReactNode;
  onClick?: () => void;
  pressed?: boolean;
  small?: boolean;
}) {
  return (
    <ActionIcon
      {...rest}
      variant={pressed ? 'light' : 'subtle'}
      color={pressed ? 'iris' : 'gray'}
      c={pressed ? 'var(--accent-ink)' : 'var(--ink-dim)'}
      size={small ? 28 : 34}
      aria-label={label}
      aria-pressed={pressed}
      data-tip={label}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}

const COPIED_MS = 1_600;

export function CopyButton({
  value,
  label,
  text,
  small,
}: {
  value: string;
  label: string;
  text?: string;
  small?: boolean;
}) {
  const t = useText();
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    await copyText(value);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), COPIED_MS);
  };
  const icon = copied ? <IconCheck size={16} /> : <IconCopy size={16} />;
  return (
    <>
      {text ? (
        <Button small={small ?? false} icon={icon} onClick={copy}>
          {copied ? t('kit.copied') : text}
        </Button>
      ) : (
        <IconButton small label={copied ? t('kit.copied') : label} onClick={copy}>
          {icon}
        </IconButton>
      )}
      <span className="hidden-visually" role="status">
        {copied ? t('kit.copied') : ''}
      </span>
    </>
  );
}

/** Copies also where the page is not served by HTTPS and the clipboard's interface is therefore missing. */
export async function copyText(value: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    const area = document.createElement('textarea');
    area.value = value;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

/** Asks once more in its own place before it acts: the first click names what will happen, the second does it. */
export function ConfirmButton({
  children,
  question,
  confirm,
  icon,
  busy,
  onConfirm,
  small = true,
}: {
  children: ReactNode;
  question: string;
  confirm: string;
  icon?: ReactNode;
  busy?: boolean;
  onConfirm: () => void;
  small?: boolean;
}) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <Button small={small} icon={icon} busy={busy ?? false} onClick={() => setAsking(true)}>
        {children}
      </Button>
    );
  }
  return (
    <span role="alertdialog" aria-label={question} style={{ display: 'inline-flex', flexWrap: 'wrap', gap: 8 }}>
      <span style={{ flexBasis: '100%', color: 'var(--ink-dim)' }}>{question}</span>
      <Button
        look="danger"
        small={small}
        busy={busy ?? false}
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {confirm}
      </Button>
      <Button look="quiet" small={small} onClick={() => setAsking(false)}>
        {t('kit.cancel')}
      </Button>
    </span>
  );
}
