/** Return where to go after logging in: a path of this app, whatever the address says. */
export function localPath(to: string | undefined): string {
  return to?.startsWith("/") && !to.startsWith("//") && !to.includes("\\") ? to : "/";
}
