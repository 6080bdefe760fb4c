import "@/ui/tokens.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { type AnyRoute, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient, usePreferences } from "@/data";
import { OddsFormatContext, Toasts } from "@/ui";
import { router } from "./router";

function App() {
  const { odds } = usePreferences();
  return (
    <OddsFormatContext value={odds}>
      <Toasts>
        <RouterProvider router={router} />
      </Toasts>
    </OddsFormatContext>
  );
}

// The piece of the page that was gone to is asked for beside what the house says of itself, and not after it.
const routes: Readonly<Record<string, AnyRoute>> = { ...router.routesById };
for (const { routeId } of router.matchRoutes(router.latestLocation)) {
  const route = routes[String(routeId)];
  if (route) void router.loadRouteChunk(route);
}

const place = document.getElementById("app");
if (!place) throw new Error("the page has no place for the app");
createRoot(place).render(
  <StrictMode>
    {/* Styles that components would put into the page are in our own style sheet: the policy allows no others. */}
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
