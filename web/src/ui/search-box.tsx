import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Field } from "./field";

const PAUSE_MS = 200;

/** Search by words: what is typed is asked for when whoever types pauses. `words` is what is asked for now. */
export function SearchBox({
  label,
  words,
  search,
  className,
}: {
  label: string;
  words: string;
  search: (words: string) => void;
  className?: string;
}) {
  const [typed, setTyped] = useState(words);
  const [asked, setAsked] = useState(words);
  const [seen, setSeen] = useState(words);
  if (words !== seen) {
    setSeen(words);
    // Somebody went back, or pressed a link: then the address says what is searched for.
    if (words !== asked) {
      setAsked(words);
      setTyped(words);
    }
  }
  useEffect(() => {
    if (typed === asked) return;
    const timer = setTimeout(() => {
      setAsked(typed);
      search(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, asked, search]);
  return (
    <search className={`relative ${className ?? "max-w-md"}`}>
      <Search
        size={16}
        aria-hidden="true"
        className="pointer-events-none absolute start-3 top-1/2 z-10 -translate-y-1/2 text-ink-faint"
      />
      <Field
        label={label}
        hideLabel
        placeholder={label}
        type="search"
        className="[&_input]:ps-9"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </search>
  );
}
