/** One's account: how one gets in, where one is logged in, limits for oneself, and how one likes it. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useLogOut, useMe } from "@/data";
import { Button, Empty, PageHead, Tabs } from "@/ui";
import { ApiKeys } from "./api-keys";
import { LimitsTab } from "./limits-tab";
import { PreferencesTab } from "./preferences-tab";
import { ProfileTab } from "./profile-tab";
import { SecurityTab } from "./security-tab";
import { Sessions } from "./sessions";

const route = getRouteApi("/account");

export function AccountPage() {
  const me = useMe();
  const { view = "security" } = route.useSearch();
  const navigate = route.useNavigate();
  if (me === null) {
    return (
      <Empty
        isPage
        title="Log in to see your account"
        action={
          <Link to="/login" search={{ to: "/account" }} className="text-accent underline">
            Log in
          </Link>
        }
      />
    );
  }
  if (!me) return null;
  return (
    <>
      <PageHead
        title={me.username ?? me.name}
        actions={<LogOut />}
        note={[me.email, me.role === "customer" ? null : me.role].filter(Boolean).join(" · ")}
      />
      <Tabs
        value={view}
        onChange={(next) => void navigate({ search: { view: next }, replace: true })}
        tabs={[
          { key: "security", label: "Security", content: <SecurityTab /> },
          { key: "sessions", label: "Sessions", content: <Sessions /> },
          { key: "keys", label: "API keys", content: <ApiKeys /> },
          { key: "limits", label: "Limits", content: <LimitsTab /> },
          { key: "profile", label: "Profile", content: <ProfileTab /> },
          { key: "preferences", label: "Preferences", content: <PreferencesTab /> },
        ]}
      />
    </>
  );
}

function LogOut() {
  const logOut = useLogOut();
  const navigate = useNavigate();
  return (
    <Button
      busy={logOut.isPending}
      onClick={() => logOut.mutate(undefined, { onSettled: () => void navigate({ to: "/" }) })}
    >
      Log out
    </Button>
  );
}
