/** Where a slip stands: beside the page on a desk, and on a phone in a sheet that a bar at the bottom opens. */
import { ChevronUp } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useIsWide } from "./media";
import { Dialog } from "./overlay";

/**
 * `asked` is what is in the slip, `undefined` for nothing. Where the sheet `opensItself` it does so when that changes; else
 * whoever picks several selections is not interrupted.
 */
export function SlipPlace({
  label,
  asked,
  opensItself = false,
  children,
}: {
  label: string;
  asked: string | undefined;
  opensItself?: boolean;
  children: ReactNode;
}) {
  const isWide = useIsWide();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    if (asked === undefined) setIsOpen(false);
    else if (opensItself) setIsOpen(true);
  }, [asked, opensItself]);
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
