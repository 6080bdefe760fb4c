/** Prices and volume over time, one's own entries marked; beside it a table of the same. Loaded when it is looked at. */
import { useQuery } from "@tanstack/react-query";
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Currency, oddsOf, showOdds } from "@/core";
import { call, http, type Schemas, useIsDark, useMe } from "@/data";
import { Asked, Button, Empty, Moment, Money, Odds, Table, useOddsFormat } from "@/ui";
import { type Entry, entriesOf } from "./entries";

const INTERVALS = ["1m", "5m", "1h", "1d"] as const;
type Interval = (typeof INTERVALS)[number];
type Candle = Schemas["Candle"];

const NONE: readonly Candle[] = [];

export default function PriceChart({
  market,
  runner,
  currency,
}: {
  market: string;
  runner: string;
  currency: Currency;
}) {
  const me = useMe();
  const [interval, setInterval] = useState<Interval>("1m");
  const candles = useQuery({
    queryKey: ["candles", market, runner, interval],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/markets/{id}/candles", {
          params: { path: { id: market }, query: { runner, interval, limit: 200 } },
          signal,
        }),
      ),
    refetchInterval: 10_000,
  });
  const fills = useQuery({
    queryKey: ["matches", market],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/exchange/matches", { params: { query: { market_id: market, limit: 50 } }, signal })),
    enabled: Boolean(me?.id),
  });
  const items = candles.data?.items ?? NONE;
  // The same as long as nothing has come: a chart is not drawn anew with every price of the page.
  const mine = useMemo(
    () =>
      entriesOf(fills.data?.items.filter((each) => each.runner_id === runner) ?? [], items, currency.scale),
    [fills.data, runner, items, currency.scale],
  );
  return (
    <div className="flex flex-col gap-3">
      <fieldset className="flex gap-1">
        <legend className="sr-only">Length of a candle</legend>
        {INTERVALS.map((each) => (
          <Button
            key={each}
            size="small"
            tone={each === interval ? "primary" : "plain"}
            aria-pressed={each === interval}
            onClick={() => setInterval(each)}
          >
            {each}
          </Button>
        ))}
      </fieldset>
      <Asked query={candles} rows={6}>
        {() =>
          items.length === 0 ? (
            <Empty title="Nothing has been traded yet" />
          ) : (
            <>
              <Drawing key={`${runner} ${interval}`} candles={items} entries={mine} />
              {mine.length > 0 && (
                <p className="text-2xs text-ink-soft">
                  Arrows are your own bets, with what you staked while the candle was open: ↑ backed, ↓ laid.
                </p>
              )}
              <Numbers candles={items} />
            </>
          )
        }
      </Asked>
      <p className="text-2xs text-ink-faint">
        Charts by{" "}
        <a className="underline" href="https://www.tradingview.com/" rel="noreferrer" target="_blank">
          TradingView Lightweight Charts™
        </a>
        , Copyright © 2025 TradingView, Inc.
      </p>
    </div>
  );
}

/** What is drawn on: made once for each look, so that new prices leave alone what somebody has zoomed to. */
interface Canvas {
  readonly chart: IChartApi;
  readonly prices: ISeriesApi<"Candlestick">;
  readonly volume: ISeriesApi<"Histogram">;
  readonly marks: ISeriesMarkersPluginApi<Time>;
}

