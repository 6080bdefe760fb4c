import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./button";

const manager = Toast.createToastManager();

/** Tell what has just happened, for some seconds, also to those who hear the page. */
export function tell(title: string, description?: string, tone: "good" | "bad" = "good"): void {
  manager.add({ title, description: description ?? "", type: tone, timeout: tone === "bad" ? 9_000 : 5_000 });
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-3 bottom-18 z-60 flex flex-col gap-2 sm:inset-x-auto sm:end-4 sm:bottom-4 sm:w-90">
          <Shown />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Shown() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={`rounded-md border bg-raised p-3 shadow-raised ${toast.type === "bad" ? "border-danger" : "border-line-strong"}`}
    >
      <Toast.Content className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <Toast.Title className={`text-sm font-medium ${toast.type === "bad" ? "text-danger" : ""}`} />
          <Toast.Description className="text-xs text-ink-soft break-words" />
        </div>
        <Toast.Close render={<IconButton label="Dismiss" size="small" />}>
          <X size={14} aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
