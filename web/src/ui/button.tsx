import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";

type Tone = "primary" | "plain" | "quiet" | "danger" | "back" | "lay";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  size?: "small" | "usual" | "large";
  /** What it does is under way: it cannot be pressed again, and says so. */
  busy?: boolean;
  icon?: ReactNode;
}

const TONES: Readonly<Record<Tone, string>> = {
  primary: "bg-accent text-on-accent hover:brightness-110",
  plain: "bg-raised text-ink border border-line-strong hover:bg-sunken",
  quiet: "text-ink-soft hover:bg-sunken hover:text-ink",
  danger: "bg-danger-soft text-danger border border-danger hover:brightness-95",
  back: "bg-back-strong text-back-ink hover:brightness-105",
  lay: "bg-lay-strong text-lay-ink hover:brightness-105",
};

const SIZES = {
  small: "target px-2 text-xs",
  usual: "min-h-11 md:min-h-9 px-3 text-sm",
  large: "min-h-12 px-4 text-md",
};

/** What a button looks like, for what looks like one and is a link. */
export function buttonLook(tone: Tone, size: keyof typeof SIZES, more?: string): string {
  return classes(
    "inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap",
    "disabled:opacity-55 disabled:cursor-not-allowed",
    TONES[tone],
    SIZES[size],
    more,
  );
}

export function Button({
  tone = "plain",
  size = "usual",
  busy = false,
  icon,
  children,
  className,
  ...rest
}: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={buttonLook(tone, size, className)}
    >
      {icon}
      {children}
      {busy && <span className="sr-only">(under way)</span>}
    </button>
  );
}

/** A button that is only a picture; `label` says what it does. */
export function IconButton({ label, children, className, ...rest }: Omit<Props, "icon"> & { label: string }) {
  return (
    <Button
      tone="quiet"
      {...rest}
      aria-label={label}
      title={label}
      className={classes("min-w-11 md:min-w-9 px-0", className)}
    >
      {children}
    </Button>
  );
}
