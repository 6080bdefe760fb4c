import { DEMO_GUESTS, useEnterDemo, useOnward } from "@/data";
import { Button, Failed, Panel } from "@/ui";
import { localPath } from "./local-path";

/** In a demo one looks around as somebody who has money already, or as one of two operators. */
export function DemoEntrance({ to }: { to?: string | undefined }) {
  const onward = useOnward();
  const enter = useEnterDemo();
  return (
    <Panel title="Look around" className="mb-4">
      <p className="mb-3 text-sm text-ink-soft">
        This is a demo: nothing here is real money. Enter as somebody who is here already.
      </p>
      <div className="grid gap-2 sm:grid-cols-[1fr_1fr_auto]">
        {DEMO_GUESTS.map(({ as, label, home }) => (
          <Button
            key={as}
            tone={as === "customer" ? "primary" : "plain"}
            busy={enter.isPending && enter.variables === as}
            onClick={() => enter.mutate(as, { onSuccess: onward(() => ({ to: to ? localPath(to) : home })) })}
          >
            {label}
          </Button>
        ))}
      </div>
      {enter.error && <Failed error={enter.error} />}
    </Panel>
  );
}
