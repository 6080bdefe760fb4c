import { useEffect, useState } from "react";
import { moneyText, serverNow, showOdds } from "@/core";
import { classes } from "./classes";
import { useFade } from "./fade";
import { useOddsFormat } from "./preferences";

/** An amount. `tone` colours profit and loss, which always have a sign, too. */
export function Money({
  amount,
  code,
  tone = false,
  className,
}: {
  amount: string;
  code?: string;
  tone?: boolean;
  className?: string;
}) {
  const isLoss = amount.startsWith("-");
  const isZero = /^-?[0.]+$/.test(amount);
  const text = moneyText(amount, { signed: tone, ...(code ? { code } : {}) });
  const colour = !tone || isZero ? "" : isLoss ? "text-loss" : "text-profit";
  return <span className={classes("tabular-nums whitespace-nowrap", colour, className)}>{text}</span>;
}

/** Odds as hundredths, in the format that the person prefers. */
export function Odds({ odds, className }: { odds: number; className?: string }) {
  const format = useOddsFormat();
  return (
    <span className={classes("tabular-nums whitespace-nowrap", className)}>{showOdds(odds, format)}</span>
  );
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** A moment in the person's own time zone, with `seconds` where minutes are too long; the exact one in UTC shows on hover. */
export function Moment({ at, only, seconds = false }: { at: string; only?: "time"; seconds?: boolean }) {
  const date = new Date(at);
  const format = only === "time" ? TIME : seconds ? EXACT : MOMENT;
  const text = Number.isNaN(date.getTime()) ? at : format.format(date);
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap">
      {text}
    </time>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** A day of UTC, as the API writes it: `2026-11-29`. */
export function Day({ day }: { day: string }) {
  return (
    <time dateTime={day} className="whitespace-nowrap">
      {DAY.format(new Date(`${day}T00:00:00Z`))}
    </time>
  );
}

/** How long it is until a moment by the server's clock, counted down; `over` once it has passed. */
export function Countdown({ until, over = "now" }: { until: string; over?: string }) {
  const left = useLeft(until);
  return (
    <time dateTime={until} title={until} className="tabular-nums whitespace-nowrap">
      {left <= 0 ? over : durationText(left)}
    </time>
  );
}

/** Return how many milliseconds are left until a moment, told anew every second. */
export function useLeft(until: string): number {
  const end = Date.parse(until);
  const [left, setLeft] = useState(() => end - serverNow());
  useEffect(() => {
    const tick = () => setLeft(end - serverNow());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [end]);
  return left;
}

/** Return a duration as people say it: the two largest units. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [days, hours, minutes] = [
    Math.trunc(seconds / 86_400),
    Math.trunc(seconds / 3600) % 24,
    Math.trunc(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A value that fades from a tint when it changes; it is not announced. */
export function Changing({
  value,
  children,
  className,
}: {
  value: string | number;
  children: React.ReactNode;
  className?: string;
}) {
  return (
    <span ref={useFade<HTMLSpanElement>(value)} className={className}>
      {children}
    </span>
  );
}
