/**
 * The ladder of one runner: every price in its row, with what waits, what was traded, and one's own orders.
 *
 * It never moves by itself. A press on Enter (with the ladder in focus) or a double click brings the last price to the
 * middle. Keys: up and down go from price to price, B and L take the price into the slip, and an own order is moved with
 * Shift and the arrows, or dragged to another row, and taken back with Delete. A line below says all this.
 */
import {
  type DragEvent,
  type KeyboardEvent,
  memo,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import {
  bookKeys,
  type Currency,
  type Head,
  ladderNamed,
  type MarketBook,
  oddsText,
  type Side,
  showOdds,
} from "@/core";
import { type Order, useOpenOrders, useStored } from "@/data";
import { classes, Odds, useOddsFormat, useRowPx } from "@/ui";
import { largest, levelsOf, ordersByPrice, share } from "./ladder-levels";
import { useCancel, useReplace } from "./orders-pane";
import { useSlip, useSlipActions } from "./slip-state";

const ROWS_AROUND = 12;

interface Props {
  readonly book: MarketBook;
  readonly head: Head;
  readonly runner: string;
  readonly currency: Currency;
  readonly takesBets: boolean;
  readonly traded: ReadonlyMap<number, string>;
}

export function LadderView({ book, head, runner: id, currency, takesBets, traded }: Props) {
  useStored(book.store, bookKeys.runner(id));
  const runner = book.runner(id);
  const orders = useOpenOrders(head.id);
  const own = useMemo(() => ordersByPrice(orders, id), [orders, id]);
  const prices = useMemo(() => [...ladderNamed(head.ladder).prices].reverse(), [head.ladder]);
  const waits = useMemo(() => levelsOf(runner), [runner]);
  const most = useMemo(() => largest(runner, currency.scale), [runner, currency.scale]);
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = useRowPx();
  const rowAtTop = useRef(0);
  const [focused, setFocused] = useState<number>();
  const [top, setTop] = useState(0);
  const { draft } = useSlip();
  const slip = useSlipActions();
  const replace = useReplace();
  const cancel = useCancel();

  const centre = useCallback(() => {
    const middle = runner?.lastOdds ?? runner?.toBack[0]?.odds ?? runner?.toLay[0]?.odds ?? 200;
    const place = prices.findIndex((price) => price <= middle);
    const box = scroller.current;
    if (box) {
      box.scrollTop = place * rowPx - (box.clientHeight - rowPx) / 2;
      // That it was moved is told later: whoever asks before for the row at the top has to know of it.
      rowAtTop.current = box.scrollTop / rowPx;
    }
    setFocused(prices[place]);
  }, [runner, prices, rowPx]);

  // Once for each runner, when there is something to bring to the middle; never again by itself.
  const centred = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (centred.current === id || !runner) return;
    centred.current = id;
    centre();
  }, [id, runner, centre]);

  // Rows of another height: what stood at the top of the box stands there still.
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = rowAtTop.current * rowPx;
  }, [rowPx]);

  const { mutate: reprice } = replace;
  // The same from one drawing to the next: a row whose price did not change is not drawn again.
  const acts = useMemo<Acts>(
    () => ({
      take: (side, odds) => {
        if (takesBets) slip.take({ runner: id, side, odds });
      },
      point: (side, odds) => slip.hover({ runner: id, side, odds }),
      drop: (order, odds) => reprice({ id: order, odds: oddsText(odds) }),
    }),
    [takesBets, slip, id, reprice],
  );

  const move = (ticks: number, withOrders: boolean) => {
    const from = focused ?? prices[0] ?? 200;
    const to = ladderNamed(head.ladder).step(from, ticks);
    if (withOrders) {
      const orders = own.get(from) ?? [];
      // Until the last move is known there is nothing here to move: the place stays with the orders.
      if (orders.length === 0 || replace.isPending) return;
      for (const order of orders) replace.mutate({ id: order.id, odds: oddsText(to) });
    }
    setFocused(to);
    slip.hover({ runner: id, side: draft?.side ?? "back", odds: to });
    const place = prices.indexOf(to) * rowPx;
    const box = scroller.current;
    if (!box) return;
    if (place < box.scrollTop) box.scrollTop = place;
    else if (place + rowPx > box.scrollTop + box.clientHeight)
      box.scrollTop = place + rowPx - box.clientHeight;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const odds = focused;
    if (event.key === "Enter") centre();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown")
      move(event.key === "ArrowUp" ? 1 : -1, event.shiftKey);
    else if (event.key === "PageUp" || event.key === "PageDown")
      move(event.key === "PageUp" ? ROWS_AROUND : -ROWS_AROUND, false);
    else if (odds !== undefined && event.key.toLowerCase() === "b") acts.take("back", odds);
    else if (odds !== undefined && event.key.toLowerCase() === "l") acts.take("lay", odds);
    else if (odds !== undefined && event.key === "Delete" && !cancel.isPending)
      for (const order of own.get(odds) ?? []) cancel.mutate(order.id);
    else return;
    event.preventDefault();
  };

  const first = Math.max(0, Math.trunc(top / rowPx) - ROWS_AROUND);
  const shown = prices.slice(first, first + 2 * ROWS_AROUND + 20);

  return (
    <div>
      <div className="grid grid-cols-[1fr_1fr_5rem_1fr_1fr] border-b border-line text-center text-2xs text-ink-soft">
        <span>Own</span>
        <span>Back</span>
        <span>Odds</span>
        <span>Lay</span>
        <span>Traded</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot leave out the rows that are not in sight. */}
      <div
        ref={scroller}
        role="grid"
        aria-label={`Ladder of ${runner?.name ?? "the runner"}. Arrows go from price to price, B backs, L lays, Shift with arrows moves your orders, Delete takes them back, Enter goes to the last price.`}
        aria-rowcount={prices.length}
        aria-activedescendant={
          focused !== undefined && shown.includes(focused) ? rowId(id, focused) : undefined
        }
        tabIndex={0}
        className="h-[420px] overflow-y-auto overscroll-contain"
        onScroll={(event) => {
          rowAtTop.current = event.currentTarget.scrollTop / rowPx;
          setTop(event.currentTarget.scrollTop);
        }}
        onDoubleClick={centre}
        onPointerLeave={() => slip.hover(undefined)}
        onBlur={() => slip.hover(undefined)}
        onKeyDown={onKeyDown}
      >
        <div style={{ height: prices.length * rowPx, paddingTop: first * rowPx }}>
          {shown.map((odds, place) => (
            <Row
              key={odds}
              id={rowId(id, odds)}
              index={first + place + 1}
              odds={odds}
              heightPx={rowPx}
              back={waits.toBack.get(odds)}
              lay={waits.toLay.get(odds)}
              traded={traded.get(odds)}
              own={own.get(odds)}
              share={most === 0n ? 0 : share(waits, odds, most, currency.scale)}
              isLast={runner?.lastOdds === odds}
              isFocused={focused === odds}
              takesBets={takesBets && runner?.status === "active"}
              acts={acts}
            />
          ))}
        </div>
      </div>
      <p className="pt-2 text-2xs text-ink-faint">
        Press beside a price to back or lay at it. A double click on the odds brings the last price to the
        middle.
        <span className="max-md:hidden">
          {" "}
          Your orders stand under Own and can be dragged. Keys: ↑ ↓ go from price to price, B backs, L lays,
          Shift and ↑ ↓ move your orders, Delete takes them back, Enter goes to the last price.
        </span>
      </p>
    </div>
  );
}

