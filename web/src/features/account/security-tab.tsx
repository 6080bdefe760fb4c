/** Password, passkeys and second factor. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { counted } from "@/core";
import { ApiProblem, call, http } from "@/data";
import { Asked, Badge, Button, Check, CopyText, Failed, Field, Panel, QrCode, tell } from "@/ui";
import { Passkeys } from "./passkeys";

export function SecurityTab() {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Password />
      <div className="flex flex-col gap-4">
        <Passkeys />
        <SecondFactor />
      </div>
    </div>
  );
}

function Password() {
  const [typed, setTyped] = useState({ current: "", next: "" });
  const [revokes, setRevokes] = useState(false);
  const change = useMutation({
    mutationFn: () =>
      call(
        http.POST("/v1/auth/password", {
          body: { current: typed.current, new: typed.next, revoke_api_keys: revokes },
        }),
      ),
    onSuccess: () => {
      tell("The password is changed", "You are logged out everywhere else.");
      setTyped({ current: "", next: "" });
    },
  });
  const problem = change.error instanceof ApiProblem ? change.error : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Panel title="Password">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field
          label="The present one"
          type="password"
          autoComplete="current-password"
          required
          value={typed.current}
          onChange={(event) => setTyped({ ...typed, current: event.target.value })}
          problem={problem?.fields["current"]}
        />
        <Field
          label="The new one"
          type="password"
          autoComplete="new-password"
          required
          value={typed.next}
          onChange={(event) => setTyped({ ...typed, next: event.target.value })}
          problem={problem?.fields["new"]}
        />
        <Check
          label="End my API keys, too"
          checked={revokes}
          onChange={(event) => setRevokes(event.target.checked)}
        />
        {problem && Object.keys(problem.fields).length === 0 && <Failed error={problem} />}
        <Button type="submit" tone="primary" busy={change.isPending}>
          Change it
        </Button>
      </form>
    </Panel>
  );
}

function SecondFactor() {
  const state = useQuery({
    queryKey: ["totp"],
    queryFn: ({ signal }) => call(http.GET("/v1/me/totp", { signal })),
  });
  return (
    <Panel
      title="Second factor"
      actions={state.data && (state.data.enabled ? <Badge tone="good">On</Badge> : <Badge>Off</Badge>)}
    >
      <Asked query={state} rows={2}>
        {(found) => (found.enabled ? <TurnOff left={found.recovery_codes_left} /> : <TurnOn />)}
      </Asked>
    </Panel>
  );
}

function TurnOn() {
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const propose = useMutation({ mutationFn: () => call(http.POST("/v1/me/totp")) });
  const confirm = useMutation({
    mutationFn: () => call(http.POST("/v1/me/totp/confirm", { body: { code } })),
    onSuccess: () => tell("The second factor is on"),
  });
  if (confirm.data) {
    return (
      <div className="flex flex-col gap-3">
        <p className="text-sm">
          Keep these codes where you find them without your phone. Each lets you in once.
        </p>
        <ul className="grid grid-cols-2 gap-1 rounded-md bg-sunken p-3 text-sm tabular-nums">
          {confirm.data.recovery_codes.map((each) => (
            <li key={each}>
              <code>{each}</code>
            </li>
          ))}
        </ul>
        <CopyText text={confirm.data.recovery_codes.join("\n")} label="Copy all" />
        <Button tone="primary" onClick={() => void queries.invalidateQueries({ queryKey: ["totp"] })}>
          I have them
        </Button>
      </div>
    );
  }
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
