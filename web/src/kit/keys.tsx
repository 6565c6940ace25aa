import styles from './keys.module.css';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Keys as they are pressed one after the other: `G P`, `mod K`. */
export function Keys({ of }: { of: string }) {
  return (
    <span className={styles.keys}>
      {of.split(' ').map((key) => (
        <kbd key={key}>{key === 'mod' ? (isMac ? '⌘' : 'Ctrl') : key}</kbd>
      ))}
    </span>
  );
}
