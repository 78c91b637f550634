import { useEffect, useState } from 'preact/hooks';

/** Takes files that are dropped anywhere in the window, or pasted. @returns whether some are above it */
export function useWindowDrop(take: (files: readonly File[]) => void): boolean {
  const [isAbove, setAbove] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    // It is told for every element that is entered and left on the way.
    let depth = 0;
    const move = (event: DragEvent, by: number) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      depth = Math.max(0, depth + by);
      setAbove(depth > 0);
    };
    addEventListener('dragenter', (event) => move(event, 1), { signal });
    addEventListener('dragover', (event) => move(event, 0), { signal });
    addEventListener('dragleave', (event) => move(event, -1), { signal });
    addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event.dataTransfer)) return;
        move(event, -depth);
        take([...(event.dataTransfer?.files ?? [])]);
      },
      { signal },
    );
    addEventListener(
      'paste',
      ({ clipboardData }) => {
        if (hasFiles(clipboardData)) take([...(clipboardData?.files ?? [])]);
      },
      { signal },
    );
    return () => listening.abort();
  }, [take]);
  return isAbove;
}

function hasFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}
