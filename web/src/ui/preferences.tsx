import { createContext, useContext } from "react";
import type { OddsFormat } from "@/core";

/** How the person likes odds to be shown. The app says so; everything that shows odds asks here. */
export const OddsFormatContext = createContext<OddsFormat>("decimal");

export function useOddsFormat(): OddsFormat {
  return useContext(OddsFormatContext);
}
