/** The lobby: what one can bet on now, everything live. What is searched for and what is shown stand in the address. */
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useDeferredValue } from "react";
import { useConfig, useMe } from "@/data";
import { Chips, PageHead, SearchBox } from "@/ui";
import { Challenges } from "./challenges";
import { Events } from "./events";
import { Favourites } from "./favourites";
import { Markets } from "./markets";
import { Rounds } from "./rounds";

const route = getRouteApi("/");

export function LobbyPage() {
  const { q = "", show = "all" } = route.useSearch();
  const navigate = route.useNavigate();
  const { features } = useConfig();
  const me = useMe();
  const words = useDeferredValue(q.trim());
  const change = useCallback(
    (changes: { q?: string; show?: string }) =>
      void navigate({
        search: (before) => {
          const { q: asked, show: shown } = { ...before, ...changes };
          return { ...(asked ? { q: asked } : {}), ...(shown && shown !== "all" ? { show: shown } : {}) };
        },
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const search = useCallback((asked: string) => change({ q: asked }), [change]);
  const kinds = [
    ["all", "Everything"],
    ...(me?.id ? [["favourites", "Favourites"] as const] : []),
    ["exchange", "Exchange"],
    ...(features.sportsbook ? [["sports", "Sportsbook"] as const] : []),
    ...(features.pools ? [["pools", "Pools"] as const] : []),
    ["challenges", "Challenges"],
  ] as const;
  const has = (kind: string) =>
    kinds.some(([key]) => key === kind) && (show === kind || show === "all" || !isKind(show));
  const isAlone = show !== "all" && isKind(show);
  const isWhole = { isAlone, words };
  return (
    <>
      <PageHead title="Lobby" note="What one can bet on now, as it changes" />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label="Search by any word" words={q} search={search} className="w-full max-w-md" />
        <Chips
          label="What to show"
          options={kinds}
          value={isKind(show) ? show : "all"}
          choose={(kind) => change({ show: kind })}
        />
      </div>
      <div className={isAlone ? "max-w-4xl" : "grid items-start gap-4 lg:grid-cols-2"}>
        <div className="flex min-w-0 flex-col gap-4">
          {has("favourites") && <Favourites isAlone={isAlone} />}
          {has("exchange") && <Markets {...isWhole} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          {has("sports") && <Events {...isWhole} />}
          {has("pools") && <Rounds {...isWhole} />}
          {has("challenges") && <Challenges {...isWhole} />}
        </div>
      </div>
    </>
  );
}

function isKind(show: string): boolean {
  return ["all", "favourites", "exchange", "sports", "pools", "challenges"].includes(show);
}
