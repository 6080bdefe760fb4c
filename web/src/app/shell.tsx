/** What stands around every page: where one can go, who one is, and whether what is shown is live. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import {
  Bell as BellIcon,
  CircleUser,
  Ellipsis,
  Gavel,
  LayoutGrid,
  LogOut,
  Medal,
  Moon,
  Sun,
  SunMoon,
  Swords,
  Timer,
  Trophy,
  Wallet,
} from "lucide-react";
import { Suspense, useCallback, useEffect, useRef } from "react";
import { oddsOf, showOdds } from "@/core";
import {
  changePreferences,
  connection,
  isOperator,
  meQuery,
  useBalances,
  useConfig,
  useLaterMatches,
  useLogOut,
  useMe,
  useOwnAccountFollowed,
  usePreferences,
  usePreferencesOf,
  useUnread,
} from "@/data";
import { classes, IconButton, Money, tell, useOddsFormat } from "@/ui";
import { Notices } from "./notices";
import { PageComing } from "./pages";

const LOBBY = { to: "/", label: "Lobby", icon: LayoutGrid } as const;
const SPORTS = { to: "/sports", label: "Sports", icon: Trophy } as const;
const POOLS = { to: "/pools", label: "Pools", icon: Timer } as const;
const CHALLENGES = { to: "/challenges", label: "Challenges", icon: Swords } as const;
const LEADERS = { to: "/leaders", label: "Leaders", icon: Medal } as const;
const WALLET = { to: "/wallet", label: "Wallet", icon: Wallet } as const;

const PLACES = [LOBBY, SPORTS, POOLS, CHALLENGES, LEADERS, WALLET] as const;
/** On a phone five have room for a thumb: four places, and what leads to the others. */
const AT_FOOT = [LOBBY, SPORTS, POOLS, WALLET] as const;
const BEHIND_MORE = [CHALLENGES, LEADERS] as const;

export function Shell() {
  const me = useMe();
  useEffect(() => connection.identify(Boolean(me)), [me]);
  useOwnAccountFollowed();
  usePreferencesOf(me === undefined ? undefined : (me?.id ?? null));
  useMatchesTold();
  return (
    <>
      <a href="#page" className="sr-only focus:not-sr-only focus:fixed focus:z-70 focus:bg-raised focus:p-3">
        Go to the page
      </a>
      <Notices />
      <Head />
      <main id="page" className="mx-auto w-full max-w-[1600px] px-3 py-4 pb-24 md:px-5 md:pb-8">
        <Suspense fallback={<PageComing />}>
          <Outlet />
        </Suspense>
      </main>
      <Foot />
    </>
  );
}

/** Tell of what is matched of bets that waited, wherever one is. */
function useMatchesTold(): void {
  const format = useOddsFormat();
  useLaterMatches(
    useCallback(
      (match) =>
        tell(
          `Matched ${match.size} at ${showOdds(oddsOf(match.odds), format)}`,
          `Your ${match.side} waited.`,
        ),
      [format],
    ),
  );
}

