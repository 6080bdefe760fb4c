import { getRouteApi, Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiProblem, useCanUsePasskeys, useConfig, useLogIn, useLogInByPasskey, useOnward } from "@/data";
import { Button, Failed, Field, PageHead, Panel } from "@/ui";
import { DemoEntrance } from "./demo-entrance";
import { localPath } from "./local-path";

const route = getRouteApi("/login");

export function LoginPage() {
  const { to } = route.useSearch();
  const { demo, name } = useConfig();
  const onward = useOnward();
  const logIn = useLogIn();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const problem = logIn.error instanceof ApiProblem ? logIn.error : undefined;
  const needsCode = problem?.code === "second_factor_required" || code !== "";

  const canUsePasskeys = useCanUsePasskeys();
  const byPasskey = useLogInByPasskey();
  const enter = () => onward(() => ({ to: localPath(to), replace: true }));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate({ login, password, ...(code ? { code } : {}) }, { onSuccess: enter() });
  };

  return (
    <div className="mx-auto max-w-sm">
      <PageHead title={`Log in to ${name}`} />
      {demo && <DemoEntrance to={to} />}
      <Panel>
        <form onSubmit={submit} className="flex flex-col gap-3">
          <Field
            label="Username or e-mail"
            value={login}
            onChange={(event) => setLogin(event.target.value)}
            autoComplete="username"
            required
          />
          <Field
            label="Password"
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            required
          />
          {needsCode && (
            <Field
              label="Code of your second factor"
              value={code}
              onChange={(event) => setCode(event.target.value)}
              inputMode="numeric"
              autoComplete="one-time-code"
              hint="Six digits from your app, or one of your recovery codes."
            />
          )}
          {problem && !(problem.code === "second_factor_required" && code === "") && (
            <Failed error={problem} />
          )}
          <Button type="submit" tone="primary" size="large" busy={logIn.isPending}>
            Log in
          </Button>
        </form>
        {canUsePasskeys && (
          <div className="mt-3 flex flex-col gap-2 border-t border-line pt-3">
            {byPasskey.error && <Failed error={byPasskey.error} />}
            <Button
              size="large"
              icon={<KeyRound size={16} aria-hidden="true" />}
              busy={byPasskey.isPending}
              onClick={() => byPasskey.mutate(undefined, { onSuccess: enter() })}
            >
              Log in with a passkey
            </Button>
          </div>
        )}
      </Panel>
      <p className="mt-3 text-center text-sm text-ink-soft">
        No account yet?{" "}
        <Link to="/register" search={to ? { to } : {}} className="text-accent underline">
          Join
        </Link>
      </p>
    </div>
  );
}
