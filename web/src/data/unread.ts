/** How much has happened to one that one has not read. */
import { useQuery } from "@tanstack/react-query";
import { call, http } from "@/api/client";
import { useMe } from "./session";

/** Return how many notifications are unread; 100 are that many or more. The account's stream says when to ask again. */
export function useUnread(): number {
  const me = useMe();
  const { data } = useQuery({
    queryKey: ["unread"],
    queryFn: async ({ signal }) =>
      (await call(http.GET("/v1/notifications", { params: { query: { unread: true, limit: 1 } }, signal })))
        .unread,
    enabled: Boolean(me?.id),
    refetchInterval: 30_000,
  });
  return data ?? 0;
}
