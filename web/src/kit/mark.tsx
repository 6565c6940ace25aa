/** The product's mark: a line through two moments. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M4 21h6.5c5.5 0 5.5-10 11-10H28"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <circle cx="10.5" cy="21" r="3" fill="var(--on-accent)" />
      <circle cx="21.5" cy="11" r="3" fill="var(--on-accent)" />
    </svg>
  );
}
