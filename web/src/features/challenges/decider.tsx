/** Who says how a challenge ended: a person whom both trust, or a market of the exchange. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, http } from "@/data";
import { Asked, Field, SearchBox, Select } from "@/ui";

export interface Decider {
  readonly by: "person" | "market";
  readonly resolver: string;
  readonly market: string;
  readonly runner: string;
}

/** Return what the API is told of who decides; `undefined` while that is not said. */
export function decidedBy(decider: Decider) {
  if (decider.by === "person") {
    const resolver = decider.resolver.trim();
    return resolver ? { resolver } : undefined;
  }
  return decider.market && decider.runner
    ? { market_id: decider.market, runner_id: decider.runner }
    : undefined;
}

export function DeciderFields({
  decider,
  change,
  wrong,
}: {
  decider: Decider;
  change: (changes: Partial<Decider>) => void;
  wrong: (field: string) => string | undefined;
}) {
  return (
    <div className="flex flex-col gap-3">
      <Select
        label="Who decides"
        value={decider.by}
        onChange={(event) => change({ by: event.target.value as Decider["by"] })}
        options={[
          ["person", "A person whom both of you trust"],
          ["market", "A market of the exchange"],
        ]}
      />
      {decider.by === "person" ? (
        <Field
          label="Their username"
          value={decider.resolver}
          onChange={(event) => change({ resolver: event.target.value })}
          problem={wrong("resolver")}
          hint="Neither of the two of you. If they say nothing in time, both have their stakes back."
          autoComplete="off"
          required
        />
      ) : (
        <MarketFields decider={decider} change={change} wrong={wrong} />
      )}
    </div>
  );
}

function MarketFields({ decider, change, wrong }: Parameters<typeof DeciderFields>[0]) {
  const [words, setWords] = useState("");
  const open = useQuery({
    queryKey: ["markets", "open", words, "challenge"],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/markets", {
          params: { query: { status: "open", limit: 30, ...(words.trim() ? { q: words.trim() } : {}) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
  const chosen = useQuery({
    queryKey: ["market", decider.market],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/markets/{id}", { params: { path: { id: decider.market } }, signal })),
    enabled: decider.market !== "",
  });
  const listed = open.data?.items ?? [];
  const all =
    chosen.data && !listed.some((each) => each.id === decider.market) ? [chosen.data, ...listed] : listed;
  const runners = all.find((each) => each.id === decider.market)?.runners ?? [];
  return (
    <>
      <SearchBox label="Search for a market" words={words} search={setWords} className="w-full" />
      <Asked query={open} rows={2}>
        {() => (
          <div className="grid gap-3 sm:grid-cols-2">
            <Select
              label="Market"
              value={decider.market}
              onChange={(event) => change({ market: event.target.value, runner: "" })}
              problem={wrong("market_id")}
              options={[["", "Choose one"], ...all.map((each) => [each.id, each.name] as const)]}
            />
            <Select
              label="Which runner wins"
              value={decider.runner}
              onChange={(event) => change({ runner: event.target.value })}
              problem={wrong("runner_id")}
              disabled={runners.length === 0}
              options={[["", "Choose one"], ...runners.map((each) => [each.id, each.name] as const)]}
            />
          </div>
        )}
      </Asked>
    </>
  );
}
