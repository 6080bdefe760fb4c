import { Star } from "lucide-react";
import { IconButton } from "./button";

/** Whether something is a favourite, and changing that. Filled or not, it also says so in words. */
export function StarButton({ name, isOn, toggle }: { name: string; isOn: boolean; toggle: () => void }) {
  return (
    <IconButton
      label={isOn ? `${name}: a favourite of yours. Take it out` : `Make ${name} a favourite`}
      aria-pressed={isOn}
      size="small"
      className={isOn ? "text-warn!" : "text-ink-faint!"}
      onClick={toggle}
    >
      <Star size={16} aria-hidden="true" fill={isOn ? "currentColor" : "none"} />
    </IconButton>
  );
}
