/** Close a position with one order: first it is shown what that does, then it is done. */
import { useState } from "react";
import {
  amountOf,
  bookKeys,
  type Currency,
  greenUp,
  type Head,
  isClosed,
  type MarketBook,
  ODDS_MIN,
  oddsText,
  ownResult,
  profitIfWins,
  type Stand,
  withBet,
} from "@/core";
import { newKey, useStored } from "@/data";
import { Button, Dialog, Facts, Failed, Money, Odds } from "@/ui";
import { usePlaceOrder } from "./placing";

interface Props {
  readonly book: MarketBook;
  readonly head: Head;
  readonly currency: Currency;
  readonly stands: readonly Stand[];
  readonly discountBps: number;
  readonly nameOf: (runner: string) => string;
}

export function GreenUp(props: Props) {
  const [runner, setRunner] = useState<string>();
  useStored(props.book.store, bookKeys.turn);
  const open = props.stands.filter(
    (stand) => stand.valueCents !== 0n && !isClosed(stand, oddsFor(props.book, stand)),
  );
  if (open.length === 0) return null;
  return (
    <>
      {open.map((stand) => (
        <Button
          key={stand.runner}
          size="small"
          disabled={!orderFor(props.book, stand)}
          onClick={() => setRunner(stand.runner)}
        >
          Green up {props.book.runner(stand.runner)?.name}
        </Button>
      ))}
      {runner !== undefined && (
        <Preview key={runner} {...props} runner={runner} onClose={() => setRunner(undefined)} />
      )}
    </>
  );
}

/** The odds at which a stand is closed, or was last: the least there are, where there never were any. */
function oddsFor(book: MarketBook, stand: Stand): number {
  const runner = book.runner(stand.runner);
  const best = stand.valueCents > 0n ? runner?.toLay[0] : runner?.toBack[0];
  return best?.odds ?? runner?.lastOdds ?? ODDS_MIN;
}

function orderFor(book: MarketBook, stand: Stand) {
  const runner = book.runner(stand.runner);
  if (runner?.status !== "active") return undefined;
  return greenUp(stand, { toBack: runner.toBack[0]?.odds, toLay: runner.toLay[0]?.odds });
}

function Preview({
  book,
  head,
  currency,
  stands,
  discountBps,
  nameOf,
  runner,
  onClose,
}: Props & { runner: string; onClose: () => void }) {
  const [key] = useState(newKey);
  const place = usePlaceOrder(head, currency, nameOf);
  const stand = stands.find((each) => each.runner === runner);
  const order = stand && orderFor(book, stand);
  const name = book.runner(runner)?.name;
  if (!order) return null;
  const after = withBet(stands, { runner, ...order });
  const commission = { bps: head.commissionBps, discountBps };
  const stake = amountOf(order.stakeMinor, currency.scale);
  const submit = () =>
    place.mutate(
      { runner, side: order.side, odds: oddsText(order.odds), stake, key },
      { onSuccess: onClose },
    );
  // Stands on other runners stay as they are: then the result is not the same whoever wins.
  const isOnly = stands.every((each) => each.runner === runner || each.valueCents === 0n);
  const before = ownResult(stands, runner);
  const then = ownResult(after, runner);
  const standing = head.runnerIds.filter((id) => book.runner(id)?.status === "active");
  const row = (label: string, now: bigint, next: bigint) =>
    [
      label,
      <span key={label}>
        <Money amount={amountOf(now, currency.scale)} tone /> →{" "}
        <Money amount={amountOf(next, currency.scale)} tone />
      </span>,
    ] as const;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Close ${name}`}
      note={
        isOnly
          ? "If all of it is matched at this price, the result is nearly the same whoever wins."
          : `If all of it is matched at this price, it hardly matters any more whether ${name} wins. What you have on others stays.`
      }
    >
      <Facts
        items={[
          [
            order.side === "lay" ? "Lay" : "Back",
            <span key="o">
              {stake} {currency.code} at <Odds odds={order.odds} />
            </span>,
          ],
          ...(head.winners > 1
            ? [
                row(`If ${name} wins`, before.ifWins, then.ifWins),
                row(`If ${name} does not`, before.ifNot, then.ifNot),
              ]
            : standing.map((id) =>
                row(
                  `If ${nameOf(id)} wins`,
                  profitIfWins(stands, id, commission),
                  profitIfWins(after, id, commission),
                ),
              )),
        ]}
      />
      {place.error && <Failed error={place.error} />}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <Button tone={order.side} busy={place.isPending} onClick={submit}>
          {order.side === "lay" ? "Lay" : "Back"} {stake}
        </Button>
      </div>
    </Dialog>
  );
}
