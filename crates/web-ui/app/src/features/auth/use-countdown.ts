import { useEffect, useState } from "react";

/** Seconds left until `from` seconds have passed since `key` changed. */
export function useCountdown(from: number, key: unknown): number {
  const [left, setLeft] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new failure starts the wait again.
  useEffect(() => {
    setLeft(from);
    if (from <= 0) return;
    const timer = window.setInterval(() => setLeft((n) => Math.max(0, n - 1)), 1_000);
    return () => window.clearInterval(timer);
  }, [from, key]);
  return left;
}
