/** What stands around every page: where one can go, who one is, and whether what is shown is live. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { CircleUser, Gavel, LayoutGrid, LogOut, Swords, Timer, Trophy, Wallet } from "lucide-react";
import { Suspense, useEffect } from "react";
import {
  changePreferences,
  connection,
  DEMO_GUESTS,
  isOperator,
  meQuery,
  useConfig,
  useConnectionState,
  useEnterDemo,
  useLogOut,
  useMe,
  useOwnAccountFollowed,
  usePreferences,
} from "@/data";
import { Banner, Button, classes } from "@/ui";
import { PageComing } from "./pages";

const PLACES = [
  { to: "/", label: "Lobby", icon: LayoutGrid },
  { to: "/sports", label: "Sports", icon: Trophy },
  { to: "/pools", label: "Pools", icon: Timer },
  { to: "/challenges", label: "Challenges", icon: Swords },
  { to: "/wallet", label: "Wallet", icon: Wallet },
] as const;

export function Shell() {
  const me = useMe();
  useEffect(() => connection.identify(Boolean(me)), [me]);
  useOwnAccountFollowed();
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

function Notices() {
  const state = useConnectionState();
  const { demo } = useConfig();
  return (
    <div className="sticky top-0 z-30">
      {demo && <DemoBar />}
      {state === "lost" && (
        <Banner tone="warn" role="alert">
          The connection is lost. What you see may be old; it is being opened again.
        </Banner>
      )}
    </div>
  );
}

/** One click and one is somebody else: what one operator proposes, the second one can approve. */
function DemoBar() {
  const navigate = useNavigate();
  const enter = useEnterDemo();
  return (
    <Banner tone="demo">
      <span>Demo: play money only.</span>
      <span className="flex flex-wrap items-center justify-center gap-x-3">
        <span aria-hidden="true">Enter as</span>
        {DEMO_GUESTS.map(({ as, label, home }) => (
          <button
            key={as}
            type="button"
            className="target underline"
            aria-label={`Enter as ${label.toLowerCase()}`}
            aria-busy={enter.isPending && enter.variables === as}
            disabled={enter.isPending}
            onClick={() => enter.mutate(as, { onSuccess: () => void navigate({ to: home }) })}
          >
            {label}
          </button>
        ))}
      </span>
      {enter.error && <span role="alert">{enter.error.message}</span>}
    </Banner>
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

function ThemeButton() {
  const { theme } = usePreferences();
  const next = theme === "system" ? "dark" : theme === "dark" ? "light" : "system";
  return (
    <Button
      tone="quiet"
      size="small"
      onClick={() => changePreferences({ theme: next })}
      aria-label={`Theme: ${theme}. Change it to ${next}`}
    >
      {{ system: "Auto", dark: "Dark", light: "Light" }[theme]}
    </Button>
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
        <Link to="/login" className="rounded-md px-3 py-1.5 text-sm text-ink-soft hover:bg-sunken">
          Log in
        </Link>
        <Link to="/register" className="rounded-md bg-accent px-3 py-1.5 text-sm font-medium text-on-accent">
          Join
        </Link>
      </>
    );
  }
  const leave = () => logOut.mutate(undefined, { onSettled: () => void navigate({ to: "/" }) });
  return (
    <>
      {isOperator(me) && (
        <Link
          to="/console"
          className="flex items-center gap-1.5 rounded-md px-2 py-1.5 text-sm text-ink-soft hover:bg-sunken"
        >
          <Gavel size={16} aria-hidden="true" />
          <span className="max-sm:sr-only">Console</span>
        </Link>
      )}
      <Link
        to="/account"
        className="flex min-w-0 items-center gap-1.5 rounded-md px-2 py-1.5 text-sm hover:bg-sunken"
      >
        <CircleUser size={16} aria-hidden="true" />
        <span className="max-w-32 truncate">{me.username ?? me.name}</span>
      </Link>
      <Button
        tone="quiet"
        size="small"
        onClick={leave}
        busy={logOut.isPending}
        aria-label="Log out"
        icon={<LogOut size={16} />}
      />
    </>
  );
}

/** On a phone the places are at the bottom, where a thumb reaches them. */
function Foot() {
  return (
    <nav
      aria-label="Products"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-5 border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PLACES.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={classes("flex h-14 flex-col items-center justify-center gap-0.5 text-2xs text-ink-soft")}
          activeProps={{ className: "text-accent! font-medium" }}
          activeOptions={{ exact: to === "/" }}
        >
          <Icon size={18} aria-hidden="true" />
          {label}
        </Link>
      ))}
    </nav>
  );
}
