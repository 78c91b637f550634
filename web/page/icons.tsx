import type { ComponentChildren } from 'preact';

/** What stands beside it, or its button's label, says what it means. */
function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const PlayIcon = () => (
  <Icon>
    <path d="M8 5.5v13a.6.6 0 0 0 .9.5l10.4-6.5a.6.6 0 0 0 0-1L8.9 5a.6.6 0 0 0-.9.5z" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <rect x="6.5" y="5" width="4" height="14" rx="1" />
    <rect x="13.5" y="5" width="4" height="14" rx="1" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path class="stroke" d="m6.5 6.5 11 11m0-11-11 11" />
  </Icon>
);
export const RetryIcon = () => (
  <Icon>
    <path class="stroke" d="M19 12a7 7 0 1 1-2.2-5.1M19.5 4v4h-4" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path class="stroke" d="M12 4.5v10m-4.5-4L12 15l4.5-4.5M5 19.5h14" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path
      class="stroke"
      d="M12 3v2m0 14v2m9-9h-2M5 12H3m15.4-6.4L17 7M7 17l-1.4 1.4m12.8 0L17 17M7 7 5.6 5.6"
    />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M19.6 14.6A8 8 0 0 1 9.4 4.4a8 8 0 1 0 10.2 10.2z" />
  </Icon>
);
/** Frames that become bars: what the service does. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 24" aria-hidden="true" focusable="false">
    <rect class="mark-frame" x="0" y="9" width="6" height="6" rx="1.5" />
    <rect class="mark-frame" x="8.5" y="9" width="6" height="6" rx="1.5" />
    <rect class="mark-bar" x="17" y="5" width="3.5" height="14" rx="1.75" />
    <rect class="mark-bar" x="22.5" y="1" width="3.5" height="22" rx="1.75" />
    <rect class="mark-bar" x="28" y="7" width="3.5" height="10" rx="1.75" />
  </svg>
);
