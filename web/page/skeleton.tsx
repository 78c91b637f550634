/** Where something is going to be. */
export function Skeleton({ label }: { readonly label: string }) {
  return (
    <div class="skeleton">
      <p class="only-heard">{label}</p>
      <div class="skeleton-zone" />
      <div class="skeleton-card" />
      <div class="skeleton-card" />
    </div>
  );
}
