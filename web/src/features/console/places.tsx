/** Where things are in the console: every id has an address, and whatever names it leads there. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** What is looked at. It stands in the address, so that it can be sent to a colleague. */
export interface Place {
  readonly view: string;
  readonly id?: string;
  readonly q?: string;
  readonly status?: string;
  readonly at?: string;
  readonly kind?: string;
  readonly actor?: string;
  readonly tag?: string;
  readonly currency?: string;
}

export type Go = (place: Place) => void;

export function To({ place, children }: { place: Place; children: ReactNode }) {
  return (
    <Link
      to="/console"
      search={{ ...place }}
      className="text-accent underline underline-offset-2 break-words"
    >
      {children}
    </Link>
  );
}

/** The kinds of things that have a page of their own, by what the API calls them. */
const VIEWS: Readonly<Record<string, string>> = {
  user: "customer",
  customer: "customer",
  market: "market",
  event: "event",
  round: "round",
  pool: "pool",
  challenge: "challenge",
  order: "order",
  bet: "bet",
  transfer: "transfer",
  transaction: "transfer",
  withdrawal: "transfer",
  record: "record",
  account: "ledger",
  approval: "approval",
};

/** Return where a thing is shown; `undefined` if it has no page. */
export function placeOf(kind: string, id: string): Place | undefined {
  const view = VIEWS[kind];
  return view && id ? { view, id } : undefined;
}

const BY_PREFIX: Readonly<Record<string, string>> = {
  usr: "user",
  mkt: "market",
  ord: "order",
  bet: "bet",
  plb: "bet",
  txn: "transfer",
};
const PUBLIC_ID = /^(usr|mkt|ord|bet|plb|txn)_[1-9][0-9]{0,18}$/;
const ACCOUNT = /^((usr|obj)_[0-9]+|[a-z]+)\.[A-Z][A-Z0-9]{1,11}\.[a-z]+$/;

/** Return where a public id or an account's name leads. */
export function placeOfId(id: string): Place | undefined {
  const prefix = PUBLIC_ID.exec(id)?.[1];
  if (prefix) return placeOf(BY_PREFIX[prefix] ?? "", id);
  return ACCOUNT.test(id) ? { view: "ledger", id } : undefined;
}

/** An id as a link, if it leads anywhere. `kind` is needed where the id does not say by itself what it is of. */
export function Id({ id, kind, children }: { id: string; kind?: string; children?: ReactNode }) {
  const place = kind ? placeOf(kind, id) : placeOfId(id);
  return place ? <To place={place}>{children ?? id}</To> : <>{children ?? id}</>;
}

/** Who did something, as the journal says it: `customer:17 approved by customer:19`. */
export function Actor({ actor }: { actor: string }) {
  return (
    <>
      {actor.split(/(customer:[0-9]+)/).map((part, place) => {
        const user = /^customer:([0-9]+)$/.exec(part)?.[1];
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places.
        return user ? <Id key={place} id={`usr_${user}`} /> : part;
      })}
    </>
  );
}
