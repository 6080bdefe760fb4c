import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call, forgetWhoWeWere, http } from "@/data";
import { Button, Failed, Panel } from "@/ui";
import { localPath } from "./local-path";

/** In a demo one looks around as somebody who has money already, or as the operator. */
export function DemoEntrance({ to }: { to?: string | undefined }) {
  const navigate = useNavigate();
  const enter = useMutation({
    mutationFn: (as: "customer" | "operator") => call(http.POST("/v1/demo/enter", { body: { as } })),
    onSuccess: async (_, as) => {
      await forgetWhoWeWere();
      await navigate({ to: to ? localPath(to) : as === "operator" ? "/console" : "/" });
    },
  });
  return (
    <Panel title="Look around" className="mb-4">
      <p className="mb-3 text-sm text-ink-soft">
        This is a demo: nothing here is real money. Enter as somebody who is here already.
      </p>
      <div className="grid grid-cols-2 gap-2">
        <Button
          tone="primary"
          busy={enter.isPending && enter.variables === "customer"}
          onClick={() => enter.mutate("customer")}
        >
          As a customer
        </Button>
        <Button
          busy={enter.isPending && enter.variables === "operator"}
          onClick={() => enter.mutate("operator")}
        >
          As the operator
        </Button>
      </div>
      {enter.error && <Failed error={enter.error} />}
    </Panel>
  );
}