function Drawing({ candles, entries }: { candles: readonly Candle[]; entries: readonly Entry[] }) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  const format = useOddsFormat();
  const [canvas, setCanvas] = useState<Canvas>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the theme changes.
  useEffect(() => {
    if (!place.current) return;
    const made = canvasIn(place.current, (odds) => (odds > 100 ? showOdds(odds, format) : ""));
    setCanvas(made);
    return () => made.chart.remove();
  }, [isDark, format]);
  useEffect(() => {
    if (!canvas) return;
    const isFirst = canvas.prices.data().length === 0;
    const sorted = [...candles].sort((one, other) => (one.opens_at < other.opens_at ? -1 : 1));
    canvas.prices.setData(
      sorted.map((each) => ({
        time: time(each.opens_at),
        open: Number(each.open),
        high: Number(each.high),
        low: Number(each.low),
        close: Number(each.close),
      })),
    );
    canvas.volume.setData(sorted.map((each) => ({ time: time(each.opens_at), value: Number(each.volume) })));
    canvas.marks.setMarkers(
      entries.map(({ opensAt, side, size }) => ({
        time: time(opensAt),
        position: side === "back" ? ("belowBar" as const) : ("aboveBar" as const),
        shape: side === "back" ? ("arrowUp" as const) : ("arrowDown" as const),
        color: colour(side === "back" ? "--back-ink" : "--lay-ink"),
        text: size,
      })),
    );
    if (isFirst) canvas.chart.timeScale().fitContent();
  }, [canvas, candles, entries]);
  return <div ref={place} className="h-72" aria-hidden="true" />;
}

function canvasIn(place: HTMLDivElement, oddsText: (odds: number) => string): Canvas {
  const chart = createChart(place, {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: colour("--ink-soft"),
      attributionLogo: false,
      fontFamily: "Inter Variable",
    },
    grid: { vertLines: { color: colour("--line") }, horzLines: { color: colour("--line") } },
    timeScale: { timeVisible: true, maxBarSpacing: 32, rightOffset: 1, borderColor: colour("--line") },
    // Volume stands in the lowest part, below the prices.
    rightPriceScale: { borderColor: colour("--line"), scaleMargins: { top: 0.14, bottom: 0.3 } },
  });
  const prices = chart.addSeries(CandlestickSeries, {
    upColor: colour("--profit"),
    downColor: colour("--loss"),
    borderVisible: false,
    wickUpColor: colour("--profit"),
    wickDownColor: colour("--loss"),
    priceFormat: {
      type: "custom",
      minMove: 0.01,
      formatter: (price: number) => oddsText(Math.round(100 * price)),
    },
  });
  const volume = chart.addSeries(HistogramSeries, {
    color: colour("--line-strong"),
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    priceLineVisible: false,
    lastValueVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
  return { chart, prices, volume, marks: createSeriesMarkers(prices) };
}

function Numbers({ candles }: { candles: readonly Candle[] }) {
  return (
    <details>
      <summary className="text-xs text-ink-soft">The same as a table</summary>
      <Table
        label="Candles"
        rows={candles}
        rowKey={(candle) => candle.opens_at}
        columns={[
          { key: "at", head: "From", cell: (candle) => <Moment at={candle.opens_at} /> },
          {
            key: "open",
            head: "First",
            isNumber: true,
            cell: (candle) => <Odds odds={oddsOf(candle.open)} />,
          },
          {
            key: "high",
            head: "Highest",
            isNumber: true,
            cell: (candle) => <Odds odds={oddsOf(candle.high)} />,
          },
          {
            key: "low",
            head: "Lowest",
            isNumber: true,
            cell: (candle) => <Odds odds={oddsOf(candle.low)} />,
          },
          {
            key: "close",
            head: "Last",
            isNumber: true,
            cell: (candle) => <Odds odds={oddsOf(candle.close)} />,
          },
          {
            key: "volume",
            head: "Volume",
            isNumber: true,
            cell: (candle) => <Money amount={candle.volume} />,
          },
        ]}
      />
    </details>
  );
}

/** Charts know UTC only: they are told the person's own time of day as if it were that. */
function time(at: string): UTCTimestamp {
  const ms = Date.parse(at);
  return Math.trunc(ms / 1000 - 60 * new Date(ms).getTimezoneOffset()) as UTCTimestamp;
}

function colour(name: string): string {
  return srgb(getComputedStyle(document.documentElement).getPropertyValue(name));
}

/** Charts draw on a canvas and read no OKLCH: the browser brings a colour to what they read. */
function srgb(colour: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return "#888";
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}
