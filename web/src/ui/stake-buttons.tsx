import { Button } from "./button";

/** Stakes that one press fills in. */
export function StakeButtons({
  stakes,
  code,
  pick,
}: {
  stakes: readonly string[];
  code: string;
  pick: (stake: string) => void;
}) {
  return (
    <fieldset className="flex flex-wrap gap-1.5">
      <legend className="sr-only">Usual stakes</legend>
      {stakes.map((stake) => (
        <Button
          key={stake}
          size="small"
          aria-label={`Stake ${stake} ${code}`}
          className="min-w-11 tabular-nums"
          onClick={() => pick(stake)}
        >
          {stake}
        </Button>
      ))}
    </fieldset>
  );
}
