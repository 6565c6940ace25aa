import { encode } from 'uqr';
import { useText } from '../../text.tsx';
import styles from './account.module.css';

/** Modules of white around the code, which readers need. */
const QUIET = 4;

/** A text as a QR code, drawn here: the secret in it goes nowhere else. Dark on light in both colour schemes. */
export function QrCode({ text }: { text: string }) {
  const t = useText();
  const { data, size } = encode(text, { border: QUIET, ecc: 'M' });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg
      className={styles.qr}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={t('account.qr')}
      shapeRendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
