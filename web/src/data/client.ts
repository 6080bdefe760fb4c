/** The cache of what was asked of the server. What the stream keeps up to date is not in here but in stores of its own. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "@/api/problem";

const ATTEMPTS = 3;

/** Under which the cache has who one is. */
export const ME = ["me"] as const;

/** A session can end elsewhere: whoever is refused for that is asked anew who they are, and the pages follow. */
function onError(error: Error): void {
  const isEnded = error instanceof ApiProblem && error.status === 401;
  if (isEnded && queryClient.getQueryData(ME)) void queryClient.invalidateQueries({ queryKey: ME });
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // A browser that calls itself offline is asked all the same: a page says that nothing can be reached, and does not
      // load for ever. What was not reached is asked for anew when there is a network again.
      networkMode: "always",
      refetchOnReconnect: true,
      staleTime: 5_000,
      retry: (failures, error) => error instanceof ApiProblem && error.isPassing && failures < ATTEMPTS,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
    },
    // What changes something is never sent again behind a person's back; its key makes pressing again safe.
    // Nor does it wait for a network and go out when nobody expects it any more.
    mutations: { networkMode: "always", retry: false },
  },
});
