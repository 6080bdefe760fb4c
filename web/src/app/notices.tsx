/** What stands above every page: that this is a demo, and whether what is shown is live. */
import { useEffect, useRef, useState } from "react";
import { type ConnectionState, queryClient, useConfig, useConnectionState } from "@/data";
import { DemoBar } from "./demo-bar";

/** A connection that comes back at once is nothing to frighten anybody with. */
const PATIENCE_MS = 1_200;
const WELCOME_MS = 3_000;

export function Notices() {
  const { demo } = useConfig();
  return (
    <div className="sticky top-0 z-30">
      {demo && <DemoBar />}
      <Connection />
    </div>
  );
}

/**
 * It lies over the page and does not push it: nothing jumps when a connection is lost, or is there again. What is under it
 * can be pressed, and on a phone it stands above the foot, where it hides neither one's money nor the bell.
 */
function Connection() {
  const notice = useNotice(useConnectionState());
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-0 top-full z-30 flex justify-center max-md:fixed max-md:top-auto max-md:bottom-[calc(6.75rem+env(safe-area-inset-bottom))]"
    >
      {notice && (
        <p
          className={`mt-1 rounded-full border px-4 py-1 text-xs font-medium shadow-raised ${
            notice === "lost"
              ? "border-warn bg-warn-soft text-warn"
              : "border-accent bg-accent-soft text-accent"
          }`}
        >
          {notice === "lost"
            ? "Reconnecting: what you see may be old."
            : "Connected again: everything is up to date."}
        </p>
      )}
    </div>
  );
}

/** Return what is to be said of the connection. When it is there again, what was asked before it was lost is asked anew. */
function useNotice(state: ConnectionState): "lost" | "again" | undefined {
  const [notice, setNotice] = useState<"lost" | "again">();
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === "lost") {
      wasLost.current = true;
      const timer = setTimeout(() => setNotice("lost"), PATIENCE_MS);
      return () => clearTimeout(timer);
    }
    if (state !== "live" || !wasLost.current) return;
    wasLost.current = false;
    void queryClient.invalidateQueries();
    setNotice((before) => before && "again");
    const timer = setTimeout(() => setNotice(undefined), WELCOME_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return notice;
}
