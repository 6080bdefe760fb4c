/**
 * A deed: first what it needs is asked, then it is shown what it would do, then it is done, or proposed to a second
 * operator with a reason where the house wants two.
 */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiProblem, call, http, newKey } from "@/data";
import { AmountField, Button, Dialog, Failed, Field, Loading, Select, tell } from "@/ui";
import { type Asked, type Deed, given, type Values } from "./deed";
import { PreviewShown } from "./preview";

const NO_ASKS: readonly Asked[] = [];
const INPUTS: Readonly<Record<string, "numeric" | "decimal">> = {
  number: "numeric",
  percent: "decimal",
  odds: "decimal",
};

/** Return a function that opens a deed's dialog, and the dialog, to be put on the page. */
export function useDeeds() {
  const [deed, setDeed] = useState<{ deed: Deed; turn: number }>();
  const open = (next: Deed) => setDeed((before) => ({ deed: next, turn: (before?.turn ?? 0) + 1 }));
  const dialog = deed && <DeedDialog key={deed.turn} deed={deed.deed} onClose={() => setDeed(undefined)} />;
  return [open, dialog] as const;
}

export function DeedDialog({ deed, onClose }: { deed: Deed; onClose: () => void }) {
  const [turns, setTurns] = useState(0);
  const asks = [
    ...(deed.asks ?? NO_ASKS),
    ...Array.from({ length: turns }, (_, turn) => deed.more?.asks(turn) ?? NO_ASKS).flat(),
  ];
  const queries = useQueryClient();
  const [key, setKey] = useState(newKey);
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(asks.map((each) => [each.name, each.initial ?? ""])),
  );
  const [isShown, setIsShown] = useState(asks.length === 0);
  const [reason, setReason] = useState("");
  const body = deed.body ? deed.body(values) : given(values, asks);
  const request = {
    what: deed.what ?? "",
    id: deed.id ?? null,
    body: Object.keys(body).length > 0 ? body : null,
  };
  const preview = useQuery({
    queryKey: ["preview", request],
    queryFn: ({ signal }) => call(http.POST("/v1/previews", { body: request, signal })),
    enabled: isShown && deed.what !== undefined,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const done = (text: string, more?: string) => {
    tell(text, more);
    void queries.invalidateQueries();
    onClose();
  };
  // The same key twice is the same deed; what was refused is another one when it is tried again.
  const refused = (error: Error) => {
    if (!(error instanceof ApiProblem && error.isPassing)) setKey(newKey());
  };
  const act = useMutation({
    mutationFn: () => deed.act(key, body),
    onSuccess: (answer) => {
      done(deed.done ?? "Done", deed.title);
      deed.after?.(answer);
    },
    onError: refused,
  });
  const propose = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/approvals", {
          params: { header: { "Idempotency-Key": key } },
          body: { request, reason },
        }),
      ),
    onSuccess: () => done("Proposed", "It waits under Approvals for another operator."),
    onError: refused,
  });
  const problems = problemsOf(preview.error ?? act.error, asks, (path) => deed.field?.(path, values));
  const change = (name: string, value: string) => {
    setValues({ ...values, [name]: value });
    setIsShown(false);
    act.reset();
  };
  const hasPreview = deed.what !== undefined;
  const needsTwo = preview.data?.needs_approval ?? false;
  const isRefused = Boolean(preview.data?.refused);
  const isKnown = !hasPreview || (preview.data !== undefined && !isRefused);
  const isMissing = asks.some((each) => !each.optional && !(values[each.name] ?? "").trim());
  const show = (event: FormEvent) => {
    event.preventDefault();
    setIsShown(true);
  };
  return (
    <Dialog open onClose={onClose} title={deed.title} note={deed.note} wide={hasPreview || asks.length > 6}>
      {asks.length > 0 && (
        <form className="flex flex-col gap-3" onSubmit={show} noValidate>
          <Fields asks={asks} values={values} problems={problems} onChange={change} />
          {deed.more && (
            <Button
              size="small"
              className="self-start"
              onClick={() => {
                setTurns(turns + 1);
                setIsShown(false);
              }}
            >
              {deed.more.verb}
            </Button>
          )}
          {!isShown && (
            <div className="mt-1 flex justify-end gap-2">
              <Button onClick={onClose}>Leave it</Button>
              <Button type="submit" tone="primary" disabled={isMissing || !(deed.isReady?.(values) ?? true)}>
                {hasPreview ? "Show what it does" : "Go on"}
              </Button>
            </div>
          )}
        </form>
      )}
      {isShown && (
        <div className={asks.length > 0 ? "mt-4 border-t border-line pt-3" : ""}>
          {hasPreview &&
            (preview.data ? (
              <PreviewShown preview={preview.data} />
            ) : preview.error ? (
              Object.keys(problems).length === 0 && (
                <Failed error={preview.error} retry={() => preview.refetch()} />
              )
            ) : (
              <Loading rows={3} label="It is being worked out" />
            ))}
          {hasPreview && isKnown && (
            <Field
              className="mt-3"
              label={
                needsTwo ? "Reason, for the second operator" : "Reason, if a second operator is to decide"
              }
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              required={needsTwo}
              maxLength={500}
              hint={
                needsTwo
                  ? "This house wants two operators for it: it is proposed, and not yet done."
                  : undefined
              }
            />
          )}
          {(act.error ?? propose.error) && Object.keys(problems).length === 0 && (
            <div className="mt-3">
              <Failed error={act.error ?? propose.error} />
            </div>
          )}
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <Button onClick={onClose}>Leave it</Button>
            {hasPreview && isKnown && (
              <Button
                tone={needsTwo ? "primary" : "plain"}
                busy={propose.isPending}
                disabled={!reason.trim()}
                onClick={() => propose.mutate()}
              >
                Propose it
              </Button>
            )}
            {!needsTwo && (
              <Button
                tone={deed.isHarmless ? "primary" : "danger"}
                busy={act.isPending}
                disabled={!isKnown}
                onClick={() => act.mutate()}
              >
                {deed.verb}
              </Button>
            )}
          </div>
        </div>
      )}
    </Dialog>
  );
}

