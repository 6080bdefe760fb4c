/** The cache of what was asked of the server. What the stream keeps up to date is not in here but in stores of its own. */
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "@/api/problem";

const ATTEMPTS = 3;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => error instanceof ApiProblem && error.isPassing && failures < ATTEMPTS,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
    },
    // What changes something is never sent again behind a person's back; its key makes pressing again safe.
    mutations: { retry: false },
  },
});
