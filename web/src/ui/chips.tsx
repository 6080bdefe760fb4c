import { Button } from "./button";

/** One of several: pressed, it is chosen. For filters whose choice stands in the address. */
export function Chips({
  label,
  options,
  value,
  choose,
}: {
  label: string;
  options: readonly (readonly [key: string, text: string])[];
  value: string;
  choose: (key: string) => void;
}) {
  return (
    <fieldset className="flex max-w-full min-w-0 gap-1.5 overflow-x-auto p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map(([key, text]) => (
        <Button
          key={key}
          size="small"
          className="rounded-full! px-3"
          tone={key === value ? "primary" : "plain"}
          aria-pressed={key === value}
          onClick={() => choose(key)}
        >
          {text}
        </Button>
      ))}
    </fieldset>
  );
}
