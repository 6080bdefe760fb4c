/** Rounds that are under way, and what an operator does with them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call, http, newKey, type Schemas } from "@/data";
import { Badge, Button, Empty, Failed, Loading, Moment, Money, Panel, Table, tell } from "@/ui";
import { type Deed, DeedDialog } from "./deed-dialog";

type Round = Schemas["Round"];

export function RoundsView() {
  const [deed, setDeed] = useState<Deed>();
  const rounds = useQuery({
    queryKey: ["console-rounds"],
    queryFn: ({ signal }) => call(http.GET("/v1/pools/rounds", { params: { query: { limit: 50 } }, signal })),
    refetchInterval: 3_000,
  });
  const path = (round: Round) => ({ pool: round.pool, code: round.code });
  const settle = (round: Round, result: "up" | "down"): Deed => {
    const body = { result, against_sources: "an operator's word from the console" };
    return {
      what: "settle_round",
      id: `${round.pool}/${round.code}`,
      body,
      title: `Settle round ${round.code}: ${result}`,
      act: (key) =>
        call(
          http.POST("/v1/pools/{pool}/rounds/{code}/settle", {
            params: { path: path(round), header: { "Idempotency-Key": key } },
            body,
          }),
        ),
    };
  };
  const voiding = (round: Round): Deed => {
    const body = { reason: "void by an operator" };
    return {
      what: "void_round",
      id: `${round.pool}/${round.code}`,
      body,
      title: `Void round ${round.code}`,
      act: (key) =>
        call(
          http.POST("/v1/pools/{pool}/rounds/{code}/void", {
            params: { path: path(round), header: { "Idempotency-Key": key } },
            body,
          }),
        ),
    };
  };
  return (
    <Panel title="Rounds" flush>
      {rounds.isPending ? (
        <Loading rows={4} />
      ) : rounds.error ? (
        <Failed error={rounds.error} retry={() => void rounds.refetch()} />
      ) : rounds.data.items.length === 0 ? (
        <Empty title="No rounds" />
      ) : (
        <Table
          label="Rounds"
          rows={rounds.data.items}
          rowKey={(round) => `${round.pool} ${round.code}`}
          columns={[
            {
              key: "round",
              head: "Round",
              cell: (round) => (
                <Link to="/pools/$pool/$code" params={path(round)} className="text-accent underline">
                  {round.pool} {round.code}
                </Link>
              ),
            },
            {
              key: "status",
              head: "Status",
              cell: (round) => (
                <Badge
                  tone={round.status === "open" ? "good" : round.status === "locked" ? "warn" : "neutral"}
                >
                  {round.status}
                </Badge>
              ),
            },
            {
              key: "up",
              head: "Up",
              isNumber: true,
              isExtra: true,
              cell: (round) => <Money amount={round.sides.up.staked} />,
            },
            {
              key: "down",
              head: "Down",
              isNumber: true,
              isExtra: true,
              cell: (round) => <Money amount={round.sides.down.staked} />,
            },
            {
              key: "settles",
              head: "Result from",
              isExtra: true,
              cell: (round) => <Moment at={round.settles_at} />,
            },
            {
              key: "do",
              head: <span className="sr-only">What to do</span>,
              isNumber: true,
              cell: (round) => (
                <span className="inline-flex flex-wrap justify-end gap-1">
                  {round.status === "open" && <Lock round={round} />}
                  {round.status === "locked" && (
                    <>
                      <Button size="small" onClick={() => setDeed(settle(round, "up"))}>
                        Up
                      </Button>
                      <Button size="small" onClick={() => setDeed(settle(round, "down"))}>
                        Down
                      </Button>
                    </>
                  )}
                  {(round.status === "open" || round.status === "locked") && (
                    <Button size="small" tone="danger" onClick={() => setDeed(voiding(round))}>
                      Void
                    </Button>
                  )}
                </span>
              ),
            },
          ]}
        />
      )}
      {deed && <DeedDialog deed={deed} onClose={() => setDeed(undefined)} />}
    </Panel>
  );
}

function Lock({ round }: { round: Round }) {
  const queries = useQueryClient();
  const lock = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/pools/{pool}/rounds/{code}/lock", {
          params: { path: { pool: round.pool, code: round.code }, header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["console-rounds"] }),
    onError: (error) => tell("Not locked", error.message, "bad"),
  });
  return (
    <Button size="small" busy={lock.isPending} onClick={() => lock.mutate()}>
      Lock
    </Button>
  );
}
