import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, useId } from "react";
import { classes } from "./classes";

const BOX =
  "w-full rounded-md border bg-raised text-ink px-2.5 min-h-11 md:min-h-9 text-md md:text-sm " +
  "placeholder:text-ink-faint disabled:bg-sunken disabled:text-ink-soft aria-[invalid=true]:border-danger border-line-strong";

interface Around {
  label: string;
  /** What is wrong with it, in words that help. */
  problem?: string | undefined;
  hint?: ReactNode;
  /** Shown behind the text, such as a currency. */
  unit?: string | undefined;
  /** Only for those who hear the page; it must then be clear to those who see it, too. */
  hideLabel?: boolean;
}

function useDescribed({ problem, hint }: Around) {
  const id = useId();
  const hintId = `${id}-hint`;
  const problemId = `${id}-problem`;
  const by = [hint ? hintId : "", problem ? problemId : ""].filter(Boolean).join(" ");
  return { id, hintId, problemId, describedBy: by || undefined };
}

function Labelled({
  around,
  ids,
  children,
  className,
}: {
  around: Around;
  ids: ReturnType<typeof useDescribed>;
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <div className={classes("flex flex-col gap-1 min-w-0", className)}>
      <label htmlFor={ids.id} className={around.hideLabel ? "sr-only" : "text-xs font-medium text-ink-soft"}>
        {around.label}
      </label>
      <div className="relative">
        {children}
        {around.unit && (
          <span className="pointer-events-none absolute inset-y-0 end-2.5 flex items-center text-2xs text-ink-faint">
            {around.unit}
          </span>
        )}
      </div>
      {around.hint && (
        <p id={ids.hintId} className="text-2xs text-ink-faint">
          {around.hint}
        </p>
      )}
      {around.problem && (
        <p id={ids.problemId} role="alert" className="text-xs text-danger">
          {around.problem}
        </p>
      )}
    </div>
  );
}

type InputProps = Around & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export function Field({ label, problem, hint, unit, hideLabel = false, className, ...rest }: InputProps) {
  const around = { label, problem, hint, unit, hideLabel };
  const ids = useDescribed(around);
  return (
    <Labelled around={around} ids={ids} className={className}>
      <input
        {...rest}
        id={ids.id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={ids.describedBy}
        className={classes(BOX, unit && "pe-14")}
      />
    </Labelled>
  );
}

/** Money is typed as text, with a comma or a point; a number field would drop what it does not like without a word. */
export function AmountField(props: Omit<InputProps, "type" | "inputMode">) {
  return <Field autoComplete="off" spellCheck={false} {...props} type="text" inputMode="decimal" />;
}

type SelectProps = Around &
  SelectHTMLAttributes<HTMLSelectElement> & { options: readonly (readonly [string, string])[] };

export function Select({
  label,
  problem,
  hint,
  hideLabel = false,
  options,
  className,
  ...rest
}: SelectProps) {
  const around = { label, problem, hint, hideLabel };
  const ids = useDescribed(around);
  return (
    <Labelled around={around} ids={ids} className={className}>
      <select
        {...rest}
        id={ids.id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={ids.describedBy}
        className={BOX}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

export function Check({
  label,
  hint,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { label: ReactNode; hint?: ReactNode }) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input {...rest} id={id} type="checkbox" className="mt-1 size-4 accent-(--accent)" />
      <label htmlFor={id} className="text-sm">
        {label}
        {hint && <span className="block text-2xs text-ink-faint">{hint}</span>}
      </label>
    </div>
  );
}
