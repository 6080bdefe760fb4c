/** The bar of a house for play. One click and one is somebody else: what one operator proposes, the second one can approve. */
import { DEMO_GUESTS, useEnterDemo, useOnward } from "@/data";
import { Banner } from "@/ui";

export function DemoBar() {
  const onward = useOnward();
  const enter = useEnterDemo();
  return (
    <Banner tone="demo">
      <span>Demo: play money only.</span>
      <span className="flex flex-wrap items-center justify-center gap-x-3">
        <span aria-hidden="true">Enter as</span>
        {DEMO_GUESTS.map(({ as, label, home }) => (
          <button
            key={as}
            type="button"
            className="target underline"
            aria-label={`Enter as ${label.toLowerCase()}`}
            aria-busy={enter.isPending && enter.variables === as}
            disabled={enter.isPending}
            onClick={() => enter.mutate(as, { onSuccess: onward(() => ({ to: home })) })}
          >
            {label}
          </button>
        ))}
      </span>
      {enter.error && <span role="alert">{enter.error.message}</span>}
    </Banner>
  );
}
