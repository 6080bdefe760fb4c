import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { IconButton } from "./button";

/** A dialog that asks or shows one thing. Escape, the cross and a click beside it close it. */
export function Dialog({
  open,
  onClose,
  title,
  note,
  children,
  wide = false,
  focusAfter,
}: {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  note?: ReactNode;
  children: ReactNode;
  wide?: boolean;
  /** What has the focus once it is closed; else what had it before. */
  focusAfter?: RefObject<HTMLElement | null>;
}) {
  return (
    <Base.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-ink/40 dark:bg-sunken/75" />
        <Base.Popup
          {...(focusAfter && { finalFocus: focusAfter })}
          className={`fixed z-50 inset-x-0 bottom-0 max-h-[92dvh] overflow-y-auto rounded-t-lg border border-line bg-raised p-4 shadow-raised
            sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-[10vh] sm:max-h-[80vh] sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:rounded-lg
            ${wide ? "sm:max-w-3xl" : "sm:max-w-md"}`}
        >
          <div className="mb-3 flex items-start justify-between gap-3">
            <div>
              <Base.Title className="text-md font-semibold">{title}</Base.Title>
              {note && <Base.Description className="text-xs text-ink-soft">{note}</Base.Description>}
            </div>
            <Base.Close render={<IconButton label="Close this dialog" size="small" />}>
              <X size={16} aria-hidden="true" />
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
