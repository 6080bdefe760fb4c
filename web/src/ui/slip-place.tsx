/** Where a slip stands: beside the page on a desk, and on a phone in a sheet that a bar at the bottom opens. */
import { ChevronUp } from "lucide-react";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { Dialog } from "./overlay";

const wide = matchMedia("(min-width: 1120px)");

function useIsWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      wide.addEventListener("change", changed);
      return () => wide.removeEventListener("change", changed);
    },
    () => wide.matches,
  );
}

/** `asked` changes when something is put into the slip: on a phone the sheet opens then. Nothing in it is `undefined`. */
export function SlipPlace({
  label,
  asked,
  children,
}: {
  label: string;
  asked: string | undefined;
  children: ReactNode;
}) {
  const isWide = useIsWide();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => setIsOpen(asked !== undefined), [asked]);
  if (isWide) return <div className="sticky top-12">{children}</div>;
  if (asked === undefined) return null;
  return (
    <>
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        className="fixed inset-x-0 bottom-14 z-30 flex h-11 items-center justify-center gap-2 bg-accent text-sm font-medium text-on-accent md:bottom-0"
      >
        <ChevronUp size={16} aria-hidden="true" />
        {label}
      </button>
      <Dialog open={isOpen} onClose={() => setIsOpen(false)} title={label}>
        {children}
      </Dialog>
    </>
  );
}
