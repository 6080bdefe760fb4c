import { useEffect, useRef } from "react";

/**
 * A ref for a strip that scrolls sideways where there is little room: what `selector` finds in it stands in its middle, also
 * once the window has become narrower, or `key` says that another one is chosen. The page itself does not scroll.
 */
export function useShownIn<Strip extends HTMLElement>(
  selector: string,
  key: string,
): React.RefObject<Strip | null> {
  const strip = useRef<Strip>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when something else is to be shown.
  useEffect(() => {
    const list = strip.current;
    if (!list) return;
    const show = () => {
      const chosen = list.querySelector(selector)?.getBoundingClientRect();
      const room = list.getBoundingClientRect();
      if (chosen) list.scrollLeft += chosen.left + chosen.width / 2 - room.left - room.width / 2;
    };
    show();
    const watched = new ResizeObserver(show);
    watched.observe(list);
    return () => watched.disconnect();
  }, [selector, key]);
  return strip;
}
