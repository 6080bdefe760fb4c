/** The grid: three prices deep on each side, runner by runner, with the position and what the order in the slip would change. */
import { type KeyboardEvent, memo, useRef } from "react";
import {
  amountOf,
  bookKeys,
  bookPercent,
  type Currency,
  consideredBet,
  type Head,
  type MarketBook,
  type OddsFormat,
  ownResult,
  type Price,
  profitIfWins,
  type Runner,
  type Side,
  type Stand,
  showOdds,
  withBet,
} from "@/core";
import { useStored } from "@/data";
import { Badge, Changing, classes, Money, Odds, useOddsFormat } from "@/ui";
import { useSlip, useSlipActions } from "./slip-state";

const DEPTH = 3;

interface Props {
  readonly book: MarketBook;
  readonly head: Head;
  readonly currency: Currency;
  readonly stands: readonly Stand[];
  readonly discountBps: number;
  readonly takesBets: boolean;
}

export function Grid({ book, head, currency, stands, discountBps, takesBets }: Props) {
  const grid = useRef<HTMLTableElement>(null);
  return (
    <div className="relative">
      <table
        ref={grid}
        className="w-full table-fixed border-collapse"
        aria-label="Prices"
        onKeyDown={(event) => roam(event, grid.current)}
      >
        <thead>
          <tr className="text-2xs text-ink-soft">
            <th scope="col" className="w-[40%] px-3 py-1.5 sm:w-[34%]">
              <Percentages book={book} head={head} />
            </th>
            <th scope="colgroup" colSpan={DEPTH} className="px-1 text-end max-sm:hidden">
              Back
            </th>
            <th scope="colgroup" colSpan={DEPTH} className="px-1 text-start max-sm:hidden">
              Lay
            </th>
            <th scope="col" className="px-1 text-center sm:hidden">
              Back
            </th>
            <th scope="col" className="px-1 text-center sm:hidden">
              Lay
            </th>
          </tr>
        </thead>
        <tbody>
          {head.runnerIds.map((id) => (
            <Row
              key={id}
              id={id}
              book={book}
              head={head}
              currency={currency}
              stands={stands}
              discountBps={discountBps}
              takesBets={takesBets}
            />
          ))}
        </tbody>
      </table>
      <Overlay head={head} takesBets={takesBets} />
    </div>
  );
}

/** Why no bets are taken: over the prices, which stay to be seen. */
function Overlay({ head, takesBets }: { head: Head; takesBets: boolean }) {
  const text = takesBets
    ? undefined
    : head.status === "suspended"
      ? "Suspended"
      : head.status === "void"
        ? "Void: every stake was returned"
        : head.status === "settled"
          ? "Settled"
          : head.status === "closed"
            ? "Closed: the result is awaited"
            : "Busy: bets are taken again in a moment";
  return (
    <div
      role="status"
      className={classes(
        "pointer-events-none absolute inset-0 top-7 grid place-items-center",
        text && "bg-ground/55",
      )}
    >
      {text && (
        <span className="rounded-md border border-warn bg-warn-soft px-4 py-2 text-md font-semibold text-warn">
          {text}
        </span>
      )}
    </div>
  );
}

/** The sums of the chances that the best prices stand for; they change with every runner. */
function Percentages({ book, head }: Pick<Props, "book" | "head">) {
  useStored(book.store, bookKeys.turn);
  const runners = head.runnerIds.map((id) => book.runner(id));
  const active = runners.filter((each) => each?.status === "active");
  const back = bookPercent(active.map((each) => each?.toBack[0]?.odds));
  const lay = bookPercent(active.map((each) => each?.toLay[0]?.odds));
  return (
    <span className="flex flex-wrap gap-x-3">
      <span title="The sum of the chances that the best prices to back stand for">
        Back{"\u00a0"}book{"\u00a0"}
        {back === undefined ? "–" : `${back.toFixed(1)}\u00a0%`}
      </span>
      <span title="The same for the best prices to lay">
        Lay{"\u00a0"}book{"\u00a0"}
        {lay === undefined ? "–" : `${lay.toFixed(1)}\u00a0%`}
      </span>
    </span>
  );
}

const Row = memo(function Row({
  id,
  book,
  head,
  currency,
  stands,
  discountBps,
  takesBets,
}: Props & { id: string }) {
  useStored(book.store, bookKeys.runner(id));
  const runner = book.runner(id);
  if (!runner) return null;
  const back = pad(runner.toBack.slice(0, DEPTH)).reverse();
  const lay = pad(runner.toLay.slice(0, DEPTH));
  return (
    <tr className="border-t border-line">
      <th scope="row" className="px-3 py-1 font-normal">
        <RunnerName runner={runner} />
        <Position id={id} head={head} currency={currency} stands={stands} discountBps={discountBps} />
      </th>
      {back.map((price, place) => (
        <Cell
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place, whatever price stands in it.
          key={`back${DEPTH - place}`}
          runner={runner}
          side="back"
          price={price}
          isBest={place === DEPTH - 1}
          enabled={takesBets}
        />
      ))}
      {lay.map((price, place) => (
        <Cell
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          key={`lay${place}`}
          runner={runner}
          side="lay"
          price={price}
          isBest={place === 0}
          enabled={takesBets}
        />
      ))}
    </tr>
  );
});

function RunnerName({ runner }: { runner: Runner }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2 text-sm font-medium break-words">
      {runner.name}
      {runner.status === "winner" && <Badge tone="good">Winner</Badge>}
      {runner.status === "loser" && <Badge>Lost</Badge>}
      {runner.status === "removed" && (
        <Badge tone="warn">Removed{runner.reductionBps ? ` (${runner.reductionBps / 100} %)` : ""}</Badge>
      )}
    </span>
  );
}

