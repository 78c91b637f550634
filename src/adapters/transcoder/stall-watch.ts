export interface StallWatch {
  /** Something has moved. */
  touch(): void;
  /** Not the watched one is waited for but somebody else, until `resume`. */
  pause(): void;
  resume(): void;
}

/** Calls `onStall` when nothing has moved for so long. Pausing it for good ends it. */
export function watchForStall(timeoutMs: number, onStall: () => void): StallWatch {
  let timer: NodeJS.Timeout | undefined = setTimeout(onStall, timeoutMs);
  return {
    touch: () => void timer?.refresh(),
    pause() {
      clearTimeout(timer);
      timer = undefined;
    },
    resume() {
      clearTimeout(timer);
      timer = setTimeout(onStall, timeoutMs);
    },
  };
}