function Head() {
  const { name } = useConfig();
  return (
    <header className="border-b border-line bg-raised">
      <div className="mx-auto flex h-13 max-w-[1600px] items-center gap-4 px-3 md:px-5">
        <Link to="/" className="flex items-center gap-2 text-md font-semibold">
          <img src="/favicon.svg" alt="" width={22} height={22} />
          {name}
        </Link>
        <nav aria-label="Products" className="hidden h-full items-stretch md:flex">
          {PLACES.map(({ to, label }) => (
            <Link
              key={to}
              to={to}
              className="flex items-center border-b-2 border-transparent px-3 text-sm text-ink-soft hover:text-ink"
              activeProps={{ className: "border-accent! text-ink! font-medium" }}
              activeOptions={{ exact: to === "/" }}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div className="ms-auto flex items-center gap-1.5">
          <ThemeButton />
          <Who />
        </div>
      </div>
    </header>
  );
}

const THEMES = { system: ["dark", SunMoon], dark: ["light", Moon], light: ["system", Sun] } as const;

function ThemeButton() {
  const { theme } = usePreferences();
  const [next, Icon] = THEMES[theme];
  return (
    <IconButton
      label={`Theme: ${theme}. Change it to ${next}`}
      className="max-sm:hidden"
      onClick={() => changePreferences({ theme: next })}
    >
      <Icon size={18} aria-hidden="true" />
    </IconButton>
  );
}

function Who() {
  const { data: me, isPending } = useQuery(meQuery);
  const logOut = useLogOut();
  const navigate = useNavigate();
  if (isPending) return null;
  if (!me) {
    return (
      <>
        <Link
          to="/login"
          className="flex min-h-11 items-center rounded-md px-3 text-sm text-ink-soft hover:bg-sunken md:min-h-9"
        >
          Log in
        </Link>
        <Link
          to="/register"
          className="flex min-h-11 items-center rounded-md bg-accent px-3 text-sm font-medium text-on-accent md:min-h-9"
        >
          Join
        </Link>
      </>
    );
  }
  const leave = () => logOut.mutate(undefined, { onSettled: () => void navigate({ to: "/" }) });
  return (
    <>
      {me.id && <Cash />}
      {me.id && <Bell />}
      {isOperator(me) && (
        <Link
          to="/console"
          className="flex min-h-11 min-w-11 items-center justify-center gap-1.5 rounded-md px-2 text-sm text-ink-soft hover:bg-sunken md:min-h-9"
        >
          <Gavel size={18} aria-hidden="true" />
          <span className="max-sm:sr-only">Console</span>
        </Link>
      )}
      <Link
        to="/account"
        aria-label={`Account of ${me.username ?? me.name}`}
        className="flex min-h-11 min-w-11 items-center justify-center gap-1.5 rounded-md px-2 text-sm hover:bg-sunken md:min-h-9"
      >
        <CircleUser size={18} aria-hidden="true" />
        <span className="max-w-32 truncate max-sm:hidden">{me.username ?? me.name}</span>
      </Link>
      <IconButton label="Log out" onClick={leave} busy={logOut.isPending} className="max-sm:hidden">
        <LogOut size={18} aria-hidden="true" />
      </IconButton>
    </>
  );
}

/** What one can bet now, in the currency that the house counts in; it leads to the wallet. */
function Cash() {
  const { currency } = useConfig();
  const balances = useBalances();
  const balance = balances.find((each) => each.currency === currency) ?? balances[0];
  if (!balance) return null;
  return (
    <Link
      to="/wallet"
      search={{ currency: balance.currency }}
      className="flex min-h-11 items-center rounded-md px-2 text-sm font-medium hover:bg-sunken md:min-h-9"
    >
      <span className="sr-only">You have </span>
      <Money amount={balance.cash} code={balance.currency} />
      <span className="sr-only">: go to the wallet</span>
    </Link>
  );
}

function Bell() {
  const unread = useUnread();
  const count = unread >= 100 ? "99+" : String(unread);
  return (
    <Link
      to="/notifications"
      aria-label={unread > 0 ? `What happened: ${count} unread` : "What happened"}
      title="What happened"
      className="relative grid size-11 place-items-center rounded-md text-ink-soft hover:bg-sunken md:size-9"
    >
      <BellIcon size={18} aria-hidden="true" />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="absolute end-0.5 top-0.5 min-w-4 rounded-full bg-danger px-1 text-center text-2xs leading-4 font-semibold text-raised"
        >
          {count}
        </span>
      )}
    </Link>
  );
}

const AT_FOOT_LOOK = "flex h-14 flex-col items-center justify-center gap-0.5 text-2xs";

/** On a phone the places are at the bottom, where a thumb reaches them. */
function Foot() {
  return (
    <nav
      aria-label="Products"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-5 border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {AT_FOOT.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={classes(AT_FOOT_LOOK, "text-ink-soft")}
          activeProps={{ className: "text-accent! font-medium" }}
          activeOptions={{ exact: to === "/" }}
        >
          <Icon size={18} aria-hidden="true" />
          {label}
        </Link>
      ))}
      <More />
    </nav>
  );
}

/** The places that have no room at the foot. The browser itself shows them, closes them, and moves the focus. */
function More() {
  const list = useRef<HTMLUListElement>(null);
  const isThere = useLocation({
    select: ({ pathname }) => BEHIND_MORE.some(({ to }) => pathname.startsWith(to)),
  });
  return (
    <>
      <button
        type="button"
        popoverTarget="more-places"
        className={classes(AT_FOOT_LOOK, isThere ? "font-medium text-accent" : "text-ink-soft")}
      >
        <Ellipsis size={18} aria-hidden="true" />
        More
      </button>
      <ul
        ref={list}
        id="more-places"
        popover="auto"
        className="inset-auto end-2 bottom-[calc(3.75rem+env(safe-area-inset-bottom))] m-0 min-w-44 rounded-lg border border-line bg-raised p-1 text-ink shadow-raised"
      >
        {BEHIND_MORE.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              onClick={() => list.current?.hidePopover()}
              className="flex min-h-11 items-center gap-3 rounded-md px-3 text-sm hover:bg-sunken"
              activeProps={{ className: "text-accent! font-medium" }}
            >
              <Icon size={18} aria-hidden="true" />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
