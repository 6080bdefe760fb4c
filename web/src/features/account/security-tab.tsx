/** Password, passkeys and second factor. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiProblem, call, http, useConfig } from "@/data";
import { Button, Check, Failed, Field, Panel, tell } from "@/ui";
import { Passkeys } from "./passkeys";
import { SecondFactor } from "./second-factor";

export function SecurityTab() {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <Password />
      <div className="flex min-w-0 flex-col gap-4">
        <Passkeys />
        <SecondFactor />
      </div>
    </div>
  );
}

function Password() {
  const [typed, setTyped] = useState({ current: "", next: "" });
  const [revokes, setRevokes] = useState(false);
  const { limits } = useConfig();
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
          hint={`At least ${limits.password_length_min} characters.`}
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
