/** What the window is like, for what cannot be said in a style sheet. */
import { useCallback, useSyncExternalStore } from "react";

const besideSlip = matchMedia("(min-width: 1120px)");
const desk = matchMedia("(min-width: 820px)");

/** Whether there is room for a slip beside the page; where there is none, the sheet it stands in has its title. */
export function useIsWide(): boolean {
  return useMatches(besideSlip);
}

/** The height of a row in pixels, where it must be counted: as tables have it, and what a finger needs on a phone. */
export function useRowPx(): number {
  return useMatches(desk) ? 28 : 44;
}

function useMatches(query: MediaQueryList): boolean {
  const listen = useCallback(
    (changed: () => void) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(listen, () => query.matches);
}
