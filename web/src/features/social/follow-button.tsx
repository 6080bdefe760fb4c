/** Begin to copy somebody who lets others copy: a button on their profile, and the dialog with all limits. */
import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { type Limits, moneyText, NO_LIMITS, percentOf } from "@/core";
import { call, http, isOperator, type Schemas, useBalance, useCommand, useConfig, useMe } from "@/data";
import { Button, Dialog, Select, tell } from "@/ui";
import { FollowForm } from "./follow-form";
import { useFollows } from "./following";

type Profile = Schemas["Profile"];

/** `profile` is somebody else's. Operators decide markets, so they copy nobody and see no button. */
export function FollowButton({ profile, currency }: { profile: Profile; currency: string }) {
  const me = useMe();
  const here = useLocation({ select: ({ href }) => href });
  const [isOpen, setIsOpen] = useState(false);
  const follows = useFollows(Boolean(me?.id));
  const current = follows.data?.items.find(
    (each) => each.leader === profile.username && each.status !== "ended",
  );
  if (current) {
    return (
      <Link to="/following/$follow" params={{ follow: current.id }} className="text-sm text-accent underline">
        {current.status === "active" ? "You copy them" : "Copying is paused"}
      </Link>
    );
  }
  if (!profile.copyable || isOperator(me)) return null;
  if (me === null) {
    return (
      <Link to="/login" search={{ to: here }} className="text-sm text-accent underline">
        Log in to copy their bets
      </Link>
    );
  }
  return (
    <>
      <Button
        tone="primary"
        icon={<UserPlus size={16} aria-hidden="true" />}
        disabled={!me?.id || follows.isPending}
        onClick={() => setIsOpen(true)}
      >
        Follow
      </Button>
      {isOpen && <FollowDialog profile={profile} usualCurrency={currency} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function FollowDialog({
  profile,
  usualCurrency,
  onClose,
}: {
  profile: Profile;
  usualCurrency: string;
  onClose: () => void;
}) {
  const leader = profile.username;
  const { currencies } = useConfig();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [currency, setCurrency] = useState(usualCurrency);
  const balance = useBalance(currency);
  const start = useCommand({
    send: ({ products, markets, ...limits }: Limits, key) =>
      call(
        http.POST("/v1/follows", {
          params: { header: { "Idempotency-Key": key } },
          body: {
            leader: `@${leader}`,
            currency,
            products: [...products],
            markets: [...markets],
            performance_fee: profile.performance_fee,
            ...limits,
          },
        }),
      ),
    done: async (follow) => {
      await queries.invalidateQueries({ queryKey: ["follows"] });
      tell(`You follow ${leader}`, "What they bet from now on is copied within your limits.");
      await navigate({ to: "/following/$follow", params: { follow: follow.id } });
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Follow ${leader}`}
      note={
        "What they bet from now on is bet for you too, within these limits. Copies are bets of your own: they can " +
        "lose all that they risk. " +
        (profile.performance_fee === "0"
          ? "Nobody takes a fee of what they win."
          : `${leader} takes ${percentOf(profile.performance_fee)} % of what all copies win together, losses ` +
            "deducted but no commission, whenever that is more than it has ever been. This fee stays the same while " +
            "you follow.")
      }
    >
      <FollowForm initial={NO_LIMITS} currency={currency} verb={`Follow ${leader}`} asking={start}>
        {currencies.length > 1 && (
          <Select
            label="Currency"
            value={currency}
            onChange={(event) => {
              start.change();
              setCurrency(event.target.value);
            }}
            options={currencies.map((each) => [each.code, each.code] as const)}
            hint={balance && `You have ${moneyText(balance.cash, { code: currency })}.`}
          />
        )}
      </FollowForm>
    </Dialog>
  );
}
