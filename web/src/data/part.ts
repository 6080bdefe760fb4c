/** Parts of the app that are loaded when they are needed. */

const PAUSE_MS = 1_000;

/**
 * Load a part. While the server cannot be reached this waits, and whoever went to a page comes there once it can. If the
 * server answers and the part is not there, it fails: an upgrade has replaced it, and the page has to be loaded anew.
 */
export async function part<Module>(load: () => Promise<Module>): Promise<Module> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await isServerThere()) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
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
