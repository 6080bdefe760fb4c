/** What one wants to find again: kept by the server. A star changes at once; if the server says no, it changes back. */
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { call, http, type Schemas } from "@/api/client";
import { queryClient } from "./client";
import { useMe } from "./session";

export type Favourite = Schemas["Favourite"];
export type FavouriteKind = Favourite["kind"];

const favouritesQuery = queryOptions({
  queryKey: ["favourites"],
  queryFn: async ({ signal }) => (await call(http.GET("/v1/me/favourites", { signal }))).items,
  staleTime: 60_000,
});

/** Ask for one's favourites, the latest first; visitors have none. */
export function useFavourites() {
  const me = useMe();
  return useQuery({ ...favouritesQuery, enabled: Boolean(me?.id) });
}

export interface Star {
  readonly isOn: boolean;
  readonly toggle: () => void;
}

/** Return whether something is a favourite, and how to change that; `undefined` for visitors. */
export function useFavourite(kind: FavouriteKind, id: string, title: string): Star | undefined {
  const me = useMe();
  const known = useFavourites().data;
  const isOn = known?.some((each) => each.kind === kind && each.id === id) ?? false;
  const change = useMutation({
    mutationFn: (on: boolean) => {
      const params = { path: { kind, id } };
      return on
        ? call(http.PUT("/v1/me/favourites/{kind}/{id}", { params }))
        : call(http.DELETE("/v1/me/favourites/{kind}/{id}", { params }));
    },
    onMutate: async (on) => {
      await queryClient.cancelQueries({ queryKey: favouritesQuery.queryKey });
      queryClient.setQueryData(favouritesQuery.queryKey, (before) => {
        const others = (before ?? []).filter((each) => each.kind !== kind || each.id !== id);
        return on ? [{ kind, id, title, within: null, since: new Date().toISOString() }, ...others] : others;
      });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: favouritesQuery.queryKey }),
  });
  return me?.id ? { isOn, toggle: () => change.mutate(!isOn) } : undefined;
}
