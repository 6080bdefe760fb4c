import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiProblem, newKey, useConfig, useOnward, useRegister } from "@/data";
import { Button, Failed, Field, PageHead, Panel } from "@/ui";
import { localPath } from "./local-path";

const route = getRouteApi("/register");

export function RegisterPage() {
  const { to } = route.useSearch();
  const { name, limits } = useConfig();
  const onward = useOnward();
  const register = useRegister();
  const [typed, setTyped] = useState({ username: "", email: "", password: "" });
  // One key for one attempt with these texts: pressed twice, it opens one account.
  const [key, setKey] = useState(newKey);
  const problem = register.error instanceof ApiProblem ? register.error : undefined;
  const wrong = (field: string) => problem?.fields[field];
  const nowhere = problem && Object.keys(problem.fields).every((field) => !(field in typed));

  const change = (changes: Partial<typeof typed>) => {
    setTyped({ ...typed, ...changes });
    setKey(newKey());
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate({ ...typed, key }, { onSuccess: onward(() => ({ to: localPath(to), replace: true })) });
  };

  return (
    <div className="mx-auto max-w-sm">
      <PageHead title={`Join ${name}`} />
      <Panel>
        <form onSubmit={submit} className="flex flex-col gap-3">
          <Field
            label="Username"
            value={typed.username}
            onChange={(event) => change({ username: event.target.value })}
            autoComplete="username"
            hint="Others see it, for example whoever you pay or challenge."
            problem={wrong("username") ?? (problem?.code === "username_taken" ? problem.message : undefined)}
            required
          />
          <Field
            label="E-mail"
            type="email"
            value={typed.email}
            onChange={(event) => change({ email: event.target.value })}
            autoComplete="email"
            problem={wrong("email")}
            required
          />
          <Field
            label="Password"
            type="password"
            value={typed.password}
            onChange={(event) => change({ password: event.target.value })}
            autoComplete="new-password"
            hint={`At least ${limits.password_length_min} characters; a sentence is good.`}
            problem={wrong("password")}
            required
          />
          {nowhere && problem.code !== "username_taken" && <Failed error={problem} />}
          <Button type="submit" tone="primary" size="large" busy={register.isPending}>
            Open an account
          </Button>
        </form>
      </Panel>
      <p className="mt-3 text-center text-sm text-ink-soft">
        Here already?{" "}
        <Link to="/login" search={to ? { to } : {}} className="text-accent underline">
          Log in
        </Link>
      </p>
    </div>
  );
}
