import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { useShownIn } from "./strip";

export interface Tab {
  readonly key: string;
  readonly label: ReactNode;
  readonly content: ReactNode;
}

/** Contents of which one is shown. `value` and `onChange` keep the choice elsewhere, such as in the address. */
export function Tabs({
  tabs,
  value,
  onChange,
}: {
  tabs: readonly Tab[];
  value: string;
  onChange: (key: string) => void;
}) {
  const list = useShownIn<HTMLDivElement>("[data-active]", value);
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(String(next))}>
      <Base.List ref={list} className="flex gap-1 overflow-x-auto border-b border-line" activateOnFocus>
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.key}
            value={tab.key}
            className="target -mb-px border-b-2 border-transparent px-3 py-1.5 text-sm text-ink-soft whitespace-nowrap hover:text-ink data-[active]:border-accent data-[active]:font-medium data-[active]:text-ink"
          >
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.key} value={tab.key} className="pt-3 outline-none">
          {tab.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
