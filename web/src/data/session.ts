/** Who one is. The session is an HttpOnly cookie: this page cannot read it, and asks the server. */
import { queryOptions, useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { call, http, newKey, type Schemas } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { ME, queryClient } from "./client";

export type Me = Schemas["Me"];

export const meQuery = queryOptions({
  queryKey: ME,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return (await call(http.GET("/v1/auth/session", { signal }))).me;
    } catch (error) {
      // The session has just ended.
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** Return who one is, `null` for a visitor; `undefined` while that is asked. */
export function useMe(): Me | null | undefined {
  return useQuery(meQuery).data;
}

/** Return who one is, on pages that only people who are logged in get to. */
export function useOwnAccount(): Me {
  const { data } = useSuspenseQuery(meQuery);
  if (!data) throw new ApiProblem(401, "not_authenticated", "Log in to see this.");
  return data;
}

export function isOperator(me: Me | null | undefined): boolean {
  return me?.role === "operator" || me?.role === "admin";
}

export interface Credentials {
  readonly login: string;
  readonly password: string;
  readonly code?: string;
}

export function useLogIn() {
  return useMutation({
    mutationFn: (body: Credentials) =>
      call(http.POST("/v1/auth/login", { body: { ...body, cookie: true, end_oldest: true } })),
    onSuccess: forgetWhoWeWere,
  });
}

export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export function useRegister() {
  return useMutation({
    mutationFn: ({ key, ...body }: Registration & { key: string }) =>
      call(
        http.POST("/v1/auth/register", {
          params: { header: { "Idempotency-Key": key } },
          body: { ...body, cookie: true },
        }),
      ),
    onSuccess: forgetWhoWeWere,
  });
}

export function useLogOut() {
  return useMutation({
    mutationFn: () => call(http.POST("/v1/auth/logout")),
    onSettled: forgetWhoWeWere,
  });
}

/** As whom one looks around in a demo, and where one begins. The second operator approves what the first one proposes. */
export const DEMO_GUESTS = [
  { as: "customer", label: "Customer", home: "/" },
  { as: "operator", label: "Operator", home: "/console" },
  { as: "second_operator", label: "Second operator", home: "/console" },
] as const;

type DemoGuest = (typeof DEMO_GUESTS)[number]["as"];

export function useEnterDemo() {
  return useMutation({
    mutationFn: (as: DemoGuest) => call(http.POST("/v1/demo/enter", { body: { as } })),
    onSuccess: forgetWhoWeWere,
  });
}

/** Whatever was asked as somebody else is asked anew. */
export async function forgetWhoWeWere(): Promise<void> {
  queryClient.removeQueries({
    predicate: (query) => query.queryKey[0] !== "config" && query.queryKey[0] !== "me",
  });
  await queryClient.invalidateQueries({ queryKey: ME });
}

export { newKey };
