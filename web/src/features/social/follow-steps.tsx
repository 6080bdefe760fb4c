/** What one can do with a follow: change its limits, pause it, go on, stop. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Limits, typedLimits } from "@/core";
import { call, http, useCommand } from "@/data";
import { Button, Dialog, Failed, tell, useOddsFormat } from "@/ui";
import { FollowForm } from "./follow-form";
import type { Follow } from "./following";

type Open = "limits" | "stop" | undefined;

export function FollowSteps({ follow }: { follow: Follow }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>();
  const [isOver, step] = [
    follow.status === "ended",
    follow.status === "paused" ? "resume" : "pause",
  ] as const;
  const moving = useCommand({
    send: (wanted: "pause" | "resume", key) =>
      call(
        http.POST(`/v1/follows/{id}/${wanted}`, {
          params: { path: { id: follow.id }, header: { "Idempotency-Key": key } },
        }),
      ),
    done: (_, wanted) => {
      tell(
        wanted === "pause"
          ? `Nothing of ${follow.leader} is copied for now`
          : `Copying ${follow.leader} again`,
      );
      void queries.invalidateQueries({ queryKey: ["follows"] });
    },
    failed: (problem) => tell("That did not work", problem.message, "bad"),
  });
  if (isOver) return null;
  return (
    <>
      <Button onClick={() => setOpen("limits")}>Change limits</Button>
      <Button busy={moving.isPending} onClick={() => moving.send(step)}>
        {step === "pause" ? "Pause" : "Resume"}
      </Button>
      <Button tone="danger" onClick={() => setOpen("stop")}>
        Stop
      </Button>
      {open === "limits" && <LimitsDialog follow={follow} onClose={() => setOpen(undefined)} />}
      {open === "stop" && <StopDialog follow={follow} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function LimitsDialog({ follow, onClose }: { follow: Follow; onClose: () => void }) {
  const queries = useQueryClient();
  const format = useOddsFormat();
  const changing = useCommand({
    send: ({ products, markets, ...limits }: Limits, key) =>
      call(
        http.PATCH("/v1/follows/{id}", {
          params: { path: { id: follow.id }, header: { "Idempotency-Key": key } },
          body: { ...limits, products: [...products], markets: [...markets] },
        }),
      ),
    done: () => {
      tell("Your limits are changed", "They hold for what is copied from now on.");
      void queries.invalidateQueries({ queryKey: ["follows"] });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Limits of copying ${follow.leader}`}
      note="What was used of them stays used."
    >
      <FollowForm
        initial={typedLimits(follow, format)}
        currency={follow.currency}
        verb="Change limits"
        asking={changing}
      />
    </Dialog>
  );
}

function StopDialog({ follow, onClose }: { follow: Follow; onClose: () => void }) {
  const queries = useQueryClient();
  const stopping = useCommand({
    send: (id: string, key) =>
      call(http.DELETE("/v1/follows/{id}", { params: { path: { id }, header: { "Idempotency-Key": key } } })),
    done: () => {
      tell(`You no longer follow ${follow.leader}`);
      void queries.invalidateQueries({ queryKey: ["follows"] });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Stop copying ${follow.leader}?`}
      note="What was copied stays a bet of yours. To follow again you set limits anew."
    >
      {stopping.error && <Failed error={stopping.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Go on copying</Button>
        <Button tone="danger" busy={stopping.isPending} onClick={() => stopping.send(follow.id)}>
          Stop copying
        </Button>
      </div>
    </Dialog>
  );
}
