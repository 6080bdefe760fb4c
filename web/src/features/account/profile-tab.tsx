/** What one shows of oneself to others. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { percentOf, readFee } from "@/core";
import { ApiProblem, call, http, type Schemas } from "@/data";
import { Asked, Button, Check, Failed, Field, Panel, Select, tell } from "@/ui";

type Choice = Schemas["ProfileChoice"];
type Visibility = Choice["visibility"];

const VISIBILITIES: readonly (readonly [Visibility, string])[] = [
  ["public", "Everything, single bets too"],
  ["figures", "Figures, without single bets"],
  ["private", "Nothing"],
];

export function ProfileTab() {
  const profile = useQuery({
    queryKey: ["own profile"],
    queryFn: ({ signal }) => call(http.GET("/v1/me/profile", { signal })),
  });
  return (
    <Asked query={profile} rows={5}>
      {(kept) => <Form kept={kept} />}
    </Asked>
  );
}

function Form({ kept }: { kept: Choice }) {
  const [chosen, setChosen] = useState(kept);
  const [fee, setFee] = useState(kept.performance_fee === "0" ? "" : percentOf(kept.performance_fee));
  const typed = readFee(fee);
  const queries = useQueryClient();
  const change = (changes: Partial<Choice>) => setChosen({ ...chosen, ...changes });
  const save = useMutation({
    mutationFn: () =>
      call(
        http.PATCH("/v1/me/profile", {
          body: {
            display_name: chosen.display_name?.trim() || null,
            bio: chosen.bio?.trim() || null,
            visibility: chosen.visibility,
            listed: chosen.listed,
            copyable: chosen.copyable,
            performance_fee: "ratio" in typed ? typed.ratio : "0",
          },
        }),
      ),
    onSuccess: (answer) => {
      queries.setQueryData(["own profile"], answer);
      void queries.invalidateQueries({ queryKey: ["profile"] });
      tell("Kept.", "Others see it at once.");
    },
  });
  const problem = (field: string) =>
    save.error instanceof ApiProblem ? save.error.fields[field] : undefined;
  return (
    <Panel title="What others see of you" className="max-w-xl">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!("wrong" in typed)) save.mutate();
        }}
      >
        <Field
          label="Name"
          maxLength={40}
          placeholder={kept.username}
          value={chosen.display_name ?? ""}
          problem={problem("display_name")}
          onChange={(event) => change({ display_name: event.target.value })}
        />
        <Field
          label="A line about you"
          maxLength={280}
          value={chosen.bio ?? ""}
          problem={problem("bio")}
          onChange={(event) => change({ bio: event.target.value })}
        />
        <Select
          label="Shown of your record"
          value={chosen.visibility}
          onChange={(event) => change({ visibility: event.target.value as Visibility })}
          options={VISIBILITIES}
          hint="With everything, big wins and public challenges of those on the leaderboard are told to all."
        />
        <Check
          label="Be on the leaderboard"
          checked={chosen.listed}
          disabled={chosen.visibility === "private"}
          onChange={(event) => change({ listed: event.target.checked })}
        />
        <Check
          label="Let others copy my bets"
          hint="Within limits of their own, and only what you bet after they began to follow you."
          checked={chosen.copyable}
          onChange={(event) => change({ copyable: event.target.checked })}
        />
        <Field
          label="Your share of what they win"
          unit="%"
          inputMode="decimal"
          autoComplete="off"
          placeholder="0"
          value={fee}
          problem={"wrong" in typed ? typed.wrong : problem("performance_fee")}
          hint="Of the net profit of all copies together, above the most it has been. Who follows you already keeps the share they agreed to."
          disabled={!chosen.copyable}
          onChange={(event) => setFee(event.target.value)}
        />
        {save.error && <Failed error={save.error} />}
        <div className="flex items-center gap-4">
          <Button type="submit" tone="primary" busy={save.isPending}>
            Keep
          </Button>
          <Link
            to="/people/$username"
            params={{ username: kept.username }}
            className="text-sm text-accent underline"
          >
            See it as others do
          </Link>
        </div>
      </form>
    </Panel>
  );
}