interface RowProps {
  readonly id: string;
  readonly index: number;
  readonly odds: number;
  readonly heightPx: number;
  readonly back: string | undefined;
  readonly lay: string | undefined;
  readonly traded: string | undefined;
  readonly own: readonly Order[] | undefined;
  readonly share: number;
  readonly isLast: boolean;
  readonly isFocused: boolean;
  readonly takesBets: boolean;
  readonly acts: Acts;
}

/** What can be done at a price. */
interface Acts {
  readonly take: (side: Side, odds: number) => void;
  readonly point: (side: Side, odds: number) => void;
  readonly drop: (order: string, odds: number) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { odds, own, takesBets, acts } = props;
  const { take, point, drop } = acts;
  const format = useOddsFormat();
  const over = (event: DragEvent) => event.preventDefault();
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    const order = event.dataTransfer.getData("text/evens-order");
    if (order) drop(order, odds);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid.
    <div
      id={props.id}
      role="row"
      aria-rowindex={props.index}
      tabIndex={-1}
      onDragOver={over}
      onDrop={dropped}
      style={{ height: props.heightPx }}
      className={classes(
        "relative grid grid-cols-[1fr_1fr_5rem_1fr_1fr] items-stretch border-b border-line/50 text-center text-xs tabular-nums",
        // Above the columns, which would else cover it.
        props.isFocused &&
          "after:pointer-events-none after:absolute after:inset-0 after:z-1 after:border-2 after:border-focus",
      )}
    >
      <Cell>
        {own?.map((order) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: with keys, Shift and the arrows move it.
          <span
            key={order.id}
            draggable
            onDragStart={(event) => event.dataTransfer.setData("text/evens-order", order.id)}
            title={`Your ${order.side} of ${order.remaining}: drag it to another price`}
            className={classes(
              "cursor-grab rounded-sm px-1 font-medium",
              order.side === "back" ? "bg-back-strong text-back-ink" : "bg-lay-strong text-lay-ink",
            )}
          >
            {order.remaining}
          </span>
        ))}
      </Cell>
      <Take
        label={`Back at ${showOdds(odds, format)}`}
        look="bg-back text-back-ink"
        enabled={takesBets}
        share={props.back === undefined ? 0 : props.share}
        bar="bg-back-strong"
        onPoint={() => point("back", odds)}
        onTake={() => take("back", odds)}
      >
        {props.back}
      </Take>
      <Cell className={classes("font-semibold", props.isLast && "bg-accent-soft text-accent")}>
        <Odds odds={odds} />
        {props.isLast && <span className="sr-only">, last traded</span>}
      </Cell>
      <Take
        label={`Lay at ${showOdds(odds, format)}`}
        look="bg-lay text-lay-ink"
        enabled={takesBets}
        share={props.lay === undefined ? 0 : props.share}
        bar="bg-lay-strong"
        onPoint={() => point("lay", odds)}
        onTake={() => take("lay", odds)}
      >
        {props.lay}
      </Take>
      <Cell className="text-ink-faint">{props.traded}</Cell>
    </div>
  );
});

