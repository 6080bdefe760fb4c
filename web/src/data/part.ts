/** Parts of the app that are loaded when they are needed. */

const PAUSE_MS = 1_000;
const KEY = "evens.reloaded-at";
const ONCE_IN_MS = 20_000;

/**
 * Load a part. While the server cannot be reached this waits, and whoever went to a page comes there once it can. If the
 * server answers and the part is not there, an upgrade has replaced it: the page is loaded anew and names the new parts. That
 * is done once, since a part that is missing from the new app too must not loop.
 */
export async function part<Module>(load: () => Promise<Module>): Promise<Module> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (!(await isServerThere())) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      else if (reloadOnce()) await new Promise(() => {});
      else throw error;
    }
  }
}

async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

function reloadOnce(): boolean {
  const last = Number(sessionStorage.getItem(KEY) ?? 0);
  if (Date.now() - last < ONCE_IN_MS) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  location.reload();
  return true;
}
