/** The second factor: setting it up with an app, the recovery codes that are shown once, and turning it off. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { counted } from "@/core";
import { call, http } from "@/data";
import { Asked, Badge, Button, CopyButton, CopyText, Dialog, Failed, Field, Panel, QrCode, tell } from "@/ui";

export function SecondFactor() {
  const queries = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>();
  const state = useQuery({
    queryKey: ["totp"],
    queryFn: ({ signal }) => call(http.GET("/v1/me/totp", { signal })),
  });
  const turnedOn = (recovery: readonly string[]) => {
    setCodes(recovery);
    void queries.invalidateQueries({ queryKey: ["totp"] });
  };
  const isOn = codes !== undefined || state.data?.enabled;
  return (
    <Panel
      title="Second factor"
      actions={state.data && (isOn ? <Badge tone="good">On</Badge> : <Badge>Off</Badge>)}
    >
      {codes ? (
        <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />
      ) : (
        <Asked query={state} rows={2}>
          {(found) =>
            found.enabled ? <TurnOff left={found.recovery_codes_left} /> : <TurnOn onDone={turnedOn} />
          }
        </Asked>
      )}
    </Panel>
  );
}

/** Codes that are shown once: whoever goes elsewhere before they say that they have them is asked first. */
function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  const leaving = useBlocker({ shouldBlockFn: () => true, enableBeforeUnload: true, withResolver: true });
  return (
    <div className="flex flex-col items-start gap-3">
      <p role="status" className="text-sm font-medium">
        The second factor is on
      </p>
      <p className="text-sm">
        Keep these codes where you find them without your phone. Each lets you in once. They are shown now and
        never again.
      </p>
      <ul
        ref={list}
        tabIndex={-1}
        className="grid w-full grid-cols-[repeat(auto-fill,minmax(min(16rem,100%),1fr))] gap-1 rounded-md bg-sunken p-3 text-sm tabular-nums"
      >
        {codes.map((each) => (
          <li key={each}>
            <code className="break-all">{each}</code>
          </li>
        ))}
      </ul>
      <CopyButton text={codes.join("\n")} label="Copy all" />
      <Button tone="primary" className="w-full" onClick={onKept}>
        I have them
      </Button>
      <Dialog
        open={leaving.status === "blocked"}
        onClose={() => leaving.reset?.()}
        // Not what was pressed: a tab that has the focus is chosen, and one would be asked again.
        focusAfter={list}
        title="Do you have the recovery codes?"
        note="They are not shown again. Without them and without your phone you do not get in."
      >
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => leaving.proceed?.()}>Leave without them</Button>
          <Button tone="primary" onClick={() => leaving.reset?.()}>
            Show them again
          </Button>
        </div>
      </Dialog>
    </div>
  );
}

function TurnOn({ onDone }: { onDone: (recovery: readonly string[]) => void }) {
  const [code, setCode] = useState("");
  const propose = useMutation({ mutationFn: () => call(http.POST("/v1/me/totp")) });
  const confirm = useMutation({
    mutationFn: () => call(http.POST("/v1/me/totp/confirm", { body: { code } })),
    onSuccess: (found) => onDone(found.recovery_codes),
  });
  if (!propose.data) {
    return (
      <div className="flex flex-col items-start gap-3">
        <p className="text-sm text-ink-soft">
          A code from an app on your phone, besides the password: whoever learns the password does not get in.
        </p>
        {propose.error && <Failed error={propose.error} />}
        <Button tone="primary" busy={propose.isPending} onClick={() => propose.mutate()}>
          Turn it on
        </Button>
      </div>
    );
  }
  return (
    <form
      className="flex flex-col items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <p className="text-sm">
        Scan this with your app, or type the secret, then type the code that it shows.
      </p>
      <QrCode text={propose.data.uri} label="QR code for an authenticator app" />
      <CopyText text={propose.data.secret} />
      <Field
        label="Code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      {confirm.error && <Failed error={confirm.error} />}
      <Button type="submit" tone="primary" busy={confirm.isPending}>
        Confirm
      </Button>
    </form>
  );
}

function TurnOff({ left }: { left: number }) {
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const remove = useMutation({
    mutationFn: () => call(http.DELETE("/v1/me/totp", { body: { code } })),
    onSuccess: () => {
      tell("The second factor is off");
      void queries.invalidateQueries({ queryKey: ["totp"] });
    },
  });
  return (
    <form
      className="flex flex-col items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate();
      }}
    >
      <p className="text-sm text-ink-soft">{counted(left, "recovery code is", "recovery codes are")} left.</p>
      <Field
        label="Code, to turn it off"
        inputMode="numeric"
        required
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      {remove.error && <Failed error={remove.error} />}
      <Button type="submit" tone="danger" busy={remove.isPending}>
        Turn it off
      </Button>
    </form>
  );
}