function Cell({ children, className }: { children: React.ReactNode; className?: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid.
    <span
      role="gridcell"
      tabIndex={-1}
      className={classes("relative grid place-items-center overflow-hidden", className)}
    >
      {children}
    </span>
  );
}

function Take({
  label,
  look,
  enabled,
  share,
  bar,
  onPoint,
  onTake,
  children,
}: {
  label: string;
  look: string;
  enabled: boolean;
  /** How much waits, of the most that waits at any price: drawn behind the number. */
  share: number;
  bar: string;
  onPoint: () => void;
  onTake: () => void;
  children: React.ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid.
    <span role="gridcell" tabIndex={-1} className="grid">
      <button
        type="button"
        tabIndex={-1}
        disabled={!enabled}
        // A double click brings the last price to the middle: its second press is no second bet.
        onClick={(event) => event.detail < 2 && onTake()}
        onPointerEnter={onPoint}
        className={classes("relative h-full w-full overflow-hidden", look)}
      >
        {share > 0 && (
          <span
            aria-hidden="true"
            className={classes("absolute inset-y-0 start-0", bar)}
            style={{ width: `${Math.round(100 * share)}%` }}
          />
        )}
        <span className="sr-only">{label} </span>
        <span className="relative">{children}</span>
      </button>
    </span>
  );
}

function rowId(runner: string, odds: number): string {
  return `ladder-${runner}-${odds}`;
}
