/** Every page has an address, and what is chosen on it stands in the address, too. Pages are loaded when they are gone to. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  redirect,
  type SearchSchemaInput,
} from "@tanstack/react-router";
import { ApiProblem, call, configQuery, connection, http, meQuery, part, queryClient } from "@/data";
import { MissingPage, PageBroke, PageComing } from "./pages";
import { Shell } from "./shell";

/** What may stand behind the `?` of a page: short texts. Anything else is left out. */
function texts<const Names extends readonly string[]>(...names: Names) {
  return (given: Record<string, unknown> & SearchSchemaInput): { [Name in Names[number]]?: string } => {
    const found: Record<string, string> = {};
    for (const name of names) {
      const value = given[name];
      if (typeof value === "string" && value !== "" && value.length <= 200) found[name] = value;
      else if (typeof value === "number") found[name] = String(value);
    }
    return found as { [Name in Names[number]]?: string };
  };
}

const root = createRootRoute({
  component: Shell,
  notFoundComponent: MissingPage,
  errorComponent: PageBroke,
  pendingComponent: PageComing,
  beforeLoad: async () => {
    const [, me] = await Promise.all([
      queryClient.ensureQueryData(configQuery),
      queryClient.ensureQueryData(meQuery),
    ]);
    // Before anything is followed: else the connection would be opened, and at once again as somebody else.
    connection.identify(Boolean(me));
  },
});

const lobby = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: texts("q", "show"),
  component: lazyRouteComponent(() => part(() => import("@/features/lobby/lobby-page")), "LobbyPage"),
});

const market = createRoute({
  getParentRoute: () => root,
  path: "/markets/$market",
  validateSearch: texts("runner", "view"),
  component: lazyRouteComponent(() => part(() => import("@/features/market/market-page")), "MarketPage"),
});

/** An order has no page of its own: it stands on its market's. */
const order = createRoute({
  getParentRoute: () => root,
  path: "/orders/$order",
  beforeLoad: async ({ params }) => {
    const found = await call(
      http.GET("/v1/exchange/orders/{id}", { params: { path: { id: params.order } } }),
    ).catch((error: unknown) => {
      throw error instanceof ApiProblem && error.status === 404 ? notFound() : error;
    });
    throw redirect({
      to: "/markets/$market",
      params: { market: found.market_id },
      search: { runner: found.runner_id },
      replace: true,
    });
  },
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: texts("to"),
  component: lazyRouteComponent(() => part(() => import("@/features/entrance/login-page")), "LoginPage"),
});

const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  validateSearch: texts("to"),
  component: lazyRouteComponent(
    () => part(() => import("@/features/entrance/register-page")),
    "RegisterPage",
  ),
});

const sports = createRoute({
  getParentRoute: () => root,
  path: "/sports",
  validateSearch: texts("sport", "q"),
  component: lazyRouteComponent(() => part(() => import("@/features/sportsbook/sports-page")), "SportsPage"),
});

const sportsEvent = createRoute({
  getParentRoute: () => root,
  path: "/sports/$event",
  component: lazyRouteComponent(() => part(() => import("@/features/sportsbook/event-page")), "EventPage"),
});

const bets = createRoute({
  getParentRoute: () => root,
  path: "/bets",
  validateSearch: texts("status", "bet"),
  component: lazyRouteComponent(() => part(() => import("@/features/sportsbook/bets-page")), "BetsPage"),
});

const pools = createRoute({
  getParentRoute: () => root,
  path: "/pools",
  component: lazyRouteComponent(() => part(() => import("@/features/pools/pools-page")), "PoolsPage"),
});

const pool = createRoute({
  getParentRoute: () => root,
  path: "/pools/$pool",
  component: lazyRouteComponent(() => part(() => import("@/features/pools/pool-page")), "PoolPage"),
});

const round = createRoute({
  getParentRoute: () => root,
  path: "/pools/$pool/$code",
  component: lazyRouteComponent(() => part(() => import("@/features/pools/round-page")), "RoundPage"),
});

/** A bet in a pool has no page of its own: it stands on its round's. */
const poolBet = createRoute({
  getParentRoute: () => root,
  path: "/pool-bets/$bet",
  beforeLoad: async ({ params }) => {
    const found = await call(http.GET("/v1/pools/bets/{id}", { params: { path: { id: params.bet } } })).catch(
      (error: unknown) => {
        throw error instanceof ApiProblem && error.status === 404 ? notFound() : error;
      },
    );
    throw redirect({
      to: "/pools/$pool/$code",
      params: { pool: found.pool, code: found.round },
      replace: true,
    });
  },
});

const wallet = createRoute({
  getParentRoute: () => root,
  path: "/wallet",
  validateSearch: texts("currency", "view", "kind", "from", "to", "at"),
  component: lazyRouteComponent(() => part(() => import("@/features/wallet/wallet-page")), "WalletPage"),
});

const challenges = createRoute({
  getParentRoute: () => root,
  path: "/challenges",
  validateSearch: texts("status", "q", "market", "runner"),
  component: lazyRouteComponent(
    () => part(() => import("@/features/challenges/challenges-page")),
    "ChallengesPage",
  ),
});

const challenge = createRoute({
  getParentRoute: () => root,
  path: "/c/$token",
  component: lazyRouteComponent(
    () => part(() => import("@/features/challenges/challenge-page")),
    "ChallengePage",
  ),
});

const leaders = createRoute({
  getParentRoute: () => root,
  path: "/leaders",
  validateSearch: texts("period", "metric", "product", "currency"),
  component: lazyRouteComponent(() => part(() => import("@/features/social/leaders-page")), "LeadersPage"),
});

const person = createRoute({
  getParentRoute: () => root,
  path: "/people/$username",
  validateSearch: texts("period", "product", "currency"),
  component: lazyRouteComponent(() => part(() => import("@/features/social/profile-page")), "ProfilePage"),
});

const following = createRoute({
  getParentRoute: () => root,
  path: "/following",
  component: lazyRouteComponent(
    () => part(() => import("@/features/social/following-page")),
    "FollowingPage",
  ),
});

const follow = createRoute({
  getParentRoute: () => root,
  path: "/following/$follow",
  component: lazyRouteComponent(() => part(() => import("@/features/social/follow-page")), "FollowPage"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  validateSearch: texts("view"),
  component: lazyRouteComponent(() => part(() => import("@/features/account/account-page")), "AccountPage"),
});

const notifications = createRoute({
  getParentRoute: () => root,
  path: "/notifications",
  component: lazyRouteComponent(
    () => part(() => import("@/features/account/notifications-page")),
    "NotificationsPage",
  ),
});

const operators = createRoute({
  getParentRoute: () => root,
  path: "/console",
  validateSearch: texts("view", "q", "status", "id", "at", "kind", "actor", "tag", "currency"),
  component: lazyRouteComponent(() => part(() => import("@/features/console/console-page")), "ConsolePage"),
});

const routeTree = root.addChildren([
  lobby,
  market,
  order,
  login,
  register,
  sports,
  sportsEvent,
  bets,
  pools,
  pool,
  round,
  poolBet,
  wallet,
  challenges,
  challenge,
  leaders,
  person,
  following,
  follow,
  account,
  notifications,
  operators,
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPendingMs: 200,
  scrollRestoration: true,
  defaultErrorComponent: PageBroke,
  defaultPendingComponent: PageComing,
  defaultNotFoundComponent: MissingPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
