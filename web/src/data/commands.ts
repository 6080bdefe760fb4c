/** Telling the house to do something. It goes under a key, so that sending it again never does it twice. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { newKey } from "@/api/client";
import { ApiProblem } from "@/api/problem";

/**
 * `send` asks for what is `given` under a key. The key stays while an answer is outstanding or can still come, so whoever
 * presses again asks for the same thing; once the house has done it or refused it, pressing again means another one.
 * `change` says that something else is meant now: what went wrong with the thing before is no longer shown.
 */
export function useCommand<Given, Answer>({
  send,
  done,
  failed,
}: {
  readonly send: (given: Given, key: string) => Promise<Answer>;
  readonly done: (answer: Answer, given: Given) => unknown;
  readonly failed?: (problem: Error) => unknown;
}) {
  const [key, setKey] = useState(newKey);
  const { mutate, reset, isPending, error } = useMutation({
    mutationFn: (given: Given) => send(given, key),
    onSuccess: (answer, given) => {
      setKey(newKey());
      return done(answer, given);
    },
    onError: (problem: Error) => {
      if (problem instanceof ApiProblem && !problem.isPassing) setKey(newKey());
      failed?.(problem);
    },
  });
  const change = () => {
    setKey(newKey());
    reset();
  };
  return {
    send: mutate,
    change,
    isPending,
    error,
    problem: error instanceof ApiProblem ? error : undefined,
  };
}
