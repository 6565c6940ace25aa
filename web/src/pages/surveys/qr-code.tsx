import { IconDownload } from '@tabler/icons-react';
import { encode } from 'uqr';
import { Button } from '../../kit/button.tsx';
import { saveFile } from '../../kit/chart/save-file.ts';
import { useText } from '../../text.tsx';
import styles from './surveys.module.css';

/** Modules of white around the code, which readers need. */
const QUIET = 4;

/** An address as a QR code to print: dark on light in both colour schemes, and as a file that stays sharp. */
export function QrCode({ text, name }: { text: string; name: string }) {
  const t = useText();
  const { data, size } = encode(text, { border: QUIET, ecc: 'M' });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  const save = () => {
    const style = getComputedStyle(document.documentElement);
    const [light, dark] = ['--qr-light', '--qr-dark'].map((token) => style.getPropertyValue(token).trim());
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="${light}" d="M0 0h${size}v${size}H0z"/><path fill="${dark}" d="${path}"/></svg>`;
    saveFile(new Blob([svg], { type: 'image/svg+xml' }), name, 'svg');
  };
  return (
    <div className={styles.qrRoom}>
      <svg
        className={styles.qr}
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={t('surveySend.qr')}
        shapeRendering="crispEdges"
      >
        <path d={path} />
      </svg>
      <Button small icon={<IconDownload size={15} />} onClick={save}>
        {t('surveySend.qrSave')}
      </Button>
    </div>
  );
}
