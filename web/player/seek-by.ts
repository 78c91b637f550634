const STEP_SECONDS = 5;
const LEAP_SHARE = 0.1;

/** Where a key leads to; `undefined`: it is none of the player’s. https://www.w3.org/WAI/ARIA/apg/patterns/slider/ */
export function seekBy(key: string, position: number, duration: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: position - STEP_SECONDS,
    ArrowDown: position - STEP_SECONDS,
    ArrowRight: position + STEP_SECONDS,
    ArrowUp: position + STEP_SECONDS,
    PageDown: position - duration * LEAP_SHARE,
    PageUp: position + duration * LEAP_SHARE,
    Home: 0,
    End: duration,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.min(duration, Math.max(0, target));
}
