/**
 * After an upgrade of the server the parts of an older page are gone. Whoever goes to a page that was not loaded yet gets
 * the new app then: the page is loaded anew, once, since a part that is missing from the new app too must not loop.
 */
const KEY = "evens.reloaded-at";
const ONCE_IN_MS = 20_000;

export function watchForUpgrades(): void {
  addEventListener("vite:preloadError", (event) => {
    if (reloadOnce()) event.preventDefault();
  });
}

export function reloadOnce(): boolean {
  const last = Number(sessionStorage.getItem(KEY) ?? 0);
  if (Date.now() - last < ONCE_IN_MS) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  location.reload();
  return true;
}
