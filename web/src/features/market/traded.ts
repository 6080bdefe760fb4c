/** How much was traded at each price of a runner. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { oddsOf } from "@/core";
import { call, http } from "@/data";

export function useTraded(market: string, runner: string): ReadonlyMap<number, string> {
  const { data } = useQuery({
    queryKey: ["traded", market],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/markets/{id}/traded", { params: { path: { id: market } }, signal })),
    refetchInterval: 5_000,
  });
  return useMemo(() => {
    const prices = data?.items.find((each) => each.runner_id === runner)?.prices ?? [];
    return new Map(prices.map((each) => [oddsOf(each.odds), each.size]));
  }, [data, runner]);
}
