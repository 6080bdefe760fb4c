/** Prices and volume over time, one's own entries marked; beside it a table of the same. Loaded when it is looked at. */
import { useQuery } from "@tanstack/react-query";
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef, useState } from "react";
import { call, http, type Schemas, useIsDark, useMe } from "@/data";
import { Asked, Button, Empty, Moment, Money, Table } from "@/ui";

const INTERVALS = ["1m", "5m", "1h", "1d"] as const;
type Interval = (typeof INTERVALS)[number];
type Candle = Schemas["Candle"];
type Fill = Schemas["Fill"];

export default function PriceChart({ market, runner }: { market: string; runner: string }) {
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
  const items = candles.data?.items ?? [];
  const mine = fills.data?.items.filter((each) => each.runner_id === runner) ?? [];
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
              <Drawing candles={items} fills={mine} />
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

function Drawing({ candles, fills }: { candles: readonly Candle[]; fills: readonly Fill[] }) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the theme changes.
  useEffect(() => {
    if (!place.current) return;
    const colour = (name: string) => srgb(getComputedStyle(document.documentElement).getPropertyValue(name));
    const chart = createChart(place.current, {
      autoSize: true,
      layout: {
        background: { color: "transparent" },
        textColor: colour("--ink-soft"),
        attributionLogo: false,
        fontFamily: "Inter Variable",
      },
      grid: { vertLines: { color: colour("--line") }, horzLines: { color: colour("--line") } },
      timeScale: { timeVisible: true, maxBarSpacing: 32, borderColor: colour("--line") },
      rightPriceScale: { borderColor: colour("--line") },
    });
    const sorted = [...candles].sort((one, other) => (one.opens_at < other.opens_at ? -1 : 1));
    const prices = chart.addSeries(CandlestickSeries, {
      upColor: colour("--profit"),
      downColor: colour("--loss"),
      borderVisible: false,
      wickUpColor: colour("--profit"),
      wickDownColor: colour("--loss"),
    });
    prices.setData(
      sorted.map((each) => ({
        time: time(each.opens_at),
        open: Number(each.open),
        high: Number(each.high),
        low: Number(each.low),
        close: Number(each.close),
      })),
    );
    const volume = chart.addSeries(HistogramSeries, {
      color: colour("--line-strong"),
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
    });
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    volume.setData(sorted.map((each) => ({ time: time(each.opens_at), value: Number(each.volume) })));
    createSeriesMarkers(
      prices,
      [...fills]
        .sort((one, other) => (one.at < other.at ? -1 : 1))
        .map((fill) => ({
          time: time(fill.at),
          position: fill.side === "back" ? ("belowBar" as const) : ("aboveBar" as const),
          shape: fill.side === "back" ? ("arrowUp" as const) : ("arrowDown" as const),
          color: colour(fill.side === "back" ? "--back-ink" : "--lay-ink"),
          text: `${fill.side} ${fill.size}`,
        })),
    );
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [candles, fills, isDark]);
  return <div ref={place} className="h-72" aria-hidden="true" />;
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
          { key: "open", head: "First", isNumber: true, cell: (candle) => candle.open },
          { key: "high", head: "Highest", isNumber: true, cell: (candle) => candle.high },
          { key: "low", head: "Lowest", isNumber: true, cell: (candle) => candle.low },
          { key: "close", head: "Last", isNumber: true, cell: (candle) => candle.close },
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

function time(at: string): UTCTimestamp {
  return Math.trunc(Date.parse(at) / 1000) as UTCTimestamp;
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
