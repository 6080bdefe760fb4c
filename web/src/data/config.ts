/** What the house says of itself to everybody: its currencies, whether it plays with money that is none, what it offers. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { call, http, type Schemas } from "@/api/client";
import { type Currency, noteServerTime } from "@/core";

export type Config = Schemas["Config"];

export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: async ({ signal }) => {
    const asked = Date.now();
    const config = await call(http.GET("/v1/config", { signal }));
    noteServerTime(config.at, asked, Date.now());
    return config;
  },
  staleTime: 60_000,
});

export function useConfig(): Config {
  return useSuspenseQuery(configQuery).data;
}

/** Return a currency with its digits; one that the house does not list has two. */
export function useCurrency(code: string): Currency {
  return useConfig().currencies.find((each) => each.code === code) ?? { code, scale: 2 };
}
