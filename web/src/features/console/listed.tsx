/** A list with its filters above it. */
import { type ReactNode, useState } from "react";
import { Button, Field, Panel } from "@/ui";
import type { Go, Place } from "./places";

export function Listed({
  title,
  filters,
  children,
}: {
  title: string;
  filters?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Panel title={title} flush actions={filters}>
      {children}
    </Panel>
  );
}

/** Words to search a list by; they stand in the address once they are looked for. */
export function SearchField({ place, go, placeholder }: { place: Place; go: Go; placeholder: string }) {
  const [words, setWords] = useState(place.q ?? "");
  const look = (q: string) => {
    const { q: _before, ...rest } = place;
    go(q ? { ...rest, q } : rest);
  };
  return (
    <search>
      <form
        className="flex items-end gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          look(words.trim());
        }}
      >
        <Field
          label="Search"
          hideLabel
          type="search"
          placeholder={placeholder}
          value={words}
          maxLength={200}
          onChange={(event) => {
            setWords(event.target.value);
            if (event.target.value === "") look("");
          }}
        />
        <Button type="submit">Search</Button>
      </form>
    </search>
  );
}

/** What can be done to the thing that the page is about. */
export function Actions({ children }: { children: ReactNode }) {
  return (
    <fieldset className="mb-3 flex min-w-0 flex-wrap gap-2">
      <legend className="sr-only">What can be done</legend>
      {children}
    </fieldset>
  );
}
