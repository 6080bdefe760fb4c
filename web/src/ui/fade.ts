import { useLayoutEffect, useRef } from "react";

/**
 * The tint of a value that has just changed, which fades in four steps of 100 ms.
 *
 * In a busy market something has always just changed. An animation of the browser would have the whole page drawn sixty
 * times a second for it, which takes half a core where no graphics processor helps. Here all that fades takes its step in
 * one frame, ten times a second at most, and the timer runs only while something fades. `tokens.css` has the tints.
 *
 * The steps are an attribute of the element and no state of React's: to fade renders nothing.
 */
const STEPS = 4;
const STEP_MS = 100;
const EARLY_MS = 20;

const left = new Map<HTMLElement, number>();
let timer: ReturnType<typeof setTimeout> | undefined;
let stepped = 0;

/** Tint an element and let the tint fade; anew, if it still fades. */
export function fade(element: HTMLElement): void {
  // A page that is drawn anyway now takes the step that would soon be drawn for itself.
  if (left.size > 0 && performance.now() - stepped >= STEP_MS - EARLY_MS) step();
  show(element, STEPS);
  timer ??= setTimeout(step, STEP_MS);
}

/** A ref for the element that fades whenever `value` is another one than before. The first value does not fade. */
export function useFade<Element extends HTMLElement>(
  value: string | number,
): React.RefObject<Element | null> {
  const element = useRef<Element>(null);
  const shown = useRef(value);
  useLayoutEffect(() => {
    if (shown.current === value) return;
    shown.current = value;
    if (element.current) fade(element.current);
  }, [value]);
  return element;
}

function step(): void {
  clearTimeout(timer);
  stepped = performance.now();
  for (const [element, steps] of left) show(element, steps - 1);
  timer = left.size > 0 ? setTimeout(step, STEP_MS + EARLY_MS) : undefined;
}

function show(element: HTMLElement, steps: number): void {
  if (steps > 0) {
    left.set(element, steps);
    element.setAttribute("data-fade", String(steps));
  } else {
    left.delete(element);
    element.removeAttribute("data-fade");
  }
}
