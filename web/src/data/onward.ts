/** Going on to another page once something is done. */
import { type NavigateOptions, type RegisteredRouter, useRouter } from "@tanstack/react-router";

/**
 * Return a function for the moment at which something is begun: it takes where to go on to, given what came of it, and
 * returns what goes there when that is known. Whoever has gone to another page meanwhile stays there: what they chose
 * last counts.
 */
export function useOnward() {
  const router = useRouter();
  return <Answer>(place: (answer: Answer) => NavigateOptions<RegisteredRouter, string, string>) => {
    const { pathname } = router.latestLocation;
    return async (answer: Answer) => {
      if (router.latestLocation.pathname === pathname) await router.navigate(place(answer));
    };
  };
}