export function Fields({
  asks,
  values,
  problems,
  onChange,
}: {
  asks: readonly Asked[];
  values: Values;
  problems: Readonly<Record<string, string>>;
  onChange: (name: string, value: string) => void;
}) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {asks.map((each) => (
        <div key={each.name} className={each.group || asks.length < 3 ? "contents" : "min-w-0"}>
          {each.group && <h3 className="text-sm font-medium sm:col-span-2">{each.group}</h3>}
          <div className={asks.length < 3 ? "sm:col-span-2" : "min-w-0"}>
            <One
              asked={each}
              value={values[each.name] ?? ""}
              problem={problems[each.name]}
              onChange={(value) => onChange(each.name, value)}
            />
          </div>
        </div>
      ))}
    </div>
  );
}

function One({
  asked,
  value,
  problem,
  onChange,
}: {
  asked: Asked;
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}) {
  const label = asked.optional && asked.kind !== "choice" ? `${asked.label} (optional)` : asked.label;
  const common = { label, value, problem, hint: asked.hint, required: !asked.optional };
  if (asked.kind === "choice")
    return (
      <Select {...common} options={asked.options ?? []} onChange={(event) => onChange(event.target.value)} />
    );
  const set = (event: { target: { value: string } }) => onChange(event.target.value);
  if (asked.kind === "money") return <AmountField {...common} unit={asked.unit} onChange={set} />;
  if (asked.kind === "moment") return <Field {...common} type="datetime-local" step={1} onChange={set} />;
  return (
    <Field
      {...common}
      unit={asked.kind === "percent" ? "%" : asked.unit}
      inputMode={asked.kind ? INPUTS[asked.kind] : undefined}
      onChange={set}
    />
  );
}

/** Return what is wrong with which of the fields that were asked; the server names them from the request's root. */
export function problemsOf(
  error: unknown,
  asks: readonly Asked[],
  field: (path: string) => string | undefined = () => undefined,
): Readonly<Record<string, string>> {
  if (!(error instanceof ApiProblem)) return {};
  const found: Record<string, string> = {};
  for (const [path, message] of Object.entries(error.fields)) {
    const parts = path.split(/[.[\]]+/);
    const name = field(path);
    const asked = asks.find((each) => (name === undefined ? parts.includes(each.name) : each.name === name));
    if (asked) found[asked.name] = message;
  }
  return found;
}