/** What this runner's winning brings; and what it would with the order in the slip, or under the pointer. */
function Position({
  id,
  head,
  currency,
  stands,
  discountBps,
}: Omit<Props, "book" | "takesBets"> & { id: string }) {
  const bet = consideredBet(useSlip(), currency);
  if (stands.length === 0 && !bet) return null;
  const after = bet && withBet(stands, bet);
  const shown = (minor: bigint) => amountOf(minor, currency.scale);
  if (head.winners > 1) {
    const now = ownResult(stands, id);
    const then = after && ownResult(after, id);
    return (
      <span className="flex flex-wrap gap-x-3 text-2xs text-ink-faint">
        <span>
          wins <Figure now={shown(now.ifWins)} then={then && shown(then.ifWins)} />
        </span>
        <span>
          not <Figure now={shown(now.ifNot)} then={then && shown(then.ifNot)} />
        </span>
      </span>
    );
  }
  const commission = { bps: head.commissionBps, discountBps };
  return (
    <span className="text-2xs">
      <Figure
        now={shown(profitIfWins(stands, id, commission))}
        then={after && shown(profitIfWins(after, id, commission))}
      />
    </span>
  );
}

function Figure({ now, then }: { now: string; then: string | undefined }) {
  return (
    <span className="whitespace-nowrap">
      <Money amount={now} tone />
      {then !== undefined && then !== now && (
        <span className="text-ink-faint">
          <span aria-hidden="true"> → </span>
          <span className="sr-only">with this bet </span>
          <Money amount={then} tone />
        </span>
      )}
    </span>
  );
}

function pad(prices: readonly Price[]): (Price | undefined)[] {
  return Array.from({ length: DEPTH }, (_, place) => prices[place]);
}

function Cell({
  runner,
  side,
  price,
  isBest,
  enabled,
}: {
  runner: Runner;
  side: Side;
  price: Price | undefined;
  isBest: boolean;
  enabled: boolean;
}) {
  const slip = useSlipActions();
  const format = useOddsFormat();
  const tint =
    side === "back"
      ? isBest
        ? "bg-back-strong text-back-ink"
        : "bg-back text-back-ink"
      : isBest
        ? "bg-lay-strong text-lay-ink"
        : "bg-lay text-lay-ink";
  const can = enabled && runner.status === "active";
  // Where nothing is offered one names one's own price, in the slip: there is none to bet on at once.
  const take = () =>
    slip.take({ runner: runner.id, side, odds: price?.odds ?? runner.lastOdds ?? 200 }, price !== undefined);
  const point = price ? { runner: runner.id, side, odds: price.odds } : undefined;
  return (
    <td className={classes("p-px", !isBest && "max-sm:hidden")}>
      <button
        type="button"
        disabled={!can}
        data-cell={`${side}${isBest ? "" : "-deep"}`}
        tabIndex={isBest && side === "back" ? 0 : -1}
        onClick={take}
        onPointerEnter={() => slip.hover(point)}
        onPointerLeave={() => slip.hover(undefined)}
        onFocus={() => slip.hover(point)}
        onBlur={() => slip.hover(undefined)}
        aria-label={cellName(runner, side, price, format)}
        className={classes(
          // Its size does not depend on what is in it: a new price is laid out here and nowhere else. What it is called is
          // an attribute, because hidden text in each of 120 cells is drawn 120 times.
          "grid h-11 w-full place-content-center rounded-sm text-center leading-tight disabled:opacity-70",
          "[contain:size_layout_style]",
          tint,
        )}
      >
        {price ? (
          <>
            <Changing value={price.odds} className="text-sm font-semibold">
              <Odds odds={price.odds} />
            </Changing>{" "}
            <Changing value={price.size} className="text-2xs">
              {price.size.replace(/\.00$/, "")}
            </Changing>
          </>
        ) : (
          <span className="text-2xs opacity-60">–</span>
        )}
      </button>
    </td>
  );
}

/** Return what a cell is called: what pressing it does, at which price, and how much waits there. */
function cellName(runner: Runner, side: Side, price: Price | undefined, format: OddsFormat): string {
  const deed = `${side === "back" ? "Back" : "Lay"} ${runner.name} at`;
  if (!price) return `${deed} a price of your own: nothing is offered`;
  return `${deed} ${showOdds(price.odds, format)}, ${price.size.replace(/\.00$/, "")} waits`;
}

/** Arrow keys go from price to price, as in a spreadsheet: one stop for Tab, however many runners there are. */
function roam(event: KeyboardEvent, table: HTMLTableElement | null): void {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!step || !table || !(event.target instanceof HTMLElement)) return;
  const rows = [...(table.tBodies[0]?.rows ?? [])].map((row) =>
    [...row.querySelectorAll<HTMLButtonElement>("button[data-cell]")].filter(
      (cell) => cell.offsetParent !== null,
    ),
  );
  const y = rows.findIndex((row) => row.includes(event.target as HTMLButtonElement));
  const x = rows[y]?.indexOf(event.target as HTMLButtonElement) ?? -1;
  if (y < 0 || x < 0) return;
  const [down = 0, right = 0] = step;
  const next = rows[Math.min(Math.max(y + down, 0), rows.length - 1)];
  const cell = next?.[Math.min(Math.max(x + right, 0), next.length - 1)];
  event.preventDefault();
  cell?.focus();
}
