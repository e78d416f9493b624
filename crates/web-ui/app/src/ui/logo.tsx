/** The kingfisher mark. Decorative: the name stands beside it. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d="M30.6 9.9 23.2 7.7v4.6z" fill="var(--text)" />
      <path
        d="M24.4 10.2C24.4 18.6 18.6 24.6 9.2 24.6H3.2C8 20.6 11.6 16 11.9 10.2a6.25 6.25 0 0 1 12.5 0Z"
        fill="var(--accent)"
      />
      <path
        d="M24.4 10.2C24.4 18.6 18.6 24.6 9.2 24.6 15.2 21.8 17.6 16.6 17.9 12.6 20.6 13.4 23 12.6 24.4 10.2Z"
        fill="var(--ember)"
      />
      <circle cx="20.2" cy="8.8" r="1.35" fill="var(--sunken)" />
      <path d="M2.5 28.4h27" stroke="var(--text)" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
