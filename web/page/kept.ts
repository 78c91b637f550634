/**
 * What the browser keeps for this page: tastes and marks, never a token. Where it keeps nothing
 * (private windows of some, a full store) the page works all the same.
 */
export const kept = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(`soundlift.${name}`);
    } catch {
      return null;
    }
  },
  set(name: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(`soundlift.${name}`);
      else localStorage.setItem(`soundlift.${name}`, value);
    } catch {
      // It is asked for again at the next visit.
    }
  },
};
